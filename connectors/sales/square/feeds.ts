import { stringify } from 'lossless-json';
import { z } from 'zod';
import type { RawDelivery } from '../../kit/contract.ts';
import { type Caller, get, send } from './client.ts';
import { hasLines } from './order.ts';
import {
  asOrder,
  bundled,
  locationIds,
  objectIn,
  pagesOf,
  type Raw,
  readOrders,
  readPayment,
  textOf,
} from './reading.ts';
import { paymentIdOf } from './tenders.ts';

export type ChangedObject = RawDelivery & { eventId: string };

/** A window of changes of one place: a location, several of them joined by a comma, or '' for the whole account. */
export interface Window {
  place: string;
  /** Instants, UTC ISO. */
  from: string;
  to: string;
}

/** How one kind of object is polled. */
export interface Feed {
  places(caller: Caller): Promise<string[]>;
  /** Objects changed in a window, page by page. */
  pages(window: Window, caller: Caller): AsyncIterable<Raw[]>;
  /** Whether pages come in the order of change, so that reading can go on in the middle of a place. */
  inOrder: boolean;
  /** Deliveries of a page, with what their readers need beside them. */
  dressed(objects: Raw[], place: string, caller: Caller): Promise<ChangedObject[]>;
}

const DAY_MS = 86_400_000;
/** A payout is sent, paid or returned within days, and can only be listed by when it was made. */
const PAYOUT_SETTLES_MS = 30 * DAY_MS;
/** A drawer can stay open over a long weekend, and can only be listed by when it was opened. */
const DRAWER_CLOSES_MS = 7 * DAY_MS;
/** Square takes ten locations in one search. */
const MOST_LOCATIONS = 10;

const wholeAccount = async () => [''];
const before = (time: string, milliseconds: number) => new Date(Date.parse(time) - milliseconds).toISOString();
const changedAt = (object: Raw) =>
  textOf(object, 'updated_at') || textOf(object, 'closed_at') || textOf(object, 'created_at');
const changedIn = (page: Raw[], { from }: Window) =>
  page.filter((each) => Date.parse(changedAt(each)) >= Date.parse(from) || changedAt(each) === '');

/** When the last object of a page changed, '' where it does not say. */
export function lastChange(page: readonly Raw[]): string {
  const last = page.at(-1);
  return last === undefined ? '' : changedAt(last);
}

function delivery(topic: string, object: Raw, body: Record<string, unknown>): ChangedObject {
  const state = textOf(object, 'status') || textOf(object, 'state');
  const eventId = [textOf(object, 'id'), changedAt(object), state].join(':');
  return { topic, headers: {}, body: Buffer.from(stringify(body) ?? ''), eventId };
}

/** Payments of a location with their orders, which tell what was sold. */
const payments: Feed = {
  places: locationIds,
  inOrder: true,
  pages: ({ place, from, to }, caller) =>
    pagesOf(
      (cursor) =>
        get(caller, '/v2/payments', {
          location_id: place,
          updated_at_begin_time: from,
          updated_at_end_time: to,
          sort_field: 'UPDATED_AT',
          sort_order: 'ASC',
          limit: '100',
          cursor,
        }),
      'payments',
    ),
  dressed: async (page, _place, caller) => {
    const completed = page.filter((each) => each.status === 'COMPLETED');
    const ids = new Set(completed.map((each) => textOf(each, 'order_id')).filter((id) => id !== ''));
    // One whose lines are not there yet is left out: it is read again when the payment is.
    const orders = (await readOrders([...ids], caller)).filter((order) => hasLines(asOrder(order)));
    const bundles = await bundled(orders, completed, caller);
    return page.map((payment) => {
      const bundle = payment.status === 'COMPLETED' ? bundles.get(textOf(payment, 'order_id')) : undefined;
      return delivery('payments', payment, { payment, ...bundle });
    });
  },
};

/** Refunds of the whole account with their own orders and the payments they give back. */
const refunds: Feed = {
  places: wholeAccount,
  inOrder: true,
  pages: ({ from, to }, caller) =>
    pagesOf(
      (cursor) =>
        get(caller, '/v2/refunds', {
          updated_at_begin_time: from,
          updated_at_end_time: to,
          sort_field: 'UPDATED_AT',
          sort_order: 'ASC',
          limit: '100',
          cursor,
        }),
      'refunds',
    ),
  dressed: async (page, _place, caller) => {
    const settled = page.filter((each) => each.status !== 'PENDING');
    const ids = new Set(settled.map((each) => textOf(each, 'order_id')).filter((id) => id !== ''));
    const orders = (await readOrders([...ids], caller)).filter((order) => asOrder(order).returns.length > 0);
    const bundles = await bundled(orders, [], caller);
    const deliveries: ChangedObject[] = [];
    for (const refund of page) {
      const bundle = bundles.get(textOf(refund, 'order_id'));
      const paid = textOf(refund, 'payment_id');
      const payment = bundle && paid !== '' ? await readPayment(paid, caller) : undefined;
      const around = bundle && { ...bundle, payments: [...bundle.payments, ...(payment ? [payment] : [])] };
      deliveries.push(delivery('refunds', refund, { refund, ...around }));
    }
    return deliveries;
  },
};

/** Orders that no payment tells: free of charge, goods for goods, cancelled, or open with lines that may change. */
const orders: Feed = {
  places: async (caller) => {
    const ids = await locationIds(caller);
    const groups = Array.from({ length: Math.ceil(ids.length / MOST_LOCATIONS) }, (_, index) =>
      ids.slice(index * MOST_LOCATIONS, (index + 1) * MOST_LOCATIONS),
    );
    return groups.map((group) => group.join(','));
  },
  inOrder: true,
  pages: ({ place, from, to }, caller) =>
    pagesOf((cursor) => {
      const filter = {
        date_time_filter: { updated_at: { start_at: from, end_at: to } },
        state_filter: { states: ['OPEN', 'COMPLETED', 'CANCELED'] },
      };
      const query = { filter, sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' } };
      const body = { location_ids: place.split(','), query, limit: 100, ...(cursor === undefined ? {} : { cursor }) };
      return send(caller, 'POST', '/v2/orders/search', body);
    }, 'orders'),
  dressed: async (page, _place, caller) => {
    const bundles = await bundled(page.filter(isToldByNoPayment), [], caller);
    return [...bundles.values()].map((bundle) => delivery('orders', bundle.order, { ...bundle }));
  },
};

/** A completed order never changes again, so its payments say all there is to say. */
function isToldByNoPayment(raw: Raw): boolean {
  const order = asOrder(raw);
  if (!hasLines(order)) return order.state === 'CANCELED';
  const isPaid = order.tenders.length > 0 && order.tenders.every((tender) => paymentIdOf(tender) !== undefined);
  return order.state === 'OPEN' ? order.tenders.length > 0 : order.state === 'CANCELED' || !isPaid;
}

/** Payouts of a location; the entries of each are read when it is. */
const payouts: Feed = {
  places: locationIds,
  inOrder: false,
  pages: async function* (window, caller) {
    const { place, from, to } = window;
    const range = { begin_time: before(from, PAYOUT_SETTLES_MS), end_time: to };
    const query = { location_id: place, ...range, sort_order: 'ASC', limit: '100' };
    const read = (cursor: string | undefined) => get(caller, '/v2/payouts', { ...query, cursor });
    for await (const page of pagesOf(read, 'payouts')) yield changedIn(page, window);
  },
  dressed: async (page) => page.map((payout) => delivery('payouts', payout, { payout })),
};

/** Disputes of the whole account, which cannot be listed by time, with the payments they are about. */
const disputes: Feed = {
  places: wholeAccount,
  inOrder: false,
  pages: async function* (window, caller) {
    const read = (cursor: string | undefined) => get(caller, '/v2/disputes', { cursor });
    for await (const page of pagesOf(read, 'disputes')) yield changedIn(page, window);
  },
  dressed: async (page, _place, caller) => {
    const deliveries: ChangedObject[] = [];
    for (const dispute of page) {
      const disputed = z.object({ payment_id: z.string() }).safeParse(dispute.disputed_payment);
      const payment = disputed.success ? await readPayment(disputed.data.payment_id, caller) : undefined;
      deliveries.push(delivery('disputes', dispute, { dispute, ...(payment && { payment }) }));
    }
    return deliveries;
  },
};

const giftCardActivities: Feed = {
  places: wholeAccount,
  inOrder: true,
  pages: ({ from, to }, caller) => {
    const query = { begin_time: from, end_time: to, sort_order: 'ASC', limit: '100' };
    const read = (cursor: string | undefined) => get(caller, '/v2/gift-cards/activities', { ...query, cursor });
    return pagesOf(read, 'gift_card_activities');
  },
  dressed: async (page) =>
    page.map((activity) => delivery('gift_card_activities', activity, { gift_card_activity: activity })),
};

/** Counted drawers of a location. The list leaves out till and movements, so each is read whole. */
const cashDrawerShifts: Feed = {
  places: locationIds,
  inOrder: false,
  pages: async function* (window, caller) {
    const { place, from, to } = window;
    const range = { begin_time: before(from, DRAWER_CLOSES_MS), end_time: to };
    const query = { location_id: place, ...range, sort_order: 'ASC', limit: '1000' };
    const read = (cursor: string | undefined) => get(caller, '/v2/cash-drawers/shifts', { ...query, cursor });
    for await (const page of pagesOf(read, 'cash_drawer_shifts')) {
      yield changedIn(page, window).filter((shift) => shift.state === 'CLOSED');
    }
  },
  dressed: async (page, place, caller) => {
    const deliveries: ChangedObject[] = [];
    for (const listed of page) {
      const path = `/v2/cash-drawers/shifts/${encodeURIComponent(textOf(listed, 'id'))}`;
      const whole = objectIn(await get(caller, path, { location_id: place }), 'cash_drawer_shift');
      const shift = { ...whole, location_id: place };
      deliveries.push(delivery('cash_drawer_shifts', shift, { cash_drawer_shift: shift }));
    }
    return deliveries;
  },
};

/** What is polled, by topic. Sales come before what refers to them. */
export const FEEDS: Readonly<Record<string, Feed>> = {
  payments,
  orders,
  refunds,
  disputes,
  payouts,
  gift_card_activities: giftCardActivities,
  cash_drawer_shifts: cashDrawerShifts,
};
