import { createHash } from 'node:crypto';
import { z } from 'zod';
import { clean } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, RemoteAccount } from '../../kit/contract.ts';
import { type Call, callJson, conditions, recordIn, requestIdOf, select } from './client.ts';
import { unreadable } from './errors.ts';
import { toJson } from './wire.ts';

/** Longest Name of a product (developer.intuit.com, Item). */
const MAX_NAME = 100;

const item = z.object({
  Id: z.string(),
  Name: z.string(),
  Type: z.string().nullish(),
  Active: z.boolean().nullish(),
  IncomeAccountRef: z.object({ value: z.string() }).nullish(),
});

/**
 * The service through which sales reach an account: "Daybook 4000 Sales". An active service of that name that still
 * posts to the account is taken, else one is made; where the name is somebody else's, with the account's id behind it.
 * Answers its Id. Throws ConnectorError `rejected` where the provider takes no product for the account.
 */
export async function ensureItem(account: RemoteAccount, api: Api): Promise<string> {
  const names = namesFor(account);
  const found = await lookUp(names, account, api);
  if (found !== null) return found;
  for (const [index, name] of names.entries()) {
    try {
      return await create(name, account, api);
    } catch (error) {
      const isTaken = error instanceof ConnectorError && error.code === 'BOOKS_CONTACT_NAME_TAKEN';
      if (!isTaken || index === names.length - 1) throw error;
      // The lost answer of an earlier attempt may have made it.
      const made = await lookUp(names, account, api);
      if (made !== null) return made;
    }
  }
  throw new Error('Unreachable: the last name is made or its refusal is thrown.');
}

/** Names of products hold no colon, tab or line break. */
function namesFor({ code, name, remoteId }: RemoteAccount): string[] {
  const label = code === remoteId ? name : `${code} ${name}`;
  const base = `Daybook ${label.replaceAll(/[\s:]+/g, ' ')}`;
  const suffix = ` (${remoteId})`;
  return [clean(base, MAX_NAME), `${clean(base, MAX_NAME - suffix.length)}${suffix}`];
}

async function lookUp(names: readonly string[], account: RemoteAccount, api: Api): Promise<string | null> {
  const rows = [];
  for (const condition of conditions('Name', names))
    rows.push(...(await select(api, 'Looking products up', 'Item', condition)));
  const parsed = z.array(item).safeParse(rows);
  if (!parsed.success) {
    throw unreadable({ what: 'Looking products up', writes: false }, z.prettifyError(parsed.error), parsed.error);
  }
  const fits = parsed.data.find(
    (each) =>
      each.Active !== false &&
      (each.Type ?? 'Service') === 'Service' &&
      each.IncomeAccountRef?.value === account.remoteId &&
      names.includes(each.Name),
  );
  return fits?.Id ?? null;
}

async function create(name: string, account: RemoteAccount, api: Api): Promise<string> {
  const body = toJson({ Name: name, Type: 'Service', IncomeAccountRef: { value: account.remoteId } });
  const call: Call = {
    what: `Making product ${name}`,
    writes: true,
    method: 'POST',
    path: '/item',
    body,
    requestId: requestIdOf(`item:${createHash('sha256').update(body).digest('hex')}`),
  };
  const made = item.safeParse(recordIn(await callJson(api, call), 'Item', call));
  if (!made.success) throw unreadable(call, z.prettifyError(made.error), made.error);
  return made.data.Id;
}
