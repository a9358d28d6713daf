import { stringify } from 'lossless-json';
import type { Dispute } from './balance.ts';
import { inShopTime } from './instants.ts';
import type { Order } from './order.ts';
import { disputeBody } from './rest-dispute.ts';
import { orderBody } from './rest-order.ts';
import { refundBody, transactionBody } from './rest-refund.ts';
import { shopBody } from './rest-shop.ts';
import type { Shop } from './shops.ts';

/** What an order edit changed, as `orders/edited` tells it: ids and deltas, no prices. */
export interface Edit {
  id: string;
  added: { id: string; delta: number }[];
  removed: { id: string; delta: number }[];
}

/** One thing the shop announces. The payload is what was true when it happened, however late it is sent. */
export interface Fact {
  topic: string;
  /** Equal for everything that one happening caused and for every repetition of it. */
  eventId: string;
  triggeredAt: string;
  /** Index of the step's order version that the payload shows; null where the shop itself is the payload. */
  version: number | null;
  /** Id of the refund or payment in that version, where the topic is about one. */
  part?: string;
  edit?: Edit;
  /** The dispute as it was, where the topic is about one. */
  dispute?: Dispute;
}

/** The body of a fact, byte for byte the same whenever it is made. */
export function factBody(fact: Fact, versions: readonly Order[], shop: Shop): string {
  const order = fact.version === null ? undefined : versions[fact.version];
  const about = fact.dispute ? disputeBody(fact.dispute, shop) : shopBody(shop);
  const text = stringify(order === undefined ? about : payload(fact, order, shop));
  if (text === undefined) throw new Error(`${fact.topic} has no payload.`);
  return text;
}

function payload(fact: Fact, order: Order, shop: Shop): Record<string, unknown> {
  switch (fact.topic) {
    case 'refunds/create':
      return refundBody(order.refunds.find((refund) => refund.id === fact.part)!, order, shop);
    case 'order_transactions/create':
      return transactionBody(order.payments.find((payment) => payment.id === fact.part)!, order, shop);
    case 'orders/edited':
      return editBody(fact.edit!, order, shop);
    default:
      return orderBody(order, shop);
  }
}

function editBody(edit: Edit, order: Order, shop: Shop): Record<string, unknown> {
  const at = inShopTime(order.updatedAt, shop.timeZone);
  const deltas = (changes: Edit['added']) => changes.map(({ id, delta }) => ({ id: BigInt(id), delta }));
  return {
    order_edit: {
      id: BigInt(edit.id),
      app_id: null,
      created_at: at,
      committed_at: at,
      notify_customer: false,
      order_id: BigInt(order.id),
      staff_note: '',
      user_id: null,
      line_items: { additions: deltas(edit.added), removals: deltas(edit.removed) },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  };
}
