import type { Api } from '../../kit/contract.ts';
import { type Call, exchange } from './client.ts';
import { type Attempt, failure } from './errors.ts';
import type { Resource } from './resources.ts';

/** What stands in the provider's list of voided documents. */
const REASON = 'Taken out by Daybook';

/**
 * Deletes a record; invoices and credit notes are void afterwards, for which a reason is wanted. One that is gone
 * already is what was wanted. Throws what the provider refuses.
 */
export async function deleteRecord(resource: Resource, id: string, attempt: Attempt, api: Api): Promise<void> {
  const isVoided = resource === 'sales_invoices' || resource === 'sales_credit_notes';
  const reason = isVoided ? `?${new URLSearchParams({ void_reason: REASON })}` : '';
  const call: Call = { ...attempt, method: 'DELETE', path: `/${resource}/${encodeURIComponent(id)}${reason}` };
  const response = await exchange(api, call);
  if (response.status === 404 || (response.status >= 200 && response.status < 300)) return;
  throw failure(response, attempt);
}
