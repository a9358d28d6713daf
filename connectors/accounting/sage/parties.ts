import { createHash } from 'node:crypto';
import type { DocumentParty } from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api } from '../../kit/contract.ts';
import { type Call, callJson, readAll, withIdempotency } from './client.ts';
import { unreadable } from './errors.ts';
import { isSupplier } from './resources.ts';
import { toJson } from './wire.ts';

/** Lengths are not documented; well below what such fields usually hold. */
const MAX_NAME = 100;
const MAX_EMAIL = 100;
/** One address that would be refused would take the whole contact with it. */
const EMAIL = /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/**
 * Finds or makes customers, and suppliers for processors. The reference of a contact is unique there, so ours is a hash
 * of our party id; names may be shared and are left alone. Answers party id → remote id.
 */
export async function ensureParties(parties: DocumentParty[], api: Api): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const party of parties) {
    if (ids.has(party.id)) continue;
    ids.set(party.id, (await lookUp(party, api)) ?? (await make(party, api)));
  }
  return ids;
}

/** "DB-" and sixteen digits of the hash of our id. */
export function contactReference(partyId: string): string {
  return `DB-${createHash('sha256').update(partyId).digest('hex').slice(0, 16)}`;
}

async function lookUp(party: DocumentParty, api: Api): Promise<string | null> {
  const reference = contactReference(party.id);
  const query = { search: reference, attributes: 'reference,deleted_at,is_active' };
  const found = await readAll(api, `Looking up ${party.name}`, 'contacts', query);
  const ours = found.filter((each) => each.reference === reference && !each.deleted_at);
  const best = ours.find(({ is_active }) => is_active !== false) ?? ours[0];
  return typeof best?.id === 'string' ? best.id : null;
}

async function make(party: DocumentParty, api: Api): Promise<string> {
  const call = creating(party);
  try {
    const { id } = await callJson(api, call);
    if (typeof id === 'string' && id !== '') return id;
    throw unreadable(call, 'it has no id');
  } catch (error) {
    // The reference may belong to the very contact that a lost answer made.
    const again = error instanceof ConnectorError && error.kind === 'rejected' ? await lookUp(party, api) : null;
    if (again !== null) return again;
    throw error;
  }
}

function creating(party: DocumentParty): Call {
  const name = clean(party.name, MAX_NAME) || clean(party.id, MAX_NAME);
  const reference = contactReference(party.id);
  const person = isAddress(party.email)
    ? {
        main_contact_person: { name, email: party.email, is_main_contact: true, contact_person_type_ids: ['ACCOUNTS'] },
      }
    : {};
  const address = /^[A-Z]{2}$/.test(party.country ?? '') ? { main_address: { country_id: party.country } } : {};
  const types = [isSupplier(party.id) ? 'VENDOR' : 'CUSTOMER'];
  const body = toJson({ contact: { name, contact_type_ids: types, reference, ...address, ...person } });
  return {
    what: `Making the contact ${name}`,
    writes: true,
    method: 'POST',
    path: '/contacts',
    body: withIdempotency(body, `contact:${body}`),
  };
}

function isAddress(email: string | undefined): email is string {
  return email !== undefined && email.length <= MAX_EMAIL && EMAIL.test(email);
}
