import { parse } from 'lossless-json';
import type { Api } from '../../kit/contract.ts';
import { type Booked, bookedIn } from './answer.ts';
import { exchange, jsonOf, recordIn, requestIdOf } from './client.ts';
import { type Entity, NAMES } from './entities.ts';
import { type Attempt, faultOf } from './errors.ts';
import { toJson } from './wire.ts';

/** A record as it stands now, with the raw text of it; null when there is none (610). Throws for any other answer. */
export async function read(
  entity: Entity,
  id: string,
  what: string,
  api: Api,
): Promise<{ found: Booked; text: string } | null> {
  const attempt: Attempt = { what, writes: false };
  const path = `/${entity}/${encodeURIComponent(id)}`;
  const response = await exchange(api, { ...attempt, method: 'GET', path });
  if (faultOf(response)?.code === '610') return null;
  const fields = recordIn(jsonOf(response, attempt), NAMES[entity], attempt);
  if (fields.status === 'Deleted') return null;
  return { found: bookedIn(fields, attempt), text: response.text };
}

/** Deletes a record in the version that was read. Throws what the provider refuses. */
export async function remove(entity: Entity, found: Booked, attempt: Attempt, api: Api, text?: string): Promise<void> {
  const whole = entity === 'transfer' && text !== undefined ? wholeIn(text, entity) : undefined;
  await change(entity, found, '?operation=delete', whole ?? minimal(found), attempt, api);
}

/**
 * Voids a record: it stays with zero amounts. Payments and sales receipts are voided by an update
 * (developer.intuit.com, Payment, SalesReceipt).
 */
export async function nullify(entity: Entity, found: Booked, attempt: Attempt, api: Api): Promise<void> {
  const isInvoice = entity === 'invoice';
  const path = isInvoice ? '?operation=void' : '?operation=update&include=void';
  const body = isInvoice ? minimal(found) : { ...minimal(found), sparse: true };
  await change(entity, found, path, body, attempt, api);
}

async function change(
  entity: Entity,
  { Id, SyncToken }: Booked,
  query: string,
  body: object,
  attempt: Attempt,
  api: Api,
): Promise<void> {
  // Each attempt is a request of its own: the record was read just before, and a refusal that was mended meanwhile
  // would be answered again for the same id.
  const requestId = requestIdOf(`${query}:${entity}:${Id}:${SyncToken}:${api.now().getTime()}`);
  const call = { ...attempt, method: 'POST' as const, path: `/${entity}${query}`, body: toJson(body), requestId };
  const response = await exchange(api, call);
  // Somebody was faster: it is gone, which is what was wanted.
  if (faultOf(response)?.code === '610') return;
  recordIn(jsonOf(response, attempt), NAMES[entity], attempt);
}

function minimal({ Id, SyncToken }: Booked): { Id: string; SyncToken: string } {
  return { Id, SyncToken: SyncToken ?? '0' };
}

/** Transfers are deleted by sending all of what was read (developer.intuit.com, Transfer); numbers as they came. */
function wholeIn(text: string, entity: Entity): object | undefined {
  const record = (parse(text) as Record<string, unknown> | null)?.[NAMES[entity]];
  return typeof record === 'object' && record !== null ? record : undefined;
}
