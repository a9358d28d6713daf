import { stringify } from 'lossless-json';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, RawDelivery } from '../../kit/contract.ts';
import { activityOf } from './activities.ts';
import { type Caller, callerOf, get } from './client.ts';
import { contentOf, objectsIn } from './known.ts';
import { payloads } from './payload.ts';
import { asDelivered, bundled, objectIn, pagesOf, type Raw, readOrders, readPayment, textOf } from './reading.ts';
import { needsPayment, paymentIdOf } from './tenders.ts';

/**
 * Re-reads what a delivery lacks: `order` (with the payments and SKUs it needs, and a refund's payment), `payment`,
 * `payments` of an order, `payout_entries` (with the payments behind them). Throws ConnectorError `unsupported` for
 * another name, `rejected` when the delivery names no such object or it is gone, and what `get` throws.
 */
export async function fetchFor(name: string, delivery: RawDelivery, api: Api): Promise<string> {
  const read = READERS[name];
  if (!read) {
    throw new ConnectorError('unsupported', `Square has nothing called "${name}" to read.`, {
      code: 'CHANNEL_REFUSED',
    });
  }
  return stringify(await read(delivery, callerOf(api))) ?? '';
}

type Fetch = (delivery: RawDelivery, caller: Caller) => Promise<Record<string, unknown>>;

const READERS: Readonly<Record<string, Fetch>> = {
  order: fetchOrder,
  payment: fetchPayment,
  payments: fetchPayments,
  payout_entries: fetchEntries,
};

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The objects a delivery is about, as they came. */
function aboutIn(delivery: RawDelivery): Record<string, unknown>[] {
  const kind = /^(payment|refund|order|payout|dispute)/.exec(delivery.topic.toLowerCase())?.[1] ?? '';
  const objects = objectsIn(contentOf(delivery), kind, `${kind}s`);
  return objects.map((each) => {
    const found = Object(each) as Record<string, unknown>;
    const thin = found.order_created ?? found.order_updated ?? found.order_fulfillment_updated;
    return thin === undefined ? found : (Object(thin) as Record<string, unknown>);
  });
}

async function fetchOrder(delivery: RawDelivery, caller: Caller): Promise<Record<string, unknown>> {
  const isOrder = delivery.topic.toLowerCase().startsWith('order');
  const about = aboutIn(delivery);
  const ids = [...new Set(about.flatMap((each) => text(each.order_id) ?? (isOrder ? (text(each.id) ?? []) : [])))];
  const [only] = ids;
  if (only === undefined) throw namesNone(delivery, 'order');
  const orders =
    ids.length > 1
      ? await readOrders(ids, caller)
      : [objectIn(await get(caller, `/v2/orders/${encodeURIComponent(only)}`), 'order')];
  const payments = delivery.topic.toLowerCase().startsWith('payment') ? (about as Raw[]) : [];
  const bundles = [...(await bundled(orders, payments, caller)).values()];
  const refunded = delivery.topic.toLowerCase().startsWith('refund') ? [await paymentBehind(delivery, caller)] : [];
  return {
    orders: bundles.map(({ order }) => order),
    payments: [...bundles.flatMap((each) => each.payments), ...refunded.filter((each) => each !== undefined)],
    objects: bundles.flatMap((each) => each.objects),
  };
}

async function fetchPayment(delivery: RawDelivery, caller: Caller): Promise<Record<string, unknown>> {
  const payment = await paymentBehind(delivery, caller);
  if (payment) return { payment };
  const message = `Square has no payment that we may read for a delivery of topic ${delivery.topic}, so its sale is not known.`;
  throw new ConnectorError('rejected', message, { code: 'CHANNEL_OBJECT_MISSING', subject: 'payment' });
}

/** The payment of a refund or dispute. */
async function paymentBehind(delivery: RawDelivery, caller: Caller): Promise<Raw | undefined> {
  const [about] = aboutIn(delivery);
  const disputed = Object(about?.disputed_payment) as Record<string, unknown>;
  const id = text(about?.payment_id) ?? text(disputed.payment_id);
  return id === undefined ? undefined : readPayment(id, caller);
}

async function fetchPayments(delivery: RawDelivery, caller: Caller): Promise<Record<string, unknown>> {
  const payments: Raw[] = [];
  for (const each of aboutIn(delivery)) {
    const order = payloads.order.safeParse(each);
    for (const tender of order.success ? order.data.tenders : []) {
      const id = paymentIdOf(tender);
      const payment = id && order.success && needsPayment(tender, order.data) && (await readPayment(id, caller));
      if (payment) payments.push(payment);
    }
  }
  return { payments };
}

async function fetchEntries(delivery: RawDelivery, caller: Caller): Promise<Record<string, unknown>> {
  const [payout] = aboutIn(delivery);
  const id = text(payout?.id);
  if (id === undefined) throw namesNone(delivery, 'payout');
  const path = `/v2/payouts/${encodeURIComponent(id)}/payout-entries`;
  const payout_entries: Raw[] = [];
  const read = (cursor: string | undefined) => get(caller, path, { limit: '100', sort_order: 'ASC', cursor });
  for await (const page of pagesOf(read, 'payout_entries')) payout_entries.push(...page);
  return { payout_entries, payments: await paymentsBehind(payout_entries, text(payout?.location_id), caller) };
}

const HOUR_MS = 3_600_000;

/**
 * The payments that entries are about, as far as is needed to name their sales. A page of payments around the time of
 * the entries tells most; only what was captured long after it was authorised is read by itself.
 */
async function paymentsBehind(entries: readonly Raw[], location: string | undefined, caller: Caller): Promise<Raw[]> {
  const times = entries
    .map((entry) => textOf(entry, 'effective_at'))
    .filter((each) => each !== '')
    .sort();
  const wanted = new Set(entries.flatMap((entry) => paymentOf(entry) ?? []));
  const found = new Map<string, Raw>();
  if (wanted.size === 0) return [];
  const window = {
    location_id: location,
    begin_time: shifted(times[0], -HOUR_MS),
    end_time: shifted(times.at(-1), HOUR_MS),
    sort_order: 'ASC',
    limit: '100',
  };
  const list = (cursor: string | undefined) => get(caller, '/v2/payments', { ...window, cursor });
  for await (const page of pagesOf(list, 'payments')) {
    for (const payment of page) found.set(textOf(payment, 'id'), payment);
  }
  for (const id of wanted) {
    const payment = found.get(id) ?? (await readPayment(id, caller));
    if (payment) found.set(id, payment);
  }
  const read = [...wanted].map((id) => found.get(id)).filter((payment) => payment !== undefined);
  return read.map(({ id, order_id, status }) => ({ id, order_id, status }));
}

/** Refunds and disputes name themselves; of what else moves the balance, the payment tells the sale. */
function paymentOf(entry: Raw): string | undefined {
  const { data } = payloads.payoutEntry.safeParse(asDelivered(entry));
  if (!data || ['refund', 'dispute'].includes(activityOf(data.type, data.about.payment_id).kind)) return undefined;
  return data.about.payment_id ?? undefined;
}

function shifted(time: string | undefined, milliseconds: number): string | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : new Date(at + milliseconds).toISOString();
}

function namesNone(delivery: RawDelivery, what: string): ConnectorError {
  const message = `A delivery of topic ${delivery.topic} names no ${what} that could be read.`;
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: what });
}
