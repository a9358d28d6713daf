import {
  type Books,
  type CanonicalEvent,
  type PostingFacts,
  type RelatedFact,
  type ResolvedEntry,
  relatedFacts,
  relatedKey,
  sum,
} from '@daybook/domain';
import { postedEntriesOf } from '@daybook/ledger/post';
import type { Tx } from '@daybook/platform/db';
import { factId } from './fact-id.ts';
import type { EventRow } from './posting-facts.ts';
import { liveEntriesOf } from './summaries/receipts.ts';

type ForeignFacts = Pick<PostingFacts, 'related' | 'reserved'>;

/**
 * Facts that foreign money is carried by: at which value it lies on the clearing account (docs/ledger.md). Empty for
 * events in the company's own currency, which need none.
 */
export async function foreignFacts(tx: Tx, rows: EventRow[], books: Books): Promise<Map<bigint, ForeignFacts>> {
  const found = new Map<bigint, ForeignFacts>();
  for (const row of rows) {
    const wanted = relatedFacts(row.event, books);
    if (wanted.length > 0) found.set(row.id, { related: await relatedOf(tx, row, wanted) });
    const reserved = await reservedBefore(tx, row, books);
    if (reserved) found.set(row.id, { ...found.get(row.id), reserved });
  }
  return found;
}

/** A booked event, as far as it tells whose money it moved. */
export interface MoverRow {
  id: bigint;
  type: string;
  sourceId: string;
  saleId: string | null;
  refundId: string | null;
  dispute: string | null;
}

async function relatedOf(tx: Tx, row: EventRow, wanted: RelatedFact[]): Promise<Related> {
  const movers = await readMovers(tx, row, wanted);
  const { entries } = await liveEntriesOf(
    tx,
    movers.map(({ id }) => id),
  );
  return relatedFrom(row, wanted, movers, entries);
}

type Related = Map<string, readonly ResolvedEntry[] | null>;

/** Booked events as movers of money. */
export function moverOf(id: bigint, event: CanonicalEvent): MoverRow {
  return {
    id,
    type: event.type,
    sourceId: factId(event),
    saleId: 'sale' in event && event.sale ? event.sale.id : null,
    refundId: event.type === 'settlement' ? (event.refund?.id ?? null) : null,
    dispute: event.type === 'dispute' ? event.id : null,
  };
}

/**
 * Live entries per wanted fact, out of everything that may have moved its money; the event's own fact is left out.
 * `null`: this connection tells of such facts, but this one is not booked yet. Without a key: it will never come here,
 * because a shop in front records the sales. Pure.
 */
export function relatedFrom(
  row: Pick<EventRow, 'event' | 'records'>,
  wanted: readonly RelatedFact[],
  booked: readonly MoverRow[],
  entries: ReadonlyMap<bigint, ResolvedEntry[]>,
): Related {
  const own = factId(row.event);
  const movers = booked.filter((each) => !(each.type === row.event.type && each.sourceId === own));
  const related: Related = new Map();
  for (const fact of wanted) {
    const moved = movers.filter((each) => moves(each, fact));
    if (moved.some((each) => isItself(each, fact)))
      related.set(
        relatedKey(fact),
        moved.flatMap((each) => entries.get(each.id) ?? []),
      );
    else if (row.records === 'sales' || fact.type === 'fee' || fact.type === 'dispute')
      related.set(relatedKey(fact), null);
  }
  return related;
}

/** A charge that paid a sale on account is a payment of its own: payouts name it as they name a sale. */
function isItself(mover: MoverRow, fact: RelatedFact): boolean {
  if (fact.type === 'dispute') return mover.type === 'dispute' && mover.dispute === fact.id;
  if (fact.type === 'sale' && mover.type === 'payment' && mover.sourceId === fact.id) return true;
  return mover.type === fact.type && mover.sourceId === fact.id;
}

/** Whether a booked event moved money of a fact on the clearing account. */
function moves(mover: MoverRow, fact: RelatedFact): boolean {
  if (isItself(mover, fact)) return true;
  if (mover.type === 'settlement' && fact.type === 'refund') return mover.refundId === fact.id;
  const belongs = mover.type === 'fee' || (mover.type === 'settlement' && mover.refundId === null);
  return fact.type === 'sale' && belongs && mover.saleId === fact.id;
}

async function readMovers(tx: Tx, row: EventRow, wanted: RelatedFact[]): Promise<MoverRow[]> {
  const idsOf = (type: RelatedFact['type']) => wanted.filter((each) => each.type === type).map(({ id }) => id);
  const sales = idsOf('sale');
  return tx<MoverRow[]>`
    select id, type, source_id as "sourceId", sale_id as "saleId", payload->'refund'->>'id' as "refundId",
           case when type = 'dispute' then payload->>'id' end as dispute
    from events where connection_id = ${row.connectionId} and posted_at is not null and (
      (type in ('sale', 'payment') and source_id = any(${sales})) or (type = 'refund' and source_id = any(${idsOf('refund')}))
      or (type = 'fee' and source_id = any(${idsOf('fee')}))
      or (type in ('fee', 'settlement') and sale_id = any(${sales}))
      or (type = 'settlement' and payload->'refund'->>'id' = any(${idsOf('refund')}))
      or (type = 'dispute' and payload->>'id' = any(${idsOf('dispute')})))
    order by id`;
}

/** What other payouts in a foreign currency have put into the processor's reserve, in both currencies. */
async function reservedBefore(tx: Tx, row: EventRow, books: Books): Promise<ForeignFacts['reserved']> {
  const { event } = row;
  if (event.type !== 'payout' || event.currency === books.functionalCurrency) return undefined;
  if (!event.lines.some(({ kind }) => kind === 'reserve')) return undefined;
  const others = await tx<{ id: bigint }[]>`
    select id from events where connection_id = ${row.connectionId} and type = 'payout' and posted_at is not null
      and source_id <> ${event.id} and payload->>'currency' = ${event.currency}`;
  const posted = await postedEntriesOf(
    tx,
    others.map(({ id }) => id),
  );
  const lines = [...posted.values()].flat().flatMap((entry) => entry.lines);
  const held = lines.filter(
    ({ role, currency }) => /^processor\.reserve(\.|$)/.test(role) && currency === event.currency,
  );
  return { amountTc: sum(held.map((line) => line.amountTc)), amount: sum(held.map((line) => line.amount)) };
}
