import { createHash } from 'node:crypto';
import { z } from 'zod';
import { clean } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api } from '../../kit/contract.ts';
import { type Call, callJson, conditions, recordIn, requestIdOf, select } from './client.ts';
import { unreadable } from './errors.ts';
import { toJson } from './wire.ts';

/** DisplayName may have 500 characters; the fields made from it only 100 (developer.intuit.com, Customer). */
const MAX_NAME = 100;
const MAX_EMAIL = 100;
/** One address that would be refused would take the whole contact with it. */
const EMAIL = /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

export type ContactKind = 'customer' | 'vendor';
const NAMES: Readonly<Record<ContactKind, string>> = { customer: 'Customer', vendor: 'Vendor' };
/** Where our id stands: customers have notes, vendors an account number with them (developer.intuit.com, Vendor). */
const MARKS = { customer: 'Notes', vendor: 'AcctNum' } as const;
const MAX_MARK = 100;

const contact = z.object({
  Id: z.string(),
  DisplayName: z.string(),
  Notes: z.string().nullish(),
  AcctNum: z.string().nullish(),
  Active: z.boolean().nullish(),
  CurrencyRef: z.object({ value: z.string() }).nullish(),
  PrimaryEmailAddr: z.object({ Address: z.string().nullish() }).nullish(),
});
type RemoteContact = z.infer<typeof contact>;

/** A customer or vendor that we want there. */
export interface Contact {
  kind: ContactKind;
  /** Ours, unique per kind: stands in a field that queries cannot ask for, and tells ours from namesakes. */
  id: string;
  name: string;
  email?: string | undefined;
  country?: string | undefined;
  /** The company's own where absent. */
  currency?: string;
}

/**
 * Finds or makes contacts of one kind, by display name and our id. Customers, vendors and employees share
 * one namespace (6240): where the name is somebody else's, ours gets a suffix; nobody is taken over by name. Answers
 * our id → Id. Throws BOOKS_CONTACT_NAME_TAKEN when even that is taken.
 */
export async function ensureContacts(kind: ContactKind, wanted: Contact[], api: Api): Promise<Map<string, string>> {
  const ids = await lookUp(kind, wanted, api);
  for (const each of wanted) {
    if (!ids.has(each.id)) ids.set(each.id, await make(each, api));
  }
  return ids;
}

async function make(wanted: Contact, api: Api): Promise<string> {
  try {
    return await create(wanted, nameOf(wanted), api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'BOOKS_CONTACT_NAME_TAKEN') throw error;
    // The name may be held by the very contact that a lost answer made: look again before making a second one.
    const again = (await lookUp(wanted.kind, [wanted], api)).get(wanted.id);
    return again ?? create(wanted, suffixedName(wanted), api);
  }
}

async function lookUp(kind: ContactKind, wanted: readonly Contact[], api: Api): Promise<Map<string, string>> {
  const names = wanted.flatMap((each) => [nameOf(each), suffixedName(each)]);
  const what = `Looking ${kind}s up`;
  const found: RemoteContact[] = [];
  for (const condition of conditions('DisplayName', names)) {
    // Inactive ones count: they keep what was booked on them, and a person may make them active again.
    const rows = await select(api, what, NAMES[kind], `${condition} and Active in (true, false)`);
    const parsed = z.array(contact).safeParse(rows);
    if (!parsed.success) throw unreadable({ what, writes: false }, z.prettifyError(parsed.error), parsed.error);
    found.push(...parsed.data);
  }
  const ids = new Map<string, string>();
  for (const each of wanted) {
    const ours = found.filter((contact) => contact[MARKS[kind]]?.includes(markOf(each.id)));
    const match = ours.find(({ Active }) => Active !== false) ?? ours[0];
    if (match) ids.set(each.id, match.Id);
  }
  return ids;
}

async function create(wanted: Contact, name: string, api: Api): Promise<string> {
  const { kind, email, country, currency } = wanted;
  const body = toJson({
    DisplayName: name,
    [MARKS[kind]]: markOf(wanted.id),
    PrimaryEmailAddr: isAddress(email) ? { Address: email } : undefined,
    BillAddr: country ? { Country: country } : undefined,
    CurrencyRef: currency === undefined ? undefined : { value: currency },
  });
  const call: Call = {
    what: `Making ${kind} ${name}`,
    writes: true,
    method: 'POST',
    path: `/${kind}`,
    body,
    requestId: requestIdOf(`${kind}:${createHash('sha256').update(body).digest('hex')}`),
  };
  return parsed(recordIn(await callJson(api, call), NAMES[kind], call), call).Id;
}

/**
 * The same party in another currency: the contact itself where it is kept in that one, else a second contact that is
 * found again by the first one's id. Answers its Id. Throws what the provider refuses.
 */
export async function ensureInCurrency(
  kind: ContactKind,
  remoteId: string,
  currency: string,
  api: Api,
): Promise<string> {
  const call: Call = {
    what: `Reading ${kind} ${remoteId}`,
    writes: false,
    method: 'GET',
    path: `/${kind}/${encodeURIComponent(remoteId)}`,
  };
  const base = parsed(recordIn(await callJson(api, call), NAMES[kind], call), call);
  if ((base.CurrencyRef?.value ?? currency) === currency) return remoteId;
  const id = `${remoteId} in ${currency}`;
  const email = base.PrimaryEmailAddr?.Address ?? undefined;
  const wanted: Contact = { kind, id, name: `${base.DisplayName} ${currency}`, email, currency };
  return (await ensureContacts(kind, [wanted], api)).get(id) ?? remoteId;
}

function parsed(record: unknown, call: Call): RemoteContact {
  const result = contact.safeParse(record);
  if (result.success) return result.data;
  throw unreadable(call, z.prettifyError(result.error), result.error);
}

/** Our id in brackets, so that none is found inside a longer one; its hash where it would not fit. */
function markOf(id: string): string {
  const whole = `[Daybook ${id}]`;
  return whole.length <= MAX_MARK ? whole : `[Daybook ${createHash('sha256').update(id).digest('hex')}]`;
}

/** Names hold no colon, tab or line break. */
function plain(name: string): string {
  return name.replaceAll(/[\s:]+/g, ' ');
}

function nameOf({ name, id }: Contact): string {
  return clean(plain(name), MAX_NAME) || clean(plain(id), MAX_NAME);
}

function suffixedName(wanted: Contact): string {
  const suffix = ` (${createHash('sha256').update(wanted.id).digest('hex').slice(0, 8)})`;
  return `${clean(nameOf(wanted), MAX_NAME - suffix.length)}${suffix}`;
}

function isAddress(email: string | undefined): email is string {
  return email !== undefined && email.length <= MAX_EMAIL && EMAIL.test(email);
}
