export * from './companies.ts';
export * from './connections.ts';
export * from './documents.ts';
export * from './inbox.ts';
export * from './summaries.ts';
