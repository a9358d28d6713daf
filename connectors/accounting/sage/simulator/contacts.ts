import { type Json, Refused } from './answer.ts';
import { optional, required } from './fields.ts';
import type { Store } from './store.ts';
import type { Business, Contact } from './world.ts';

const TYPES = ['CUSTOMER', 'VENDOR'];

/** POST /contacts. The reference is unique within a business, the name is not. */
export function makeContact(store: Store, business: Business, body: Json, now: number): Contact {
  const name = required(body, 'name');
  const types = Array.isArray(body.contact_type_ids) ? body.contact_type_ids.map(String) : [];
  if (types.length === 0) throw new Refused('This field is required.', 'contact_type_ids');
  if (types.some((type) => !TYPES.includes(type))) throw new Refused('is not included in the list', 'contact_type_ids');
  const reference = optional(body, 'reference');
  if (reference !== null && [...business.contacts.values()].some((each) => each.reference === reference)) {
    throw new Refused('Reference has already been taken.', 'reference');
  }
  const person = (body.main_contact_person ?? {}) as Json;
  const address = (body.main_address ?? {}) as Json;
  return {
    id: store.newId('contact'),
    name,
    reference,
    types,
    email: optional(person, 'email'),
    country: optional(address, 'country_id'),
    createdAt: now,
    updatedAt: now,
  };
}
