import { abs } from '../money.ts';

/** States of an invoice (accounting.md E2); `overdue` is a question of the day and no state. */
export type InvoiceState = 'open' | 'partially_settled' | 'paid' | 'credited' | 'written_off' | 'reversed';

/** What the state of an item follows from; amounts in its currency, minor units. */
export interface Settled {
  amountTc: bigint;
  openTc: bigint;
  isReversed: boolean;
  /** Parts settled by credit notes, and by write-offs, above zero. */
  credited: bigint;
  writtenOff: bigint;
}

/**
 * State of an item from what is open and what settled it; never stored. A closed item is named after what settled the
 * greatest part of it: a cent written off does not make a paid invoice a bad debt.
 */
export function invoiceState({ amountTc, openTc, isReversed, credited, writtenOff }: Settled): InvoiceState {
  if (isReversed) return 'reversed';
  if (openTc === amountTc && amountTc !== 0n) return 'open';
  if (openTc !== 0n) return 'partially_settled';
  const paid = abs(amountTc) - credited - writtenOff;
  if (paid >= credited && paid >= writtenOff) return 'paid';
  return credited >= writtenOff ? 'credited' : 'written_off';
}

/** Ageing buckets (accounting.md E7), the mildest first. */
export const BUCKETS = ['not_due', '1_30', '31_60', '61_90', 'over_90'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Whole days that a due date lies before a day; 0 when it is not past. Both YYYY-MM-DD. */
export function daysOverdue(dueDate: string, on: string): number {
  return Math.max(0, Math.round((Date.parse(on) - Date.parse(dueDate)) / 86_400_000));
}

/** Bucket of so many days overdue. */
export function bucketOf(days: number): Bucket {
  if (days <= 0) return 'not_due';
  if (days <= 30) return '1_30';
  if (days <= 60) return '31_60';
  return days <= 90 ? '61_90' : 'over_90';
}
