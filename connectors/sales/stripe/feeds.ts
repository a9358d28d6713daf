import type { Api, ChangePage, ChangeRange } from '../../kit/contract.ts';
import { type Answered, asJson, type Caller, callerOf, type Query, readPage } from './client.ts';
import { asNode, asText } from './envelope.ts';
import { instantOf, secondsOf } from './money.ts';
import { TOPICS } from './webhooks.ts';

/**
 * What is polled. `events` holds every change of the last 30 days. What is older is found by its movement on the
 * balance, which brings the charge, refund or dispute behind it along, and in the lists of what moves no money there.
 */
export const FEEDS = ['events', 'balance_transactions', 'payouts', 'invoices', 'credit_notes'] as const;

/** Objects show up in Stripe's lists a little after the time they bear, so every look starts this much earlier. */
const OVERLAP_S = 600;
/** Ends a cursor in the middle of a run: the next run goes on right there, because only a new look needs the overlap. */
const GO_ON = '+';
/** Seconds of the longest slice of a range, how many objects a slice may hold, and how many are handed over at once. */
const LONGEST = 32n * 86_400n;
const MOST_IN_SLICE = 3_000;
const PAGE = 300;

type Delivery = ChangePage['deliveries'][number];

/**
 * Objects of a feed made since the cursor, oldest first. Stripe lists the newest first and cannot be asked the other
 * way round, so a range is read in slices of time, each whole and then turned; one that holds too much is cut shorter.
 * The cursor is a time in whole seconds, up to which everything was handed over. What comes twice has the same event
 * id.
 */
export async function* changesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const caller = callerOf(api);
  const end = BigInt(secondsOf(range.to)) + 1n;
  let start = startOf(range);
  let length = LONGEST;
  while (start < end) {
    const until = start + length < end ? start + length : end;
    const slice = await readSlice(range.feed, start, until, caller);
    if ('crowded' in slice) {
      length = slice.crowded;
      continue;
    }
    const { objects } = slice;
    for (let from = 0; from + PAGE < objects.length; from += PAGE) {
      const page = objects.slice(from, from + PAGE);
      // Others of that second may still be to come, so the next run would begin with it.
      yield { deliveries: toldBy(range.feed, page), cursor: `${instantOf(createdOf(page.at(-1), start))}${GO_ON}` };
    }
    const rest = objects.slice(Math.floor(Math.max(0, objects.length - 1) / PAGE) * PAGE);
    const cursor = instantOf(String(until));
    yield { deliveries: toldBy(range.feed, rest), cursor: until < end ? `${cursor}${GO_ON}` : cursor };
    start = until;
    if (objects.length < MOST_IN_SLICE / 4) length = length * 2n < LONGEST ? length * 2n : LONGEST;
  }
}

function toldBy(feed: string, objects: readonly Answered[]): Delivery[] {
  return objects.flatMap((each) => deliveriesOf(feed, each));
}

/** When an object was made, in epoch seconds; `otherwise` for one that does not say. */
function createdOf(object: Answered | undefined, otherwise: bigint): string {
  const created = String(object?.created ?? '');
  return /^\d{1,11}$/.test(created) ? created : String(otherwise);
}

function startOf({ cursor, from }: ChangeRange): bigint {
  if (cursor === null) return BigInt(secondsOf(from));
  if (cursor.endsWith(GO_ON)) return BigInt(secondsOf(cursor.slice(0, -GO_ON.length)));
  return BigInt(secondsOf(cursor)) - BigInt(OVERLAP_S);
}

/** A slice read whole, oldest first; or the seconds a slice should last where so much happens. */
type Slice = { objects: Answered[] } | { crowded: bigint };

/** Everything made in [start, until). A slice of one second is read to its end whatever it holds. */
async function readSlice(feed: string, start: bigint, until: bigint, caller: Caller): Promise<Slice> {
  const query: Query = {
    'created[gte]': String(start),
    'created[lt]': String(until),
    ...(feed === 'balance_transactions' ? { expand: ['data.source'] } : {}),
  };
  const objects: Answered[] = [];
  for (let after: string | undefined; ; ) {
    const page = await readPage(caller, `/v1/${feed}`, { ...query, starting_after: after });
    objects.push(...page.items);
    if (page.next === null) return { objects: objects.toReversed() };
    if (objects.length >= MOST_IN_SLICE && until - start > 1n) return { crowded: shorter(objects, start, until) };
    after = page.next;
  }
}

/** The time that what was read so far spans, between an eighth and a half of the slice. */
function shorter(objects: readonly Answered[], start: bigint, until: bigint): bigint {
  const [most, least] = [(until - start) / 2n, (until - start) / 8n];
  const span = until - BigInt(createdOf(objects.at(-1), start));
  const length = span < least ? least : span > most ? most : span;
  return length > 0n ? length : 1n;
}

const SUBSCRIBED: ReadonlySet<string> = new Set(TOPICS);

function deliveriesOf(feed: string, object: Answered): Delivery[] {
  if (feed === 'events') {
    const topic = asText(object.type) ?? '';
    return SUBSCRIBED.has(topic) ? [delivery(topic, object)] : [];
  }
  if (feed !== 'balance_transactions') return [delivery(feed, object)];
  const source = asNode(object.source);
  const resource = SOURCES[asText(source?.object) ?? ''];
  return [delivery(feed, object), ...(source && resource ? [delivery(resource, source)] : [])];
}

/** What a movement on the balance can be about, by the topic it is read under. Payouts have a feed of their own. */
const SOURCES: Readonly<Record<string, string>> = { charge: 'charges', refund: 'refunds', dispute: 'disputes' };

/** Polled objects have no event: the same state again has the same body, which is what tells it is the same. */
function delivery(topic: string, object: Answered): Delivery {
  return { topic, headers: {}, body: Buffer.from(asJson(object)), eventId: asText(object.id) ?? '' };
}
