export * from './canonical-json.ts';
export * from './chart.ts';
export * from './currency.ts';
export * from './documents.ts';
export * from './domain-error.ts';
export * from './events.ts';
export * from './journal-entry.ts';
export * from './money.ts';
