import { deliveredBasket } from './baskets.ts';
import { shortId, uuid } from './ids.ts';
import type { Stage } from './stage.ts';
import { tellInvoice } from './tell.ts';
import { approve, bankCard, complete, due, ringUp } from './till.ts';
import { type Payment, usd } from './wire.ts';
import type { Invoice } from './wire-money.ts';

const INVOICES = { name: 'Square Invoices', product: 'INVOICES' };

/** An invoice is published and paid by card: its order is an order like any other. */
export function invoiced(on: Stage): Payment {
  const till = { source: INVOICES, location: on.cafe.locations[0]! };
  const order = ringUp(on, deliveredBasket(on), till);
  const amount = due(on, order);
  const at = on.tick(order.updated_at);
  const request = (completed: bigint) => ({
    uid: uuid(on.chance),
    request_type: 'BALANCE',
    due_date: at.slice(0, 10),
    tipping_enabled: false,
    automatic_payment_source: 'NONE',
    computed_amount_money: usd(amount),
    total_completed_amount_money: usd(completed),
  });
  const invoice: Invoice = {
    id: `inv:0-${shortId(on.chance, 24)}`,
    version: 0,
    location_id: order.location_id,
    order_id: order.id,
    payment_requests: [request(0n)],
    delivery_method: 'EMAIL',
    invoice_number: `${on.list('invoices').length + 1}`.padStart(6, '0'),
    title: 'Catering',
    status: 'UNPAID',
    timezone: on.cafe.timeZone,
    created_at: at,
    updated_at: at,
    primary_recipient: { customer_id: shortId(on.chance, 26) },
    accepted_payment_methods: { card: true, square_gift_card: false, bank_account: false },
  };
  tellInvoice(on, on.keep('invoices', invoice), 'published');
  const payment = complete(on, approve(on, order, amount, bankCard(on, 'KEYED'), till));
  const updated_at = on.tick(payment.updated_at);
  const paid: Invoice = { ...invoice, version: 1, status: 'PAID', payment_requests: [request(amount)], updated_at };
  tellInvoice(on, on.keep('invoices', paid), 'payment_made');
  return payment;
}
