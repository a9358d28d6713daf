import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { type Database, openDatabase } from './db.ts';
import { type IncomingDelivery, storeDeliveries } from './inbox.ts';

const COMPANY = '00000000-0000-4000-8000-000000000001';
const SHOP = '00000000-0000-4000-8000-000000000002';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await createTestDatabase();
  database = openDatabase(own.url, { max: 2 });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});
beforeEach(async () => {
  await database.sql`truncate deliveries, todo`;
});

function delivery(eventId: string, body: string | Buffer): IncomingDelivery {
  return {
    companyId: COMPANY,
    connectionId: SHOP,
    topic: 'orders',
    eventId,
    headers: { 'x-topic': 'orders' },
    body: Buffer.from(body),
    via: 'webhook',
    receivedAt: new Date('2026-11-21T10:00:00Z'),
  };
}

const stored = async () =>
  database.sql<{ id: bigint; eventId: string; body: Buffer; hash: Buffer }[]>`
    select id, event_id as "eventId", body, body_hash as hash from deliveries order by id`;
const outcomes = async (...deliveries: IncomingDelivery[]) =>
  (await storeDeliveries(database.sql, deliveries)).map((each) => each.outcome);

describe('the inbox', () => {
  test('keeps every body of a group byte for byte, whatever the bytes are', async () => {
    const groups = [
      ['{"name":"Ada"}', '{"name":"Müller €"}', '', '{"emoji":"🧾"}'],
      ['{"a":1}', Buffer.from([0x00, 0x41, 0x00]), '{"b":2}'],
      ['ü', Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('ü').subarray(0, 1), 'ü'],
      ['\\x4142', '\\', '\u001e', '"quoted"\n'],
    ];
    let serial = 0;
    for (const bodies of groups) {
      const given = bodies.map((body) => delivery(`e${String(serial++).padStart(3, '0')}`, body));
      await storeDeliveries(database.sql, given);
      const found = (await stored()).slice(-given.length);
      const byEvent = new Map(found.map((row) => [row.eventId, row]));
      for (const { eventId, body } of given) {
        expect(byEvent.get(eventId)?.body).toEqual(body);
        expect(byEvent.get(eventId)?.hash).toEqual(createHash('sha256').update(body).digest());
      }
    }
  });

  test('answers in the order given and owes the work of each stored delivery once', async () => {
    await storeDeliveries(database.sql, [delivery('b', 'one')]);
    const results = await storeDeliveries(database.sql, [delivery('c', 'x'), delivery('b', 'one'), delivery('a', 'y')]);
    expect(results.map((each) => each.outcome)).toEqual(['stored', 'duplicate', 'stored']);
    const byId = new Map((await stored()).map((row) => [row.id, row.eventId]));
    expect(results.map((each) => ('id' in each ? byId.get(each.id) : null))).toEqual(['c', null, 'a']);
    const owed = await database.sql<{ ref: bigint }[]>`select ref from todo where stage = 'normalize' order by ref`;
    expect(owed.map((row) => row.ref)).toEqual([...byId.keys()]);
  });

  test('stores the same delivery once when it comes twice in one group', async () => {
    expect(await outcomes(delivery('a', 'one'), delivery('a', 'one'))).toEqual(['stored', 'duplicate']);
    expect(await stored()).toHaveLength(1);
  });

  test('keeps a resend with other bytes as a row of its own', async () => {
    expect(await outcomes(delivery('a', 'one'), delivery('a', 'two'))).toEqual(['stored', 'stored']);
    expect(await outcomes(delivery('a', 'two'), delivery('a', 'three'))).toEqual(['duplicate', 'stored']);
    expect((await stored()).map((row) => row.body.toString()).sort()).toEqual(['one', 'three', 'two']);
  });

  test('stores a delivery once when two groups bring it at the same time', async () => {
    const bring = () => storeDeliveries(database.sql, [delivery('a', 'one'), delivery('b', 'two')]);
    const results = (await Promise.all([bring(), bring()])).flat();
    expect(results.filter((each) => each.outcome === 'stored')).toHaveLength(2);
    expect(await stored()).toHaveLength(2);
  });

  test('groups that bring the same deliveries in opposite order do not lock each other out', async () => {
    for (let round = 0; round < 20; round += 1) {
      const group = Array.from({ length: 60 }, (_, index) =>
        delivery(`${round}-${index}`, `body ${index}`.repeat(200)),
      );
      const bring = (deliveries: IncomingDelivery[]) => storeDeliveries(database.sql, deliveries);
      await Promise.all([bring(group), bring([...group].reverse())]);
    }
    expect(await stored()).toHaveLength(20 * 60);
  });
});
