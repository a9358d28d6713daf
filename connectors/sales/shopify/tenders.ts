import { allocate, divideHalfUp, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { gatewayTender } from './gateways.ts';
import type { OrderScope } from './lines.ts';
import { contradiction, exactId, readMinor, setAmount, shopAmount } from './money.ts';
import type { Movement, OrderPayload } from './payload.ts';

export interface DraftTender {
  kind: ReturnType<typeof gatewayTender>['kind'];
  processor?: string | undefined;
  amount: bigint;
  id?: string | undefined;
}

/** What was paid, or why the order is no sale (yet). */
export type Settlement =
  | { tenders: DraftTender[]; due: bigint }
  | { voided: true }
  | { ignored: string; needs?: string };

/** Totals of the sale that the tenders have to meet: with cash rounding, and as `total_price` states it, both halves. */
export interface SaleTotals {
  total: bigint;
  rounding: bigint;
  stated: bigint;
  presentment: { currency: string; stated: bigint } | null;
  /** What the payload says is still to be paid; negative when an edit made the order cheaper than what was paid. */
  outstanding: bigint | undefined;
}

const PAID = ['paid', 'partially_refunded', 'refunded'];

/** Whether the order was paid in full at some time, going by its financial status. */
export function wasPaid(order: OrderPayload): boolean {
  return PAID.includes(order.financial_status ?? '');
}

/**
 * How an order was paid. With money movements at hand only successful captures and sales count; without them the
 * financial status and a single gateway tell it all, and several gateways need the movements (`needs: transactions`).
 */
export function settle(
  order: OrderPayload,
  scope: OrderScope,
  totals: SaleTotals,
  movements: readonly Movement[] | undefined,
): Settlement {
  if (movements !== undefined) return settleByMovements(order, scope, totals, movements);
  const status = order.financial_status ?? '';
  if (status === 'voided' || status === 'expired') return { voided: true };
  if (wasPaid(order)) return paidBy(order, totals, totals.total - overpaid(totals));
  if (status === 'partially_paid') {
    if (totals.outstanding === undefined) return needsMovements('does not say how much is outstanding');
    return paidBy(order, totals, totals.total - totals.outstanding);
  }
  if (isCancelled(order)) return { voided: true };
  if (status === 'authorized') return AUTHORISED;
  if (status === 'pending') return { tenders: [], due: totals.total };
  return totals.total === 0n ? { tenders: [], due: 0n } : needsMovements(`has the financial status "${status}"`);
}

const AUTHORISED: Settlement = {
  ignored: 'authorised, not captured: an authorisation is not money; the capture will book the sale',
};

function needsMovements(why: string): Settlement {
  return { ignored: `needs transactions: the order ${why}`, needs: 'transactions' };
}

const isCancelled = (order: OrderPayload) => order.cancelled_at !== null && order.cancelled_at !== undefined;

function overpaid(totals: SaleTotals): bigint {
  return totals.outstanding !== undefined && totals.outstanding < 0n ? totals.outstanding : 0n;
}

function paidBy(order: OrderPayload, totals: SaleTotals, paid: bigint): Settlement {
  const due = totals.total - paid;
  if (paid === 0n) return { tenders: [], due };
  const named = order.payment_gateway_names ?? (order.gateway ? [order.gateway] : []);
  const gateways = [...new Set(named.length > 0 ? named : order.gateway ? [order.gateway] : [])];
  const [gateway] = gateways;
  if (gateways.length !== 1 || gateway === undefined) {
    return needsMovements(`was paid through ${gateways.length === 0 ? 'no named gateway' : gateways.join(' and ')}`);
  }
  return { tenders: [{ ...gatewayTender(gateway, false), amount: paid }], due };
}

function settleByMovements(
  order: OrderPayload,
  scope: OrderScope,
  totals: SaleTotals,
  movements: readonly Movement[],
): Settlement {
  const succeeded = movements.filter((each) => each.status === 'success');
  const captured = succeeded.filter((each) => each.kind === 'sale' || each.kind === 'capture');
  if (captured.length === 0 && !(wasPaid(order) && totals.total === 0n)) {
    const status = order.financial_status ?? '';
    if (isCancelled(order) || status === 'voided' || status === 'expired') return { voided: true };
    if (succeeded.some((each) => each.kind === 'authorization')) return AUTHORISED;
  }
  const change = succeeded.filter((each) => each.kind === 'change');
  const paid = withoutChange(perGateway(readTenders(captured, scope, totals)), change, scope, totals);
  const tenders = withRounding(paid, totals);
  const due = totals.total - sum(tenders.map((each) => each.amount));
  if (due <= 0n || !wasPaid(order) || totals.outstanding === undefined || totals.outstanding >= due) {
    return { tenders, due };
  }
  return settledByExchange(order, scope, totals, tenders, due);
}

/**
 * One tender per gateway, without the ids of its movements: that is all an order without its transactions tells, and
 * the same order must be the same fact whether they were read or not.
 */
function perGateway(tenders: readonly DraftTender[]): DraftTender[] {
  const merged = new Map<string, DraftTender>();
  for (const { kind, processor, amount } of tenders) {
    const key = `${kind} ${processor}`;
    merged.set(key, { kind, processor, amount: (merged.get(key)?.amount ?? 0n) + amount });
  }
  return [...merged.values()];
}

/**
 * A paid order with less money than it costs: where goods came back, their value paid for the rest (an exchange), and
 * the bridge of accounting.md C12 carries it. Without any refund the payload contradicts itself.
 */
function settledByExchange(
  order: OrderPayload,
  scope: OrderScope,
  totals: SaleTotals,
  tenders: DraftTender[],
  due: bigint,
): Settlement {
  const outstanding = totals.outstanding ?? 0n;
  if (order.financial_status === 'paid') {
    const found = { what: 'its successful transactions', amount: totals.total - due };
    const remark = `The financial status is paid and total_outstanding leaves no room for the rest.`;
    throw contradiction(scope.subject, 'total_price', found, totals.total, scope.currency, remark);
  }
  const left = outstanding > 0n ? outstanding : 0n;
  return { tenders: [...tenders, { kind: 'store_credit', processor: 'exchange', amount: due - left }], due: left };
}

/**
 * Movements as tenders in shop money. What was paid in the buyer's currency is turned by the two totals of the fact
 * itself, because the two halves of Shopify's sets only add up each on its own.
 */
export function readTenders(
  movements: readonly Movement[],
  scope: OrderScope,
  totals: Pick<SaleTotals, 'stated' | 'presentment'>,
): DraftTender[] {
  const { presentment } = totals;
  const seen = movements.map((each) => (presentment ? buyersAmount(each, presentment.currency, scope) : undefined));
  const whole = seen.reduce<bigint>((total, each) => total + (each ?? 0n), 0n);
  const inShop = movements.every((each) => inShopMoney(each, scope));
  if (presentment !== null && seen.every((each) => each !== undefined)) {
    if (whole === presentment.stated || !inShop) {
      const total =
        whole === presentment.stated ? totals.stated : divideHalfUp(totals.stated * whole, presentment.stated);
      const amounts = allocate(total, seen);
      return movements.map((each, index) => tenderOf(each, amounts[index] ?? 0n));
    }
  }
  if (inShop) return movements.map((each) => tenderOf(each, movementAmount(each, scope)));
  const stray = movements.find((each) => !inShopMoney(each, scope) && each.currency !== presentment?.currency);
  throw strayCurrency(scope, (stray ?? movements[0])?.currency ?? 'no currency', presentment?.currency);
}

/** The amount of a movement in the buyer's currency, where it is given in it. */
export function buyersAmount(movement: Movement, currency: string, scope: OrderScope): bigint | undefined {
  const half = movement.amount_set?.presentment_money;
  if (half)
    return half.currency_code === currency ? readMinor(half.amount, currency, transactionsOf(scope)) : undefined;
  return movement.currency === currency
    ? readMinor(movement.amount ?? '0', currency, transactionsOf(scope))
    : undefined;
}

const transactionsOf = (scope: OrderScope) => `${scope.subject}, transactions`;

function strayCurrency(scope: OrderScope, found: string, presentment: string | undefined): ConnectorError {
  const seen = presentment === undefined ? '' : ` and the buyer saw ${presentment}`;
  const message =
    `${scope.subject}: a transaction is in ${found}, but the shop sells in ${scope.currency}${seen}. ` +
    'Nothing was booked; the two are never mixed in one fact.';
  return new ConnectorError('rejected', message, { code: 'CURRENCY_MISMATCH', subject: 'transactions' });
}

/** REST transactions are in the currency that was paid; GraphQL adds the shop's. */
function inShopMoney(movement: Movement, scope: OrderScope): boolean {
  if (setAmount(movement.amount_set, 'shop', scope.currency, transactionsOf(scope)) !== undefined) return true;
  return !movement.currency || movement.currency === scope.currency;
}

function movementAmount(movement: Movement, scope: OrderScope): bigint {
  return shopAmount(movement.amount_set, movement.amount, scope.currency, transactionsOf(scope));
}

function tenderOf(movement: Movement, amount: bigint): DraftTender {
  const id = exactId(movement.id, movement.admin_graphql_api_id);
  return { ...gatewayTender(movement.gateway ?? '', movement.manual_payment_gateway === true), amount, id };
}

/** Cash given back as change was never the shop's; some tills record the cash sale without it already. */
function withoutChange(
  tenders: DraftTender[],
  change: readonly Movement[],
  scope: OrderScope,
  totals: SaleTotals,
): DraftTender[] {
  const given = sum(change.map((each) => movementAmount(each, scope)));
  const paid = sum(tenders.map((each) => each.amount));
  if (given === 0n || paid === totals.total || paid === totals.stated) return tenders;
  return addedTo(tenders, -given);
}

/** Shopify states cash transactions before rounding; the tender is the cash that was really handed over. */
function withRounding(tenders: DraftTender[], totals: SaleTotals): DraftTender[] {
  const paid = sum(tenders.map((each) => each.amount));
  return totals.rounding !== 0n && paid === totals.total - totals.rounding
    ? addedTo(tenders, totals.rounding)
    : tenders;
}

function addedTo(tenders: DraftTender[], amount: bigint): DraftTender[] {
  const cash = tenders.findLastIndex((each) => each.kind === 'cash');
  const target = cash === -1 ? tenders.length - 1 : cash;
  return tenders.map((each, index) => (index === target ? { ...each, amount: each.amount + amount } : each));
}
