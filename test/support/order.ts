import { randomUUID } from 'node:crypto';
import type { Pairing } from '@daybook/cli/sandbox/connect';
import { sign } from '@daybook/connectors/kit/signature';
import type { World } from './world.ts';

/** What differs from the usual order: one paid mug for 12.00 with 20 % VAT (2.00) in it, in GBP. */
export interface OrderPlan {
  id: number;
  name?: string;
  title?: string;
  currency?: string;
  customer?: string;
  tax?: { title: string; rate: number; price: string };
}

/** An order as the shop's webhook tells it; its figures add up. */
function orderOf({ id, name = `#${id}`, title = 'Mug', currency = 'GBP', customer, tax }: OrderPlan) {
  const at = '2026-11-02T10:00:00Z';
  const levied = tax ?? { title: 'VAT', rate: 0.2, price: '2.00' };
  const person = customer && { customer: { id: 5, first_name: customer, last_name: customer, email: null } };
  return {
    id,
    name,
    currency,
    taxes_included: true,
    test: false,
    financial_status: 'paid',
    created_at: at,
    processed_at: at,
    updated_at: at,
    total_price: '12.00',
    subtotal_price: '12.00',
    total_tax: levied.price,
    total_discounts: '0.00',
    payment_gateway_names: ['shopify_payments'],
    line_items: [
      {
        id: 1,
        title,
        quantity: 1,
        current_quantity: 1,
        price: '12.00',
        tax_lines: [levied],
        discount_allocations: [],
      },
    ],
    shipping_lines: [],
    refunds: [],
    ...person,
  };
}

/** Sends an order of our own making through the signed webhook of a connected shop. Throws unless it is stored. */
export async function sendOrder(world: World, { channel, shop }: Pairing, plan: OrderPlan): Promise<void> {
  const { connector } = channel;
  const [connection] = await world.database.sql<{ id: string }[]>`
    select id from connections where connector = ${connector.id} and account = ${shop}`;
  const to = `${world.url}/webhooks/${connector.id}/${connection?.id}`;
  const body = Buffer.from(JSON.stringify(orderOf(plan)));
  const secret = world.sandbox.apps[connector.id]?.clientSecret ?? '';
  const response = await fetch(to, {
    method: 'POST',
    body,
    headers: {
      'x-shopify-topic': 'orders/create',
      'x-shopify-event-id': randomUUID(),
      'x-shopify-shop-domain': shop,
      [connector.signature.header]: sign(connector.signature, { body, url: to, at: new Date() }, secret),
    },
  });
  if (response.status !== 200) throw new Error(`The webhook answered ${response.status}: ${await response.text()}`);
}
