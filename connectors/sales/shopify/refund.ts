import { type CanonicalEvent, makeEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { NormalizeContext } from '../../kit/contract.ts';
import { type DraftLine, type OrderScope, plainLine, totalOf } from './lines.ts';
import { contradiction, exactId, readCurrency, setAmount, shopAmount, utcInstant } from './money.ts';
import type { MoneySet, Movement, OrderPayload, RefundPayload } from './payload.ts';
import { adjustmentLine, discrepancy, type Reading, type RefundView, refundLines } from './refund-lines.ts';
import type { RepaidLines } from './repaid.ts';
import { buyersAmount, type DraftTender, readTenders } from './tenders.ts';

/** The order around a refund, where it is known. */
export interface RefundContext {
  order: OrderPayload;
  scope: OrderScope;
  /** Value of returned goods that paid for other goods of the order, minor units (accounting.md C12). */
  exchanged: bigint;
  /** What refunds of the order repaid because an edit had removed it. */
  repaid: RepaidLines;
}

/** `listed` is what the lines come to without discrepancy entries. */
export type RefundOutcome = { event: CanonicalEvent; listed: bigint } | { ignored: string; needs?: string };

/**
 * One refund as an event. Only successful refund movements are money paid back; the lines must come to them. `embedded`
 * marks a refund found inside an order: its revision sorts just before that of the same refund delivered by itself, but
 * behind it where the order knows what the refund by itself does not say: which removed lines it repaid.
 */
export function normalizeRefund(
  refund: RefundPayload,
  context: RefundContext | null,
  settings: NormalizeContext['settings'],
  embedded: boolean,
): RefundOutcome {
  const paid = paidBack(refund);
  const id = exactId(refund.id, refund.admin_graphql_api_id) ?? refund.id;
  if (paid.length === 0) return { ignored: `refund ${id}: ${whyNoMoney(refund)}` };
  const scope = refundScope(refund, id, paid, context, settings);
  const proven = proveLines(refund, scope, paid, context);
  if (proven === null) {
    return {
      ignored: `needs order: refund ${id} was paid in the buyer's currency and gives no amount in the shop's`,
      needs: 'order',
    };
  }
  const times = [refund.processed_at, refund.created_at, refund.updated_at];
  const occurredAt = utcInstant(refund.processed_at) ?? utcInstant(refund.created_at);
  const moved = paid.flatMap((each) => [each.processed_at, each.created_at]);
  const revision = [...times, ...moved]
    .flatMap((each) => utcInstant(each) ?? [])
    .sort()
    .at(-1);
  if (occurredAt === undefined || revision === undefined) throw timeless(scope.subject);
  const orderId = context ? exactId(context.order.id, context.order.admin_graphql_api_id) : refund.order_id;
  const event = makeEvent({
    version: 1,
    type: 'refund',
    channel: 'shopify',
    id,
    revision: embedded ? embeddedRevision(refund, revision, context) : revision,
    occurredAt,
    currency: scope.currency,
    test: context?.order.test === true || paid.some((each) => each.test === true),
    // No more of the order than the refund by itself knows: both have to be the same fact.
    ...(orderId ? { order: { id: orderId } } : {}),
    sale: orderId ? { id: orderId } : null,
    lines: proven.lines,
    tenders: proven.tenders,
    total: totalOf(proven.lines),
    ...(proven.presentment ? { presentment: proven.presentment } : {}),
  });
  return { event, listed: proven.listed };
}

function paidBack(refund: RefundPayload): Movement[] {
  return (refund.transactions ?? []).filter((each) => each.kind === 'refund' && each.status === 'success');
}

/** A later state of the order may tell better what was repaid, so the order's own revision counts then. */
function embeddedRevision(refund: RefundPayload, own: string, context: RefundContext | null): string {
  if (!context?.repaid.has(refund.id)) return own.replace(/Z$/, '');
  const updated = utcInstant(context.order.updated_at) ?? own;
  return `${updated > own ? updated : own}+edit`;
}

/**
 * Money of a refund in shop money that neither its lines nor its adjustments explain; 0 where they do, where no money
 * moved, or where its shop side cannot be told.
 */
export function unexplainedMoney(refund: RefundPayload, order: OrderPayload, scope: OrderScope): bigint {
  const paid = paidBack(refund);
  if (paid.length === 0) return 0n;
  const shop: RefundView = { refund, order, scope, side: 'shop' };
  const foreign = buyersCurrency(paid, scope) !== null;
  const readings = readingsOf(scope.inclusive ? [true, false] : [false]);
  if (!isItemised(shop)) {
    const { net, tax } = discrepancy(shop);
    if (net !== 0n || tax !== 0n) return 0n;
    return foreign ? (shopSideOf(shop, paid, 0n)?.net ?? 0n) : sum(paid.map((each) => sideMoney(each, shop)));
  }
  if (foreign) return 0n;
  const money = sum(paid.map((each) => sideMoney(each, shop)));
  const rounding = sum(paid.map((each) => roundingOf(each, shop)));
  if (fittingReading(shop, readings, money, rounding)) return 0n;
  const excess = money - totalOf(refundLines(shop, readings[0] as Reading));
  return excess > 0n ? excess : 0n;
}

function whyNoMoney(refund: RefundPayload): string {
  const attempts = (refund.transactions ?? []).filter((each) => each.kind === 'refund');
  if (attempts.some((each) => each.status === 'pending')) {
    return 'the money is still pending at the gateway; it is booked once the transaction succeeds';
  }
  const failed = attempts.find((each) => each.status === 'failure' || each.status === 'error');
  if (failed) return 'the refund failed at the gateway; no money moved';
  return 'no money was paid back (goods restocked or removed only)';
}

function timeless(subject: string): ConnectorError {
  const message = `${subject}: neither processed_at nor created_at is a time with an offset. Nothing was booked.`;
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'processed_at' });
}

function refundScope(
  refund: RefundPayload,
  id: string,
  paid: readonly Movement[],
  context: RefundContext | null,
  settings: NormalizeContext['settings'],
): OrderScope {
  const order = context?.order.name ?? refund.order_id ?? 'unknown';
  const subject = `refund ${id} of order ${order}`;
  if (context) return { ...context.scope, subject };
  const sets: (MoneySet | null | undefined)[] = [
    ...(refund.refund_line_items ?? []).map((each) => each.subtotal_set),
    ...(refund.order_adjustments ?? []).map((each) => each.amount_set),
    ...(refund.refund_shipping_lines ?? []).map((each) => each.subtotal_amount_set),
    refund.total_duties_set,
    ...paid.map((each) => each.amount_set),
  ];
  const stated = sets.find((each) => each?.shop_money)?.shop_money?.currency_code;
  const code = stated ?? settings.currency ?? paid.find((each) => each.currency)?.currency;
  if (!code) {
    const message = `${subject}: no field gives a currency; set it with the setting "currency". Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'CURRENCY_UNKNOWN', subject: 'currency' });
  }
  return { subject, currency: readCurrency(code, `${subject}, currency`), inclusive: false };
}

interface Proven {
  lines: DraftLine[];
  tenders: DraftTender[];
  listed: bigint;
  presentment: { currency: string; total: bigint } | null;
}

/** The reading of the refund whose lines come to the money paid back; null when the shop's side cannot be told. */
function proveLines(
  refund: RefundPayload,
  scope: OrderScope,
  paid: readonly Movement[],
  context: RefundContext | null,
): Proven | null {
  const shop: RefundView = { refund, order: context?.order ?? null, scope, side: 'shop' };
  const foreign = buyersCurrency(paid, scope);
  const view: RefundView =
    foreign === null ? shop : { ...shop, side: 'presentment', scope: { ...scope, currency: foreign } };
  const paidOut = sum(paid.map((each) => sideMoney(each, view)));
  const rounding = sum(paid.map((each) => roundingOf(each, view)));
  const repaid = context?.repaid.get(refund.id) ?? [];
  if (!isItemised(view)) {
    return repaid.length > 0 ? repayment(shop, view, paid, repaid) : unsplit(shop, view, paid, paidOut);
  }
  const money = paidOut - totalOf(repaid);
  const reading = chooseReading(view, context, money, rounding);
  const lines = [...refundLines(shop, reading), ...repaid];
  const listed = totalOf(refundLines(shop, { ...reading, discrepancy: false }));
  const total = totalOf(lines);
  const seen = totalOf(refundLines(view, reading));
  const short = seen - money;
  const bridged = short > 0n && short !== -rounding && foreign === null;
  const presentment = foreign === null ? null : { currency: foreign, stated: seen };
  const tenders = readTenders(paid, scope, { stated: total, presentment });
  if (bridged) tenders.push({ kind: 'store_credit', processor: 'exchange', amount: short });
  return {
    ...rounded(lines, tenders, foreign === null ? rounding : 0n),
    listed,
    presentment: foreign === null ? null : { currency: foreign, total: paidOut },
  };
}

/** Cash refunds are rounded to coins: the tender is what was handed over, the rounding a line of its own. */
function rounded(lines: DraftLine[], tenders: DraftTender[], rounding: bigint): Pick<Proven, 'lines' | 'tenders'> {
  if (rounding === 0n) return { lines, tenders };
  const missing = totalOf(lines) + rounding - sum(tenders.map((each) => each.amount));
  const [first, ...rest] = tenders;
  return {
    lines: [...lines, plainLine('rounding', rounding, { title: 'Cash rounding', restock: false })],
    tenders: first === undefined ? [] : [{ ...first, amount: first.amount + missing }, ...rest],
  };
}

/**
 * Tries every reading that Shopify's documents allow, the likeliest first; the refund payload itself does not say
 * whether prices contain tax. Refuses a refund that no reading explains.
 */
function chooseReading(view: RefundView, context: RefundContext | null, money: bigint, rounding: bigint): Reading {
  const goods = context ? (context.scope.inclusive ? [true, false] : [false]) : [false, true];
  const readings = readingsOf(goods);
  const fits = fittingReading(view, readings, money, rounding);
  if (fits) return fits;
  const first = readings[0] as Reading;
  const total = totalOf(refundLines(view, first));
  const short = total - money;
  if (short > 0n && view.side === 'shop' && (view.refund.return || short <= (context?.exchanged ?? 0n))) return first;
  const found = { what: 'the refunded lines', amount: total };
  const remark = 'No order_adjustments entry explains the difference.';
  throw contradiction(view.scope.subject, 'transactions', found, money, view.scope.currency, remark);
}

function readingsOf(goods: readonly boolean[]): Reading[] {
  return [true, false].flatMap((discrepancy) =>
    goods.flatMap((goodsInclusive) =>
      [goodsInclusive, !goodsInclusive].map((shippingInclusive) => ({
        goodsInclusive,
        shippingInclusive,
        discrepancy,
      })),
    ),
  );
}

function fittingReading(
  view: RefundView,
  readings: readonly Reading[],
  money: bigint,
  rounding: bigint,
): Reading | undefined {
  return readings.find((reading) => {
    const total = totalOf(refundLines(view, reading));
    return total === money || (rounding !== 0n && total + rounding === money);
  });
}

/** Whether the refund says what was given back, and not only how much. */
function isItemised(view: RefundView): boolean {
  return refundLines(view, { goodsInclusive: false, shippingInclusive: false, discrepancy: false }).length > 0;
}

/** A refund that repays nothing but what an edit removed: the removed lines are its lines. */
function repayment(
  shop: RefundView,
  view: RefundView,
  paid: readonly Movement[],
  repaid: readonly DraftLine[],
): Proven {
  const total = totalOf(repaid);
  const seen = sum(paid.map((each) => sideMoney(each, view)));
  const currency = view.scope.currency;
  const foreign = view.side === 'presentment';
  const tenders = readTenders(paid, shop.scope, {
    stated: total,
    presentment: foreign ? { currency, stated: seen } : null,
  });
  return { lines: [...repaid], tenders, listed: 0n, presentment: foreign ? { currency, total: seen } : null };
}

/** A refund that only says an amount: one adjustment line (design.md, settled readings). */
function unsplit(shop: RefundView, view: RefundView, paid: readonly Movement[], money: bigint): Proven | null {
  const seen = discrepancy(view);
  const stated = seen.net + seen.tax;
  if (stated !== 0n && stated !== money) {
    const found = { what: 'the order_adjustments', amount: stated };
    throw contradiction(view.scope.subject, 'transactions', found, money, view.scope.currency);
  }
  if (view.side === 'shop') {
    const line = adjustmentLine(money - seen.tax, seen.tax);
    const tenders = readTenders(paid, shop.scope, { stated: money, presentment: null });
    return { lines: [line], tenders, listed: 0n, presentment: null };
  }
  const inShop = shopSideOf(shop, paid, stated);
  if (inShop === null) return null;
  const total = inShop.net + inShop.tax;
  const currency = view.scope.currency;
  const tenders = readTenders(paid, shop.scope, { stated: total, presentment: { currency, stated: money } });
  const lines = [adjustmentLine(inShop.net, inShop.tax)];
  return { lines, tenders, listed: 0n, presentment: { currency, total: money } };
}

/** Shop money of a refund that only says an amount in the buyer's currency: from its entries, else its movements. */
function shopSideOf(shop: RefundView, paid: readonly Movement[], stated: bigint): { net: bigint; tax: bigint } | null {
  if (stated !== 0n) return discrepancy(shop);
  const where = `${shop.scope.subject}, transactions`;
  const amounts = paid.map((each) => setAmount(each.amount_set, 'shop', shop.scope.currency, where));
  const known = amounts.filter((each) => each !== undefined);
  return known.length === amounts.length ? { net: sum(known), tax: 0n } : null;
}

/** The buyer's currency when the refund was paid in one that is not the shop's. */
function buyersCurrency(paid: readonly Movement[], scope: OrderScope): string | null {
  const codes = paid.map((each) => each.amount_set?.presentment_money?.currency_code ?? each.currency);
  const foreign = codes.find((code) => code && code !== scope.currency);
  return foreign ? readCurrency(foreign, `${scope.subject}, transactions`) : null;
}

function sideMoney(movement: Movement, view: RefundView): bigint {
  const where = `${view.scope.subject}, transactions`;
  return view.side === 'shop'
    ? shopAmount(movement.amount_set, movement.amount, view.scope.currency, where)
    : (buyersAmount(movement, view.scope.currency, view.scope) ?? 0n);
}

function roundingOf(movement: Movement, view: RefundView): bigint {
  const where = `${view.scope.subject}, transactions.amount_rounding`;
  return shopAmount(movement.amount_rounding_set, movement.amount_rounding, view.scope.currency, where);
}
