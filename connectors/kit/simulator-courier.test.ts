import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { courier, type Packing, sendInOrder } from './simulator-courier.ts';
import { type Inbox, inbox } from './test-inbox.ts';

describe('the courier of a simulator', () => {
  let hub: Inbox;

  beforeEach(async () => {
    hub = await inbox();
  });
  afterEach(() => hub.close());

  const parcel = (body = '{"id":1}', headers: Record<string, string> = {}) => ({ url: hub.url, body, headers });
  const post = (ladderMs: number[] = [2, 2], answerWithinMs = 1_000) => courier({ ladderMs, answerWithinMs });

  test('brings the body byte for byte, as JSON unless the headers say otherwise', async () => {
    const own = { 'content-type': 'application/json; charset=utf-8' };
    expect(await post().send(() => parcel('{"é": 1.0}')).outcome).toBe('delivered');
    expect(await post().send(() => parcel('{}', own)).outcome).toBe('delivered');
    expect(hub.received.map(({ body }) => body)).toEqual(['{"é": 1.0}', '{}']);
    const types = hub.received.map(({ headers }) => headers['content-type']);
    expect(types).toEqual(['application/json', 'application/json; charset=utf-8']);
  });

  test('tries again by the ladder until a 2xx; the parcel knows how the attempt before went', async () => {
    hub.answers.push(503, 301, 204);
    const asked: unknown[] = [];
    const pack: Packing = (attempt, before) => {
      asked.push([attempt, before]);
      return parcel(`${attempt}`);
    };
    const { first, outcome } = post().send(pack);
    expect([await first, await outcome]).toEqual([503, 'delivered']);
    expect(asked).toEqual([
      [0, null],
      [1, 503],
      [2, 301],
    ]);
    expect(hub.received.map(({ body }) => body)).toEqual(['0', '1', '2']);
  });

  test('gives up after the last rung, and as soon as there is nothing to send any more', async () => {
    hub.answers.push(500, 500, 500, 500);
    expect(await post().send(() => parcel()).outcome).toBe('given up');
    expect(hub.received).toHaveLength(3);
    expect(await post().send((attempt) => (attempt === 0 ? parcel() : null)).outcome).toBe('given up');
    expect(hub.received).toHaveLength(4);
    expect(await post([]).send(() => null).outcome).toBe('given up');
    expect(hub.received).toHaveLength(4);
  });

  test('no answer in time and nobody at the address count as null', async () => {
    hub.answers.push(0);
    expect(await post([], 30).attempt(parcel())).toBeNull();
    const { url } = hub;
    await hub.close();
    expect(await post().attempt({ url, body: '', headers: {} })).toBeNull();
  });

  test('closing ends the waiting between two attempts', async () => {
    hub.answers.push(500);
    const slow = post([3_600_000]);
    const { first, outcome } = slow.send(() => parcel());
    expect(await first).toBe(500);
    slow.close();
    expect(await outcome).toBe('stopped');
    expect(hub.received).toHaveLength(1);
  });

  test('deliveries go in order, and the next one does not wait for a second attempt at the one before', async () => {
    hub.answers.push(500);
    const slow = post([3_600_000]);
    const ends: string[] = [];
    const sent = sendInOrder(['a', 'b'], (body) => {
      const { first, outcome } = slow.send(() => parcel(body));
      return { first, finished: outcome.then((end) => void ends.push(`${body} ${end}`)) };
    });
    await expect.poll(() => ends).toEqual(['b delivered']);
    slow.close();
    await sent;
    expect(ends).toEqual(['b delivered', 'a stopped']);
    expect(hub.received.map(({ body }) => body)).toEqual(['a', 'b']);
  });
});
