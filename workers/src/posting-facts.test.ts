import { type CanonicalEvent, type EventInput, eventHash, makeEvent, stageOf } from '@daybook/domain';
import { expect, test } from 'vitest';
import { factId } from './fact-id.ts';
import { type Booked, type EventRow, knownFrom } from './posting-facts.ts';

const SHOP = 'a-connection';

const dispute = (id: string, status: 'opened' | 'won' | 'lost', saleId: string | null, revision = '1') =>
  makeEvent({
    version: 1,
    type: 'dispute',
    channel: 'webshop',
    id,
    revision,
    occurredAt: '2026-03-10T12:00:00Z',
    currency: 'GBP',
    test: false,
    ...(saleId !== null && { sale: { id: saleId } }),
    processor: 'stripe',
    status,
    amount: 1200,
    fee: 0,
  } as EventInput);

const refund = (id: string, saleId: string | null) =>
  makeEvent({
    version: 1,
    type: 'refund',
    channel: 'webshop',
    id,
    revision: '1',
    occurredAt: '2026-03-11T12:00:00Z',
    currency: 'GBP',
    test: false,
    sale: saleId === null ? null : { id: saleId },
    lines: [{ kind: 'adjustment', net: 500 }],
    tenders: [{ kind: 'card', processor: 'stripe', amount: 500 }],
    total: 500,
  } as EventInput);

const booked = (event: CanonicalEvent, id: bigint): Booked => ({
  id,
  connectionId: SHOP,
  type: event.type,
  sourceId: factId(event),
  saleId: 'sale' in event && event.sale ? event.sale.id : null,
  revision: event.revision,
  contentHash: eventHash(event),
  event,
});

const row = (event: CanonicalEvent): EventRow => ({
  id: 99n,
  companyId: 'a-company',
  connectionId: SHOP,
  account: 'demo.example',
  label: 'Demo shop',
  records: 'sales',
  contentHash: eventHash(event),
  event,
  previousId: null,
});

/** Booked facts as the database answers them: by fact, then revision. */
function factsOf(event: CanonicalEvent, events: CanonicalEvent[]) {
  return knownFrom(
    events.map((each, index) => booked(each, BigInt(index + 1))),
    new Map(),
  )(row(event)).facts;
}

test('a refund knows the newest revision of each other dispute of its sale that was lost, and no other', () => {
  const { earlierLosses } = factsOf(refund('r1', '1001'), [
    dispute('dp_1', 'lost', '1001'),
    dispute('dp_1', 'lost', '1001', '2'),
    dispute('dp_1', 'opened', '1001'),
    dispute('dp_2', 'won', '1001'),
    dispute('dp_3', 'lost', '2002'),
    dispute('dp_4', 'lost', null),
  ]);
  expect(earlierLosses?.map((each) => [each.id, stageOf(each), each.revision])).toEqual([['dp_1', 'lost', '2']]);
});

test('a lost dispute does not count itself', () => {
  const facts = factsOf(dispute('dp_1', 'lost', '1001', '2'), [
    dispute('dp_1', 'lost', '1001'),
    dispute('dp_5', 'lost', '1001'),
  ]);
  expect(facts.earlierLosses?.map(({ id }) => id)).toEqual(['dp_5']);
  expect(facts.previous).toMatchObject({ version: 1 });
});

test('facts without a sale have nothing to do with each other', () => {
  const facts = factsOf(refund('r1', null), [refund('r2', null), dispute('dp_1', 'lost', null)]);
  expect(facts.earlierRefunds).toEqual([]);
  expect(facts.earlierLosses).toEqual([]);
});
