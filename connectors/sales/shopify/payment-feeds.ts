import { sum } from '@daybook/domain';
import { z } from 'zod';
import type { Api, ChangePage, ChangeRange } from '../../kit/contract.ts';
import { restBalanceMovement, restPayout } from './balance-shape.ts';
import { type Caller, callerOf, graphql } from './client.ts';
import { exactId, readMinor } from './money.ts';
import { categoryOf, isConverted } from './movement.ts';
import { type BalanceMovement, type PayoutPayload, payloads, readPayload } from './payload.ts';
import { DISPUTES_QUERY, MOVEMENTS_OF_BALANCE_QUERY, ORDER_LINKS_QUERY, PAYOUTS_QUERY } from './payment-queries.ts';
import { ownMovements, signedAmount } from './payout.ts';

/** Movements show up on the balance a while after the time they bear; payouts bring along what came later still. */
const OVERLAP_MS = 60 * 60_000;
const DAY_MS = 86_400_000;
/** A payout is paid or returned within days, and can only be searched by when it was issued. */
const PAYOUT_SETTLES_MS = 30 * DAY_MS;
/** A bank decides on a dispute within months, and it can only be searched by when it was opened. */
const DISPUTE_SETTLES_MS = 200 * DAY_MS;

type Found = Record<string, unknown> & { id: string };
type Delivery = ChangePage['deliveries'][number];

const found = z.looseObject({ id: z.string() });
const connection = z.object({
  nodes: z.array(found),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});

/**
 * Pages of a list of the account; none where the shop has no Shopify Payments. Throws ConnectorError `unauthorized`
 * CHANNEL_SCOPE_MISSING where the merchant did not let us see it.
 */
async function* pagesOf(document: string, list: string, query: string, caller: Caller): AsyncIterable<Found[]> {
  const answer = z.object({ shopifyPaymentsAccount: z.record(z.string(), connection).nullable() });
  let after: string | null = null;
  do {
    const { shopifyPaymentsAccount: account } = answer.parse(await graphql(caller, document, { query, after }));
    const page: z.output<typeof connection> | undefined = account?.[list];
    if (!page) return;
    yield page.nodes;
    after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
  } while (after !== null);
}

/**
 * Movements on the balance since the cursor, the time of the newest one read. Each is a delivery of its own; what comes
 * twice has the same event id.
 */
export async function* balanceSince({ cursor, from, to }: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const start = cursor === null ? from : before(cursor, OVERLAP_MS);
  let newest = cursor ?? from;
  const query = `processed_at:>='${start}' AND processed_at:<='${to}'`;
  for await (const page of pagesOf(MOVEMENTS_OF_BALANCE_QUERY, 'balanceTransactions', query, callerOf(api))) {
    for (const { transactionDate } of page) {
      if (typeof transactionDate === 'string' && Date.parse(transactionDate) > Date.parse(newest))
        newest = transactionDate;
    }
    const deliveries = page.map((each) => delivery('balance_transactions', each.id, { transactions: [each] }));
    yield { deliveries, cursor: newest };
  }
}

/** A cursor of what has no time of change: where the next look starts, and the states that were read since there. */
interface Look {
  start: string;
  seen: Set<string>;
}

function lookOf({ cursor, from }: ChangeRange): Look {
  const [start = from, ...seen] = cursor === null ? [] : cursor.split(' ');
  return { start, seen: new Set(seen) };
}

function cursorOf({ start }: Look, seen: Iterable<string>): string {
  return [start, ...seen].join(' ');
}

/** The next look starts later, but never before what the very first one was asked for. */
function nextStart(look: Look, to: string, settlesMs: number): string {
  const late = before(to, settlesMs);
  return Date.parse(late) > Date.parse(look.start) ? late : look.start;
}

/**
 * Payouts whose state was not read yet, each with the movements it consists of once it is paid. One whose movements do
 * not come to its amount yet is read again by the next poll: the list lags behind.
 */
export async function* payoutsSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const caller = callerOf(api);
  const look = lookOf(range);
  const query = `issued_at:>='${look.start}' AND issued_at:<='${range.to}'`;
  const still = new Set<string>();
  for await (const page of pagesOf(PAYOUTS_QUERY, 'payouts', query, caller)) {
    for (const each of page) {
      const payout = readPayload(payloads.payout, restPayout(each), 'payout');
      const state = `${payout.id}:${payout.status}`;
      still.add(state);
      if (look.seen.has(state)) continue;
      const { body, isWhole, count } = await dressed(each, payout, caller, api.settings.currency);
      if (isWhole) look.seen.add(state);
      yield { deliveries: [delivery('payouts', `${state}:${count}`, body)], cursor: cursorOf(look, look.seen) };
    }
  }
  const seen = [...look.seen].filter((state) => still.has(state));
  const next = { ...look, start: nextStart(look, range.to, PAYOUT_SETTLES_MS) };
  yield { deliveries: [], cursor: cursorOf(next, seen) };
}

interface Dressed {
  body: Record<string, unknown>;
  /** Whether its movements come to its amount. */
  isWhole: boolean;
  count: number;
}

/** A payout with its movements and the orders that tell which refund, and how much in the shop's currency, they are. */
async function dressed(
  each: Found,
  payout: PayoutPayload,
  caller: Caller,
  shopCurrency: string | undefined,
): Promise<Dressed> {
  if (payout.status === 'scheduled' || payout.status === 'in_transit')
    return { body: { payout: each }, isWhole: true, count: 0 };
  const nodes: Found[] = [];
  const query = `payments_transfer_id:${payout.id}`;
  for await (const page of pagesOf(MOVEMENTS_OF_BALANCE_QUERY, 'balanceTransactions', query, caller))
    nodes.push(...page);
  const read = nodes.map((node) =>
    readPayload(payloads.balanceMovement, restBalanceMovement(node), 'balance transaction'),
  );
  // A search term that Shopify does not know is left out by it, and would find what belongs to others.
  const own = new Set(
    ownMovements(
      payout,
      read.filter(({ payout_id: id }) => id === payout.id),
    ),
  );
  const asked = [...own].filter(
    (one) => categoryOf(one) === 'refund' || isConverted(one, { shopCurrency, orders: [] }),
  );
  const orders = await readOrderLinks(asked, caller);
  const net = sum([...own].map((one) => readMinor(one.net, payout.currency, `balance transaction ${one.id}, net`)));
  const isWhole = payout.status !== 'paid' || net === signedAmount(payout, payout.currency);
  const transactions = nodes.filter((_, index) => own.has(read[index] as BalanceMovement));
  return { body: { payout: each, balance_transactions: { transactions }, orders }, isWhole, count: own.size };
}

/** The orders behind some movements, each with its transactions and refunds; those we may not see are left out. */
export async function readOrderLinks(movements: readonly BalanceMovement[], caller: Caller): Promise<unknown[]> {
  const ids = new Set(movements.flatMap(({ source_order_id: id }) => (id ? [id] : [])));
  const orders: unknown[] = [];
  for (const id of ids) {
    const answer = await graphql(caller, ORDER_LINKS_QUERY, { id: `gid://shopify/Order/${id}` });
    const { order } = z.object({ order: z.unknown().optional() }).parse(answer);
    if (order) orders.push(order);
  }
  return orders;
}

/** Disputes whose state was not read yet. */
export async function* disputesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const look = lookOf(range);
  const query = `initiated_at:>='${look.start}' AND initiated_at:<='${range.to}'`;
  const still = new Set<string>();
  for await (const page of pagesOf(DISPUTES_QUERY, 'disputes', query, callerOf(api))) {
    const states = page.map((each) => ({ each, state: `${exactId(each.id, each.id)}:${String(each.status)}` }));
    for (const { state } of states) still.add(state);
    const fresh = states.filter(({ state }) => !look.seen.has(state));
    for (const { state } of fresh) look.seen.add(state);
    const deliveries = fresh.map(({ each, state }) => delivery('disputes', state, { dispute: each }));
    yield { deliveries, cursor: cursorOf(look, look.seen) };
  }
  const seen = [...look.seen].filter((state) => still.has(state));
  yield { deliveries: [], cursor: cursorOf({ ...look, start: nextStart(look, range.to, DISPUTE_SETTLES_MS) }, seen) };
}

function delivery(topic: string, eventId: string, body: unknown): Delivery {
  return { topic, headers: {}, body: Buffer.from(JSON.stringify(body)), eventId };
}

function before(instant: string, milliseconds: number): string {
  return new Date(Date.parse(instant) - milliseconds).toISOString();
}
