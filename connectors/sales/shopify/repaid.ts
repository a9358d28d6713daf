import { type DraftLine, type OrderScope, saleLines, taxOf, totalOf } from './lines.ts';
import { utcInstant } from './money.ts';
import type { OrderPayload, RefundPayload } from './payload.ts';

/** What an edit took off an order: units by position, line items first, then shipping lines (0 or 1). */
export type Removed = readonly bigint[];

/** Lines that a refund paid back because an edit had removed them, by refund id. */
export type RepaidLines = ReadonlyMap<string, readonly DraftLine[]>;

export interface Repaid {
  lines: RepaidLines;
  /** What is removed and not (yet) paid back: such units are not sold, repaid ones are, like refunded ones. */
  open: Removed;
}

/** Beyond this many units or sums it is not looked which of them a refund may have paid for. */
const MOST_UNITS = 200n;
const MOST_SUMS = 2_000;

/** The order's lines in shop money without what is removed. */
export function linesWithout(order: OrderPayload, scope: OrderScope, removed: Removed): DraftLine[] {
  const items = order.line_items.length;
  return saleLines(
    order,
    scope,
    (item, index) => BigInt(item.quantity) - (removed[index] ?? 0n),
    (_line, index) => (removed[items + index] ?? 0n) === 0n,
  );
}

/**
 * Finds for each refund, oldest first, the removed lines that it paid back: those that come exactly to its `money`, which
 * neither its own lines nor its adjustments explain. Everything that is still removed is tried first, then any part of
 * it. Where nothing fits, the refund stays without lines.
 */
export function matchRepaid(
  order: OrderPayload,
  scope: OrderScope,
  removed: Removed,
  money: (refund: RefundPayload) => bigint,
): Repaid {
  const lines = new Map<string, readonly DraftLine[]>();
  let open = removed;
  for (const refund of oldestFirst(order.refunds ?? [])) {
    if (open.every((units) => units === 0n)) break;
    const amount = money(refund);
    const rest = amount > 0n ? restAfter(amount, open, (some) => removedLines(order, scope, open, some)) : null;
    if (rest === null) continue;
    lines.set(refund.id, removedLines(order, scope, open, rest));
    open = rest;
  }
  return { lines, open };
}

function oldestFirst(refunds: readonly RefundPayload[]): RefundPayload[] {
  const time = (refund: RefundPayload) => utcInstant(refund.processed_at) ?? utcInstant(refund.created_at) ?? '';
  return [...refunds].sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
}

/**
 * What stays removed once lines of exactly `amount` are paid back; null when no lines come to it. Where several do, the
 * first ones of the order are taken: which was meant shows at the latest when the rest is repaid.
 */
function restAfter(amount: bigint, open: Removed, linesTo: (rest: Removed) => DraftLine[]): Removed | null {
  const nothing = open.map(() => 0n);
  if (totalOf(linesTo(nothing)) === amount) return nothing;
  if (open.reduce((all, units) => all + units, 0n) > MOST_UNITS) return null;
  let ways = new Map<bigint, Removed>([[0n, open]]);
  for (const [position, units] of open.entries()) {
    const next = new Map(ways);
    for (let left = units - 1n; left >= 0n; left -= 1n) {
      const worth = totalOf(linesTo(open.with(position, left)));
      for (const [sum, rest] of ways) {
        if (!next.has(sum + worth)) next.set(sum + worth, rest.with(position, left));
      }
    }
    if (next.size > MOST_SUMS) return null;
    ways = next;
  }
  return ways.get(amount) ?? null;
}

/** The lines between two states of an order, as lines of a refund; `more` is what was removed before, `fewer` after. */
function removedLines(order: OrderPayload, scope: OrderScope, more: Removed, fewer: Removed): DraftLine[] {
  const kept = new Map(keyed(linesWithout(order, scope, more)));
  return keyed(linesWithout(order, scope, fewer)).flatMap(([key, line]) => {
    const part = less(line, kept.get(key));
    return part.net === 0n && taxOf(part) === 0n && part.quantity === '0' ? [] : [part];
  });
}

function keyed(lines: readonly DraftLine[]): [string, DraftLine][] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const name = `${line.kind} ${line.id ?? line.title}`;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [`${name} ${count}`, line];
  });
}

/** An edit does not say in both languages whether it put the goods back on the shelf, so nothing is restocked. */
function less(line: DraftLine, kept: DraftLine | undefined): DraftLine {
  const { kind, id, sku, title } = line;
  const net = line.net - (kept?.net ?? 0n);
  const quantity = BigInt(line.quantity) - BigInt(kept?.quantity ?? '0');
  const taxes = line.taxes.map((tax, index) => ({ ...tax, amount: tax.amount - (kept?.taxes[index]?.amount ?? 0n) }));
  return {
    ...{ kind, id, sku, title, quantity: quantity.toString(), listNet: net, discount: 0n, net, taxes },
    restock: false,
  };
}
