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
/** Seconds of the longest slice of a range, and how many objects a slice may hold before it is halved. */
const SLICE_S = 32n * 86_400n;
const MOST_IN_SLICE = 300;

type Delivery = ChangePage['deliveries'][number];

/**
 * Objects of a feed made since the cursor, oldest first. Stripe lists the newest first and cannot be asked the other
 * way round, so a range is read in slices of time, each whole and then turned. The cursor is the end of the slices
 * read, in whole seconds; what comes twice has the same event id.
 */
export async function* changesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const caller = callerOf(api);
  const end = BigInt(secondsOf(range.to)) + 1n;
  let start = startOf(range);
  let size = SLICE_S;
  while (start < end) {
    const until = start + size < end ? start + size : end;
    const found = await readSlice(range.feed, start, until, caller);
    if (found === null && size > 1n) {
      size /= 2n;
      continue;
    }
    const instant = instantOf(String(until));
    yield {
      deliveries: (found ?? []).flatMap((each) => deliveriesOf(range.feed, each)),
      cursor: until < end ? `${instant}${GO_ON}` : instant,
    };
    start = until;
    size = size * 2n < SLICE_S ? size * 2n : SLICE_S;
  }
}

function startOf({ cursor, from }: ChangeRange): bigint {
  if (cursor === null) return BigInt(secondsOf(from));
  if (cursor.endsWith(GO_ON)) return BigInt(secondsOf(cursor.slice(0, -GO_ON.length)));
  return BigInt(secondsOf(cursor)) - BigInt(OVERLAP_S);
}

/** Everything made in [start, until), oldest first; null when it is too much and the slice can still be halved. */
async function readSlice(feed: string, start: bigint, until: bigint, caller: Caller): Promise<Answered[] | null> {
  const query: Query = {
    'created[gte]': String(start),
    'created[lt]': String(until),
    ...(feed === 'balance_transactions' ? { expand: ['data.source'] } : {}),
  };
  const found: Answered[] = [];
  for (let after: string | undefined; ; ) {
    const page = await readPage(caller, `/v1/${feed}`, { ...query, starting_after: after });
    found.push(...page.items);
    if (page.next === null) return found.toReversed();
    if (found.length >= MOST_IN_SLICE && until - start > 1n) return null;
    after = page.next;
  }
}

const SUBSCRIBED: ReadonlySet<string> = new Set(TOPICS);

function deliveriesOf(feed: string, object: Answered): Delivery[] {
  if (feed === 'events') {
    const topic = asText(object.type) ?? '';
    return SUBSCRIBED.has(topic) ? [delivery(topic, object, asText(object.id) ?? '')] : [];
  }
  if (feed !== 'balance_transactions') return [delivery(feed, object)];
  const source = asNode(object.source);
  const resource = SOURCES[asText(source?.object) ?? ''];
  return [delivery(feed, object), ...(source && resource ? [delivery(resource, source)] : [])];
}

/** What a movement on the balance can be about, by the topic it is read under. Payouts have a feed of their own. */
const SOURCES: Readonly<Record<string, string>> = { charge: 'charges', refund: 'refunds', dispute: 'disputes' };

/** Polled objects have no event: the same state again has the same body, which is what tells it is the same. */
function delivery(topic: string, object: Answered, eventId = asText(object.id) ?? ''): Delivery {
  return { topic, headers: {}, body: Buffer.from(asJson(object)), eventId };
}
