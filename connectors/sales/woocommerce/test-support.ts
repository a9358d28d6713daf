import type { Api, HttpRequest, HttpResponse } from '../../kit/contract.ts';
import { connector } from './connector.ts';

type Answering = (request: HttpRequest) => Partial<HttpResponse>;

/** A connection to a store that only answers what a test says; what was asked and logged is told. */
export function stubApi(answer: Answering): { api: Api; asked: HttpRequest[]; logged: string[] } {
  const asked: HttpRequest[] = [];
  const logged: string[] = [];
  const api: Api = {
    http: {
      request: async (request) => {
        asked.push(request);
        return { status: 200, headers: {}, text: '', ...answer(request) };
      },
    },
    hosts: { api: 'https://books.example.com', auth: 'https://books.example.com' },
    credentials: { consumerKey: 'ck_0123456789abcdef0123', consumerSecret: 'cs_0123456789abcdef0123' },
    settings: {},
    account: 'books.example.com',
    now: () => new Date('2026-11-21T10:00:00Z'),
    log: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
  };
  return { api, asked, logged };
}

/** What a body is normalized to, or the refusal. */
export function outcome(
  topic: string,
  body: unknown,
  context: { settings?: Record<string, string>; fetched?: Record<string, unknown>; knownRefunds?: string[] } = {},
): unknown {
  const { settings = {}, fetched = {}, ...rest } = context;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const told = Object.fromEntries(Object.entries(fetched).map(([name, value]) => [name, JSON.stringify(value)]));
  try {
    const delivery = { topic, headers: {}, body: Buffer.from(text) };
    return connector.normalize(delivery, { settings, fetched: told, ...rest });
  } catch (error) {
    return error;
  }
}

/** A one-line order of 12.00 paid by card, with some fields replaced. */
export function plainOrder(
  changes: Record<string, unknown> = {},
  line: Record<string, unknown> = {},
): Record<string, unknown> {
  const taxes = [{ id: 1, total: '2', subtotal: '2' }];
  return {
    id: 7,
    number: '7',
    status: 'processing',
    currency: 'GBP',
    prices_include_tax: false,
    date_created_gmt: '2026-05-01T08:00:00',
    date_modified_gmt: '2026-05-01T08:00:09',
    date_paid: '2026-05-01T09:00:05',
    date_paid_gmt: '2026-05-01T08:00:05',
    total: '12.00',
    total_tax: '2.00',
    customer_id: 0,
    payment_method: 'stripe',
    meta_data: [],
    line_items: [
      {
        id: 70,
        name: 'Cup',
        sku: 'CUP',
        quantity: 1,
        subtotal: '10.00',
        total: '10.00',
        total_tax: '2.00',
        taxes,
        ...line,
      },
    ],
    tax_lines: [{ rate_id: 1, label: 'VAT', rate_percent: 20 }],
    ...changes,
  };
}

/** An event as far as tests look at it. */
type Fact = Record<string, unknown> & { type: string; id: string; revision: string; total: bigint };
export const eventsOf = (result: unknown) => (result as { events: Fact[] }).events;
/** The refund of all of that order in full. */
export const detail = (id: number, changes: Record<string, unknown> = {}) => ({
  ...{ id, date_created_gmt: '2026-05-02T10:00:00', amount: '12.00', refunded_payment: true },
  line_items: [
    {
      ...{ id: 90, name: 'Cup', sku: 'CUP', quantity: -1, total: '-10.00', total_tax: '-2.00' },
      taxes: [{ id: 1, total: '-2.00' }],
      meta_data: [{ key: '_refunded_item_id', value: '70' }],
    },
  ],
  ...changes,
});
