import { Refused } from './answer.ts';
import { checkOpen } from './fields.ts';
import { released } from './payments.ts';
import type { Business, Row } from './world.ts';

/** DELETE: invoices and credit notes stay and are void, for a reason; all else is gone. Answers what changed. */
export function removeRow(business: Business, row: Row, reason: string, now: number): Row[] {
  checkOpen(business, row.date);
  const isVoided = row.resource === 'sales_invoices' || row.resource === 'sales_credit_notes';
  if (isVoided && row.state === 'void') throw new Refused('This has been voided before.');
  if (isVoided && row.state !== 'draft' && reason === '') throw new Refused('This field is required.', 'void_reason');
  if (row.applied.length > 0) throw new Refused('It has been paid or allocated and cannot be voided or deleted.');
  const state = isVoided && row.state !== 'draft' ? 'void' : 'deleted';
  const body = isVoided ? { ...row.body, void_reason: reason } : row.body;
  return [{ ...row, state, body, updatedAt: now }, ...released(business, row, now)];
}
