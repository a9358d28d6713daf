import type { NormalizeContext, Normalized } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { restBalanceMovement, restDispute, restPayout } from './balance-shape.ts';
import { normalizeDispute } from './dispute.ts';
import { restShape } from './graphql-order.ts';
import { type Around, categoryOf, isConverted, movementFacts } from './movement.ts';
import { type BalanceMovement, type OrderLinks, payloads, readPayload } from './payload.ts';
import { normalizePayout } from './payout.ts';
import { gathered, unwrap } from './unwrap.ts';

/** Disputes, bare or listed. `triggeredAt`: when a webhook says it happened; `whole`: polled, see `normalizeDispute`. */
export function readDisputes(body: unknown, triggeredAt: string | null, whole: boolean): Normalized {
  const disputes = unwrap(account(body), 'dispute', 'disputes');
  const read = disputes.map((each) => readPayload(payloads.dispute, restDispute(each), 'dispute'));
  return gathered(read.map((each) => normalizeDispute(each, triggeredAt, whole)));
}

/** Payouts, itemised where their balance transactions lie beside them or were fetched. */
export function readPayouts(body: unknown, context: NormalizeContext): Normalized {
  const payouts = unwrap(account(body), 'payout', 'payouts');
  const read = payouts.map((each) => readPayload(payloads.payout, restPayout(each), 'payout'));
  const beside = isNode(body) ? body.balance_transactions : undefined;
  const fetched = context.fetched.balance_transactions;
  const list = beside ?? (fetched === undefined ? undefined : parseJson(fetched));
  const movements = list === undefined || list === null ? undefined : readMovements(list);
  const around = aroundOf(body, context);
  return gathered(
    // A movement that names no payout belongs to the only one there is.
    read.map((each) =>
      normalizePayout(each, read.length > 1 ? movements?.filter((one) => one.payout_id) : movements, around),
    ),
  );
}

/** Movements on the balance: their fees, and conversions where the orders behind them are known. */
export function readBalance(body: unknown, context: NormalizeContext): Normalized {
  const around = aroundOf(body, context);
  return gathered(
    readMovements(body).map((movement) => {
      if (isConverted(movement, around) && !around.orders.some(({ id }) => id === movement.source_order_id)) {
        const why = `balance transaction ${movement.id} was converted, and only its order tells from how much`;
        return { ignored: `needs orders: ${why}`, needs: 'orders' };
      }
      const events = movementFacts(movement, around);
      return events.length > 0 ? { events } : { ignored: whyNoFact(movement) };
    }),
  );
}

/** Movements of a list in any of its shapes. */
export function readMovements(body: unknown): BalanceMovement[] {
  const inner = account(body);
  const name = isNode(inner) && 'transactions' in inner ? 'transactions' : 'balanceTransactions';
  const list = unwrap(inner, 'transaction', name);
  return list.map((each) => readPayload(payloads.balanceMovement, restBalanceMovement(each), 'balance transaction'));
}

/** Where each category that bears no fee of its own is told. */
const WHERE: Partial<Record<ReturnType<typeof categoryOf>, string>> = {
  payout: 'its payout tells of it',
  returned: 'the payout that came back tells of it',
  reserve: 'the payout it is listed in tells of it',
  adjustment: 'the payout it is listed in tells of it',
  transfer: 'the payout it is listed in tells of it',
};

function whyNoFact(movement: BalanceMovement): string {
  const category = categoryOf(movement);
  return `balance transaction ${movement.id} (${category}): ${WHERE[category] ?? 'it bears no fee'}`;
}

function aroundOf(body: unknown, context: NormalizeContext): Around {
  const beside = isNode(body) ? body.orders : undefined;
  const fetched = context.fetched.orders;
  const list = beside ?? (fetched === undefined ? [] : parseJson(fetched));
  const orders = Array.isArray(list) ? list : unwrap(list, 'order', 'orders');
  const links = orders.map((each): OrderLinks => readPayload(payloads.orderLinks, restShape(each), 'order'));
  return { shopCurrency: context.settings.currency, orders: links };
}

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** GraphQL answers lie inside the account of Shopify Payments. */
function account(body: unknown): unknown {
  const data = isNode(body) && isNode(body.data) ? body.data : body;
  const inner = isNode(data) ? data.shopifyPaymentsAccount : undefined;
  return inner === undefined ? data : (inner ?? { transactions: [], payouts: [], disputes: [] });
}
