import { type CanonicalEvent, eventHash } from '@daybook/domain';
import type { Api, HttpClient, HttpRequest, HttpResponse, RawDelivery } from '../../kit/contract.ts';
import { connector } from './connector.ts';

/** What was asked of a stub. */
export interface Asked {
  line: string;
  headers: Record<string, string>;
  form: URLSearchParams;
}

/** A connection to a Stripe that only knows these answers, by "GET /v1/charges/ch_1"; the query is not looked at. */
export function stubbed(answers: Record<string, unknown>, changes: Partial<Api> = {}): { api: Api; asked: Asked[] } {
  const asked: Asked[] = [];
  const request = async ({ method, url, headers = {}, body = '' }: HttpRequest): Promise<HttpResponse> => {
    const { pathname, search } = new URL(url);
    const key = `${method} ${pathname}`;
    asked.push({ line: `${key}${decodeURIComponent(search)}`, headers, form: new URLSearchParams(body) });
    const answer = answers[key];
    if (answer === undefined) throw new Error(`nobody expected ${key}`);
    const made = typeof answer === 'function' ? (answer as (search: string) => unknown)(search) : answer;
    if (typeof made === 'object' && made !== null && 'status' in made && 'text' in made)
      return { headers: {}, ...(made as { status: number; text: string }) };
    return { status: 200, headers: {}, text: JSON.stringify(made) };
  };
  return { asked, api: { ...testApi({ request }), ...changes } };
}

/** A connection by a pasted key. */
export function testApi(http: HttpClient): Api {
  return {
    http,
    hosts: { api: 'https://api.stripe.com', auth: 'https://connect.stripe.com' },
    credentials: { apiKey: 'sk_live_1' },
    settings: {},
    account: 'acct_1',
    now: () => new Date('2026-11-21T10:00:00Z'),
    log: () => undefined,
  };
}

/** A list as Stripe answers it. */
export function list(data: readonly unknown[], more = false): Record<string, unknown> {
  return { object: 'list', data, has_more: more };
}

/** The events of one delivery; what it needs is read, as the workers do it. [] when it carries no fact. */
export async function eventsOf(
  delivery: RawDelivery,
  api: Api,
  settings: Record<string, string>,
): Promise<CanonicalEvent[]> {
  const fetched: Record<string, string> = {};
  for (;;) {
    const result = connector.normalize(delivery, { settings, fetched });
    if ('events' in result) return result.events;
    if (result.needs === undefined) return [];
    if (result.needs in fetched) throw new Error(`${delivery.topic} is never satisfied: ${result.ignored}`);
    fetched[result.needs] = await connector.fetch!(result.needs, delivery, api);
  }
}

/** Facts by type, id and, for disputes, stage; each revision with what it says. */
export type Facts = Map<string, Map<string, CanonicalEvent>>;

/** Adds events to facts. Throws where one revision of a fact is told in two ways: that would be shown as a conflict. */
export function learn(facts: Facts, events: readonly CanonicalEvent[], about: string): void {
  for (const event of events) {
    const key = `${event.type} ${event.id}${event.type === 'dispute' ? ` ${event.status}` : ''}`;
    const revisions = facts.get(key) ?? new Map<string, CanonicalEvent>();
    const known = revisions.get(event.revision);
    if (known && eventHash(known) !== eventHash(event))
      throw new Error(`${key} at revision ${event.revision} is told in two ways (${about})`);
    facts.set(key, revisions.set(event.revision, event));
  }
}

/** What the books end with: the newest revision of each fact. */
export function newest(facts: Facts): Map<string, CanonicalEvent> {
  return new Map(
    [...facts].map(([key, revisions]) => {
      const last = [...revisions.keys()].sort().at(-1) ?? '';
      return [key, revisions.get(last) as CanonicalEvent];
    }),
  );
}

/** What each fact says in the end, by key. */
export function meanings(facts: Facts): Record<string, string> {
  return Object.fromEntries([...newest(facts)].map(([key, event]) => [key, eventHash(event)] as const).sort());
}

/** Objects of Stripe with the fields that are read here; `changes` replace them. */
export const made = {
  charge: (changes: Record<string, unknown> = {}) => ({
    id: 'ch_1',
    object: 'charge',
    amount: 12_000,
    amount_captured: 12_000,
    amount_refunded: 0,
    balance_transaction: null,
    billing_details: { email: 'buyer@example.com', name: null, address: { country: 'GB' } },
    captured: true,
    created: 1_794_300_000,
    currency: 'gbp',
    customer: 'cus_1',
    description: 'Payment',
    livemode: true,
    metadata: {},
    payment_intent: 'pi_1',
    payment_method_details: { type: 'card' },
    status: 'succeeded',
    ...changes,
  }),
  intent: (changes: Record<string, unknown> = {}) => ({
    id: 'pi_1',
    object: 'payment_intent',
    amount: 12_000,
    amount_received: 12_000,
    amount_details: { tip: {} },
    created: 1_794_299_990,
    currency: 'gbp',
    customer: 'cus_1',
    description: null,
    latest_charge: 'ch_1',
    livemode: true,
    metadata: {},
    payment_method_types: ['card'],
    status: 'succeeded',
    ...changes,
  }),
  /** 100.00 + 20 % tax on top = 120.00. */
  session: (changes: Record<string, unknown> = {}) => ({
    id: 'cs_live_1',
    object: 'checkout.session',
    amount_subtotal: 10_000,
    amount_total: 12_000,
    created: 1_794_299_980,
    currency: 'gbp',
    customer: 'cus_1',
    customer_details: { email: 'buyer@example.com', name: 'A Buyer', address: { country: 'GB' } },
    invoice: null,
    livemode: true,
    mode: 'payment',
    payment_intent: 'pi_1',
    payment_status: 'paid',
    shipping_cost: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 2_000 },
    ...changes,
  }),
  item: (changes: Record<string, unknown> = {}) => ({
    id: 'li_1',
    object: 'item',
    amount_discount: 0,
    amount_subtotal: 10_000,
    amount_tax: 2_000,
    amount_total: 12_000,
    currency: 'gbp',
    description: 'Mug',
    quantity: 2,
    taxes: [{ amount: 2_000, rate: made.taxRate() }],
    ...changes,
  }),
  taxRate: (changes: Record<string, unknown> = {}) => ({
    id: 'txr_1',
    object: 'tax_rate',
    display_name: 'VAT',
    inclusive: false,
    jurisdiction: 'GB',
    jurisdiction_level: 'country',
    percentage: 20,
    ...changes,
  }),
  /** 100.00 + 20 % tax on top = 120.00, charged automatically and paid. */
  invoice: (changes: Record<string, unknown> = {}) => ({
    id: 'in_1',
    object: 'invoice',
    amount_due: 12_000,
    amount_paid: 12_000,
    amount_remaining: 0,
    collection_method: 'charge_automatically',
    created: 1_794_200_000,
    currency: 'gbp',
    customer: 'cus_1',
    customer_email: 'buyer@example.com',
    due_date: null,
    lines: list([made.invoiceLine()]),
    livemode: true,
    number: 'A-0001',
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    status: 'paid',
    status_transitions: { finalized_at: 1_794_200_100, paid_at: 1_794_300_001, voided_at: null },
    subtotal: 10_000,
    total: 12_000,
    total_discount_amounts: [],
    ...changes,
  }),
  invoiceLine: (changes: Record<string, unknown> = {}) => ({
    id: 'il_1',
    object: 'line_item',
    amount: 10_000,
    description: 'Plan',
    discount_amounts: [],
    quantity: 1,
    taxes: [{ amount: 2_000, tax_behavior: 'exclusive', tax_rate_details: { tax_rate: 'txr_1' } }],
    ...changes,
  }),
  invoicePayment: (changes: Record<string, unknown> = {}) => ({
    id: 'inpay_1',
    object: 'invoice_payment',
    amount_paid: 12_000,
    created: 1_794_300_001,
    invoice: 'in_1',
    payment: { type: 'payment_intent', payment_intent: 'pi_1' },
    status: 'paid',
    ...changes,
  }),
  refund: (changes: Record<string, unknown> = {}) => ({
    id: 're_1',
    object: 'refund',
    amount: 1_200,
    balance_transaction: 'txn_2',
    charge: 'ch_1',
    created: 1_794_400_000,
    currency: 'gbp',
    destination_details: { type: 'card' },
    payment_intent: 'pi_1',
    reason: 'requested_by_customer',
    status: 'succeeded',
    ...changes,
  }),
  movement: (changes: Record<string, unknown> = {}) => ({
    id: 'txn_1',
    object: 'balance_transaction',
    amount: 12_000,
    created: 1_794_300_002,
    currency: 'gbp',
    description: null,
    exchange_rate: null,
    fee: 200,
    fee_details: [{ amount: 200, currency: 'gbp', description: 'Stripe processing fees', type: 'stripe_fee' }],
    net: 11_800,
    reporting_category: 'charge',
    source: 'ch_1',
    type: 'charge',
    ...changes,
  }),
  payout: (changes: Record<string, unknown> = {}) => ({
    id: 'po_1',
    object: 'payout',
    amount: 11_800,
    arrival_date: 1_794_441_600,
    automatic: true,
    balance_transaction: 'txn_9',
    created: 1_794_400_000,
    currency: 'gbp',
    livemode: true,
    reconciliation_status: 'completed',
    status: 'paid',
    ...changes,
  }),
  dispute: (changes: Record<string, unknown> = {}) => ({
    id: 'dp_1',
    object: 'dispute',
    amount: 12_000,
    balance_transactions: [],
    charge: 'ch_1',
    created: 1_794_500_000,
    currency: 'gbp',
    livemode: true,
    status: 'needs_response',
    ...changes,
  }),
};

/** One object as the delivery of an event. */
export function eventOf(type: string, object: unknown, changes: Record<string, unknown> = {}): RawDelivery {
  const event = { id: 'evt_1', object: 'event', created: 1_794_300_003, livemode: true, type, data: { object } };
  return { topic: type, headers: {}, body: Buffer.from(JSON.stringify({ ...event, ...changes })) };
}
