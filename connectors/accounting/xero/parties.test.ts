import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { contactNumber } from './parties.ts';
import { API, handed } from './test-support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

const ada = { id: 'shop:customer:42', name: 'Ada Example', email: 'ada@example.com', country: 'GB' };
const bob = { id: 'shop:customer:43', name: 'Bob Example' };
const TAKEN =
  'The contact name Ada Example is already assigned to another contact. The contact name must be unique across all active contacts.';

function lookUp(where: string, Contacts: unknown[]): void {
  nock(API).get('/api.xro/2.0/Contacts').query({ where, includeArchived: 'true' }).reply(200, { Contacts });
}

function creation(bodies: unknown[], Contacts: unknown[]): void {
  nock(API)
    .put('/api.xro/2.0/Contacts', (body) => {
      bodies.push(body);
      return true;
    })
    .query({ summarizeErrors: 'false' })
    .matchHeader('idempotency-key', /^59712f8f-45a3-4d45-a705-5d0c9748317e:contacts:|^[0-9a-f]{64}$/)
    .reply(200, { Contacts });
}

test('contacts are found by our id, archived ones too, and only the missing ones are made', async () => {
  lookUp('ContactNumber=="shop:customer:42" OR ContactNumber=="shop:customer:43"', [
    { ContactID: 'c-ada', ContactNumber: 'shop:customer:42', ContactStatus: 'ARCHIVED' },
  ]);
  const bodies: unknown[] = [];
  creation(bodies, [{ ContactID: 'c-bob', ContactNumber: 'shop:customer:43', HasValidationErrors: false }]);
  const ids = await connector.ensureParties([ada, bob, ada], handed().api);
  expect([...ids]).toEqual([
    [ada.id, 'c-ada'],
    [bob.id, 'c-bob'],
  ]);
  expect(bodies).toEqual([{ Contacts: [{ Name: 'Bob Example', ContactNumber: 'shop:customer:43' }] }]);
});

test('a merged contact stands for the one it was merged into', async () => {
  lookUp('ContactNumber=="shop:customer:42"', [
    { ContactID: 'c-old', ContactNumber: 'shop:customer:42', ContactStatus: 'ARCHIVED', MergedToContactID: 'c-new' },
  ]);
  expect([...(await connector.ensureParties([ada], handed().api))]).toEqual([[ada.id, 'c-new']]);
});

test('a name that somebody else has gets a suffix, never the other contact', async () => {
  const where = 'ContactNumber=="shop:customer:42"';
  lookUp(where, []);
  const bodies: unknown[] = [];
  creation(bodies, [{ HasValidationErrors: true, ValidationErrors: [{ Message: TAKEN }] }]);
  lookUp(where, []);
  creation(bodies, [{ ContactID: 'c-ada', ContactNumber: 'shop:customer:42' }]);
  expect([...(await connector.ensureParties([ada], handed().api))]).toEqual([[ada.id, 'c-ada']]);
  const rest = {
    ContactNumber: ada.id,
    EmailAddress: ada.email,
    Addresses: [{ AddressType: 'STREET', Country: 'GB' }],
  };
  // First eight digits of sha256("shop:customer:42").
  expect(bodies).toEqual([
    { Contacts: [{ Name: 'Ada Example', ...rest }] },
    { Contacts: [{ Name: 'Ada Example (5072918b)', ...rest }] },
  ]);
});

test('a name that our own lost attempt took is ours after a second look', async () => {
  const where = 'ContactNumber=="shop:customer:42"';
  lookUp(where, []);
  creation([], [{ HasValidationErrors: true, ValidationErrors: [{ Message: TAKEN }] }]);
  lookUp(where, [{ ContactID: 'c-ada', ContactNumber: 'shop:customer:42', ContactStatus: 'ACTIVE' }]);
  expect([...(await connector.ensureParties([ada], handed().api))]).toEqual([[ada.id, 'c-ada']]);
});

test('any other refusal is an error that names the contact', async () => {
  lookUp('ContactNumber=="shop:customer:42"', []);
  creation([], [{ HasValidationErrors: true, ValidationErrors: [{ Message: 'Something odd.' }] }]);
  await expect(connector.ensureParties([ada], handed().api)).rejects.toMatchObject({
    kind: 'rejected',
    message: expect.stringContaining(
      'Contact Ada Example (shop:customer:42) was refused by Xero, saying "Something odd."',
    ),
  });
});

test('an e-mail address the provider would refuse is left out rather than losing the contact', async () => {
  for (const email of ['müller@example.com', 'no-address', 'a@b', 'a b@example.com']) {
    lookUp('ContactNumber=="shop:customer:43"', []);
    const bodies: unknown[] = [];
    creation(bodies, [{ ContactID: 'c-bob', ContactNumber: 'shop:customer:43' }]);
    await connector.ensureParties([{ ...bob, email }], handed().api);
    expect(bodies).toEqual([{ Contacts: [{ Name: 'Bob Example', ContactNumber: 'shop:customer:43' }] }]);
  }
});

test('an id of up to 50 characters is the contact number itself, a longer or quoted one its hash', () => {
  expect(contactNumber('x'.repeat(50))).toBe('x'.repeat(50));
  expect(contactNumber('x'.repeat(51))).toMatch(/^[0-9a-f]{50}$/);
  expect(contactNumber('a"b')).toMatch(/^[0-9a-f]{50}$/);
  expect(contactNumber('x'.repeat(51))).not.toBe(contactNumber('x'.repeat(52)));
});

test('nobody to make, nobody called', async () => {
  expect([...(await connector.ensureParties([], handed().api))]).toEqual([]);
});
