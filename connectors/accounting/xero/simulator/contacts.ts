import type { Refusal } from './answer.ts';
import { text, type WriteContext } from './request.ts';
import type { Contact, Organisation } from './world.ts';

/**
 * Creates a contact, or changes the one that POST names by ContactID or ContactNumber. Names are unique among active
 * contacts, numbers among all.
 */
export function writeContact(element: unknown, context: WriteContext): Contact | Refusal {
  const known = context.method === 'POST' ? findContact(element, context.organisation) : undefined;
  const name = text(element, 'Name') ?? known?.name ?? null;
  const number = text(element, 'ContactNumber') ?? known?.number ?? null;
  const email = text(element, 'EmailAddress') ?? known?.email ?? null;
  const errors = contactErrors(context.organisation, { name, number, email }, known?.id);
  if (errors.length > 0 || name === null) return { errors };
  const contact: Contact = {
    id: known?.id ?? context.change.newId('contact'),
    number,
    name,
    email,
    status: text(element, 'ContactStatus') === 'ARCHIVED' ? 'ARCHIVED' : 'ACTIVE',
    updatedAt: context.now.getTime(),
  };
  context.change.put({ type: 'contact', tenant: context.organisation.tenantId, value: contact });
  return contact;
}

function findContact(element: unknown, organisation: Organisation): Contact | undefined {
  const number = text(element, 'ContactNumber')?.toLowerCase();
  const id =
    text(element, 'ContactID') ?? (number === undefined ? undefined : organisation.contactsByNumber.get(number));
  return id === undefined ? undefined : organisation.contacts.get(id);
}

function contactErrors(
  organisation: Organisation,
  said: { name: string | null; number: string | null; email: string | null },
  ownId: string | undefined,
): string[] {
  const errors: string[] = [];
  const { name, number, email } = said;
  if (name === null) errors.push('The contact name must be specified.');
  else if (name.length > 255) errors.push('The contact name must be 255 characters or fewer.');
  else if (nameTaken(organisation, name, ownId)) {
    errors.push(
      `The contact name ${name} is already assigned to another contact. ` +
        'The contact name must be unique across all active contacts.',
    );
  }
  const numberOwner = number === null ? undefined : organisation.contactsByNumber.get(number.toLowerCase());
  if (number !== null && number.length > 50) errors.push('The contact number must be 50 characters or fewer.');
  if (numberOwner !== undefined && numberOwner !== ownId) {
    errors.push('Another contact has this contact number. Please enter a different contact number.');
  }
  if (email !== null && !/^[\x21-\x7e]+@[\x21-\x7e]+\.[\x21-\x7e]+$/.test(email))
    errors.push('Email address must be valid.');
  return errors;
}

function nameTaken(organisation: Organisation, name: string, ownId: string | undefined): boolean {
  const wanted = name.trim().toLowerCase();
  for (const contact of organisation.contacts.values()) {
    if (contact.id !== ownId && contact.status === 'ACTIVE' && contact.name.trim().toLowerCase() === wanted)
      return true;
  }
  return false;
}

/**
 * The contact a document names. A bare Name makes a new contact, also when one of that name exists: the duplicate that
 * callers get who do not send ContactID (providers file, section 2).
 */
export function contactOfDocument(element: unknown, context: WriteContext): Contact | Refusal | (() => Contact) {
  const id = text(element, 'ContactID');
  if (id !== null) {
    const contact = context.organisation.contacts.get(id.toLowerCase());
    if (!contact) return { errors: ['The contact with the specified contact details could not be found.'] };
    return contact.status === 'ACTIVE' ? contact : { errors: ['The contact has been archived.'] };
  }
  const name = text(element, 'Name');
  if (name === null) return { errors: ['A Contact must be specified for this type of transaction'] };
  return () => {
    const contact: Contact = {
      id: context.change.newId('contact'),
      number: null,
      name,
      email: null,
      status: 'ACTIVE',
      updatedAt: context.now.getTime(),
    };
    context.change.put({ type: 'contact', tenant: context.organisation.tenantId, value: contact });
    return contact;
  };
}
