import { z } from 'zod';
import type { NormalizeContext, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { type OrderPayload, type PaymentPayload, type PayoutEntryPayload, payloads, readPayload } from './payload.ts';

/** Objects that came with a delivery, or were read for it, by id. */
export interface Known {
  orders: Map<string, OrderPayload>;
  payments: Map<string, PaymentPayload>;
  /** Variation → SKU. */
  skus: Map<string, string>;
  entries: PayoutEntryPayload[] | undefined;
}

type Node = Record<string, unknown>;
const node = z.record(z.string(), z.unknown()).catch({});

/** The object inside a webhook's envelope, or the body itself where it is none. */
export function contentOf(delivery: Pick<RawDelivery, 'body'>): unknown {
  const body = parseJson(delivery.body);
  const { object } = node.parse(node.parse(body).data);
  return object ?? body;
}

/** The objects of one kind in a content: `{payment}`, `{payments: […]}`, a list, or the object itself. */
export function objectsIn(content: unknown, one: string, many: string): unknown[] {
  if (Array.isArray(content)) return content;
  const { [one]: single, [many]: several, ...rest } = node.parse(content);
  if (Array.isArray(several)) return several;
  if (single !== undefined) return [single];
  // Square leaves an empty list out of its answer.
  const isEmpty = content !== null && typeof content === 'object' && Object.keys(rest).length === 0;
  return isEmpty ? [] : [content];
}

/** Everything at hand besides the objects that a delivery is about; what was fetched wins over what came along. */
export function knownWith(content: unknown, fetched: NormalizeContext['fetched']): Known {
  const known: Known = { orders: new Map(), payments: new Map(), skus: new Map(), entries: undefined };
  if (!Array.isArray(content)) collect(node.parse(content), known);
  for (const [name, text] of Object.entries(fetched)) collect(named(name, parseJson(text)), known);
  return known;
}

const PARTS = ['order', 'orders', 'payment', 'payments', 'objects', 'payout_entries'];

/** A bare object or list stands under the name it was fetched by. */
function named(name: string, body: unknown): Node {
  if (Array.isArray(body)) return { [name.replace(/([^s])$/, '$1s')]: body };
  const found = node.parse(body);
  return PARTS.some((part) => part in found) ? found : { [name]: found };
}

function collect(found: Node, known: Known): void {
  const list = (one: string, many: string): unknown[] => {
    const several = found[many];
    if (Array.isArray(several)) return several;
    return found[one] && typeof found[one] === 'object' && Object.keys(found[one]).length > 0 ? [found[one]] : [];
  };
  for (const each of list('order', 'orders')) {
    const order = readPayload(payloads.order, each, 'order');
    known.orders.set(order.id, order);
  }
  for (const each of list('payment', 'payments')) {
    const payment = readPayload(payloads.payment, each, 'payment');
    known.payments.set(payment.id, payment);
  }
  for (const each of list('object', 'objects')) {
    const { id, item_variation_data: variation } = readPayload(payloads.catalogObject, each, 'catalogue object');
    if (variation?.sku) known.skus.set(id, variation.sku);
  }
  if (Array.isArray(found.payout_entries)) {
    known.entries = found.payout_entries.map((each) => readPayload(payloads.payoutEntry, each, 'payout entry'));
  }
}
