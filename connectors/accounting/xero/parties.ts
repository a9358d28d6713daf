import { createHash } from 'node:crypto';
import type { DocumentParty } from '@daybook/domain';
import { z } from 'zod';
import type { Api } from '../../kit/contract.ts';
import { anyOf, type Call, callJson, inParts } from './client.ts';
import { refusalOf, textsOf, unreadable } from './errors.ts';
import { type ContactBody, toJson } from './wire.ts';

const MAX_CONTACT_NUMBER = 50;
const MAX_NAME = 255;
const CONTACTS_PER_REQUEST = 50;
const NAME_TAKEN = /already assigned to another contact|contact name must be unique|contact number/i;
/** The provider refuses umlauts and anything that is no address; the whole contact would fail for its e-mail. */
const EMAIL = /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

const contact = z.object({
  ContactID: z.string().optional(),
  ContactNumber: z.string().optional(),
  ContactStatus: z.string().optional(),
  MergedToContactID: z.string().optional(),
});
type RemoteContact = z.infer<typeof contact>;

/**
 * Finds or makes the contacts, by our party id in ContactNumber. A name that another contact holds gets a suffix: two
 * people may share a name, so a contact is never taken over by name. Answers party id → ContactID.
 */
export async function ensureParties(parties: DocumentParty[], api: Api): Promise<Map<string, string>> {
  const wanted = [...new Map(parties.map((party) => [party.id, party])).values()];
  const ids = await lookUp(wanted, api);
  const missing = wanted.filter(({ id }) => !ids.has(id));
  const collided = await create(missing, false, ids, api);
  if (collided.length > 0) {
    // The name may be held by the very contact that a lost answer made: look again before making a second one.
    for (const [id, remote] of await lookUp(collided, api)) ids.set(id, remote);
    const still = collided.filter(({ id }) => !ids.has(id));
    const [left] = await create(still, true, ids, api);
    if (left)
      throw refusalOf(`Contact ${left.name} (${left.id})`, [
        'The contact name is already assigned, with and without suffix.',
      ]);
  }
  return ids;
}

/** Our party id as it fits into ContactNumber: itself, or its hash when it is too long or would break a filter. */
export function contactNumber(partyId: string): string {
  if (partyId.length <= MAX_CONTACT_NUMBER && /^[^"\\\p{Cc}]+$/u.test(partyId)) return partyId;
  return createHash('sha256').update(partyId).digest('hex').slice(0, MAX_CONTACT_NUMBER);
}

async function lookUp(parties: DocumentParty[], api: Api): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const path = (part: DocumentParty[]) =>
    `/Contacts?where=${anyOf(part.map(({ id }) => `ContactNumber=="${contactNumber(id)}"`))}&includeArchived=true`;
  for (const part of inParts(parties, path)) {
    const call: Call = { method: 'GET', path: path(part), what: 'Looking contacts up', writes: false };
    const found = contactsIn(await callJson(api, call), call).map((each) => contact.parse(each));
    for (const { id } of part) {
      const match = best(found.filter((each) => each.ContactNumber === contactNumber(id)));
      const remote = match?.MergedToContactID ?? match?.ContactID;
      if (remote !== undefined) ids.set(id, remote);
    }
  }
  return ids;
}

function best(found: RemoteContact[]): RemoteContact | undefined {
  return found.find(({ ContactStatus }) => ContactStatus === 'ACTIVE') ?? found[0];
}

/** Makes contacts and notes their ids; answers the parties whose name was taken. */
async function create(
  parties: DocumentParty[],
  suffixed: boolean,
  ids: Map<string, string>,
  api: Api,
): Promise<DocumentParty[]> {
  const collided: DocumentParty[] = [];
  for (let from = 0; from < parties.length; from += CONTACTS_PER_REQUEST) {
    const part = parties.slice(from, from + CONTACTS_PER_REQUEST);
    const body = toJson({ Contacts: part.map((party) => contactBody(party, suffixed)) });
    const call: Call = {
      method: 'PUT',
      path: '/Contacts?summarizeErrors=false',
      body,
      // The same contacts again within minutes are the same attempt; other names make another key.
      key: `contacts:${createHash('sha256').update(body).digest('hex')}`,
      what: part.length === 1 ? `Making contact ${part[0]?.name}` : `Making ${part.length} contacts`,
      writes: true,
    };
    const made = contactsIn(await callJson(api, call), call);
    if (made.length !== part.length) throw unreadable(call, `it tells about ${made.length} contacts`);
    for (const [index, party] of part.entries()) {
      if (!accept(party, made[index] ?? {}, ids, call)) collided.push(party);
    }
  }
  return collided;
}

/** Notes the id of a made contact; false when its name is taken. Throws for any other refusal. */
function accept(party: DocumentParty, element: Record<string, unknown>, ids: Map<string, string>, call: Call): boolean {
  const texts = textsOf(element);
  if (texts.some((text) => NAME_TAKEN.test(text))) return false;
  if (texts.length > 0 || element.HasValidationErrors === true || element.StatusAttributeString === 'ERROR') {
    throw refusalOf(`Contact ${party.name} (${party.id})`, texts);
  }
  const { ContactID, ContactNumber } = contact.parse(element);
  if (ContactID === undefined || ContactNumber !== contactNumber(party.id)) {
    throw unreadable(call, `it does not name contact ${party.name}`);
  }
  ids.set(party.id, ContactID);
  return true;
}

function contactBody(party: DocumentParty, suffixed: boolean): ContactBody {
  const number = contactNumber(party.id);
  const name = party.name.replace(/\p{Cc}+/gu, ' ').trim() || number;
  const suffix = suffixed ? ` (${createHash('sha256').update(party.id).digest('hex').slice(0, 8)})` : '';
  const body: ContactBody = {
    Name: `${name.slice(0, MAX_NAME - suffix.length).toWellFormed()}${suffix}`,
    ContactNumber: number,
  };
  if (party.email !== undefined && party.email.length <= MAX_NAME && EMAIL.test(party.email))
    body.EmailAddress = party.email;
  if (party.country) body.Addresses = [{ AddressType: 'STREET', Country: party.country }];
  return body;
}

function contactsIn(body: unknown, call: Call): Record<string, unknown>[] {
  const list = (body as { Contacts?: unknown } | null)?.Contacts;
  if (!Array.isArray(list)) throw unreadable(call, 'it has no Contacts');
  return list as Record<string, unknown>[];
}
