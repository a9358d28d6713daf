import { type Random, random } from '@daybook/connectors/kit/random';
import { defaultChart } from '@daybook/domain';

/** Kinds of companies that random months are made for. */
const COMPANIES = [
  { country: 'GB', currency: 'GBP', zone: 'Europe/London', codes: { S20: '20', R5: '5', Z0: '0' } },
  { country: 'DE', currency: 'EUR', zone: 'Europe/Berlin', codes: { U19: '19', U7: '7' } },
  { country: 'US', currency: 'USD', zone: 'America/New_York', codes: { NY: '8.875', NJ: '6.625', EXEMPT: '0' } },
  { country: 'JP', currency: 'JPY', zone: 'Asia/Tokyo', codes: { J10: '10', J8: '8' } },
] as const;

type Event = Record<string, unknown> & { id: string };
type Company = (typeof COMPANIES)[number];
const PARTIES = ['Quayside Hotel', 'Old Mill', 'Camp Co'];
const SKUS = ['CUP', 'LAMP', 'BOOK'];

/** What has happened so far, and what it leaves to go on with. */
interface Diary {
  company: Company;
  chance: Random;
  codes: string[];
  inclusive: boolean;
  events: Event[];
  minute: number;
  sold: { order: string; sku: string; left: number }[];
  notes: { grn: string; sku: string; qty: number; cost: number; party: string }[];
  invoices: { document: string; party: string; left: number }[];
  prepaid: { order: string; left: number }[];
}

/**
 * A month of `daybook.accounting.month/1` that a seed decides: company, and what happens to it. Nothing is expected of
 * its reports; whatever the seed, its books must hold. The same seed makes the same month.
 */
export function randomMonth(seed: number, size: number): Record<string, unknown> {
  const company = COMPANIES[seed % COMPANIES.length] ?? COMPANIES[0];
  const inclusive = company.country === 'GB' || company.country === 'DE';
  const made = { events: [], minute: 0, sold: [], notes: [], invoices: [], prepaid: [] };
  const codes = Object.keys(company.codes);
  const diary: Diary = { company, chance: random(seed, 'month'), codes, inclusive, ...made };
  while (diary.events.length < size) diary.chance.pick(MAKERS)(diary);
  const { events } = diary;
  return { ...frame(company, seed), events, deliveries: events.map((event) => event.id) };
}

function add(diary: Diary, type: string, given: Record<string, unknown>): void {
  const { events, company, chance } = diary;
  diary.minute += chance.between(5, 600);
  const at = new Date(Date.UTC(2026, 2, 2, 8) + Math.min(diary.minute, 41_000) * 60_000 + events.length);
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: company.zone }).format(at);
  const id = `R${events.length + 1}`;
  const head = { id, type, source_key: `${type}:${id}`, occurred_at: at.toISOString(), posting_date: day };
  events.push({ ...head, channel: 'shop', currency: company.currency, memo: id, ...given });
}

const named = (diary: Diary, letter: string) => `${letter}${diary.events.length + 1}`;
const card = (amount: number) => [{ kind: 'card', processor: 'stripe', amount }];

/** Only where prices include the tax: else the tenders would follow from it, and the file would have to say it. */
function sale(diary: Diary): void {
  const { chance, codes, inclusive, sold } = diary;
  const order = named(diary, 'O');
  const lines = SKUS.filter(() => chance.chance(1, 2)).map((sku) => {
    const [qty, unit_price] = [chance.between(1, 6), chance.between(99, 9_999)];
    return { sku, qty, unit_price, tax_code: chance.pick(codes) };
  });
  if (lines.length === 0 || !inclusive) return;
  for (const { sku, qty } of lines) sold.push({ order, sku, left: qty });
  const gross = lines.reduce((sum, { qty, unit_price }) => sum + qty * unit_price, 0);
  const discount = chance.chance(1, 3) ? chance.between(0, Math.floor(gross / 3)) : 0;
  const prices = { prices: 'tax_inclusive', tax_source: 'ledger', order_discount: discount };
  const fees = [{ processor: 'stripe', amount: chance.between(1, 200) }];
  add(diary, 'sale', { order, lines, ...prices, tenders: card(gross - discount), processor_fees: fees });
}

function refund(diary: Diary): void {
  const { chance } = diary;
  const from = diary.sold.filter((each) => each.left > 0);
  if (from.length === 0) return;
  const line = chance.pick(from);
  const qty = chance.between(1, line.left);
  line.left -= qty;
  const gross = qty * chance.between(50, 400);
  const lines = [{ sku: line.sku, qty, gross, restock: chance.chance(2, 3) }];
  add(diary, 'refund', { original_order: line.order, lines, tenders: card(gross) });
}

function receipt(diary: Diary): void {
  const { chance } = diary;
  const [qty, cost, party] = [chance.between(1, 60), chance.between(10, 4_000), chance.pick(PARTIES)];
  const note = { grn: named(diary, 'N'), sku: chance.pick(SKUS), qty, cost, party };
  add(diary, 'goods_receipt', { grn: note.grn, party, lines: [{ sku: note.sku, qty, unit_cost: cost }] });
  diary.notes.push(note);
}

function bill(diary: Diary): void {
  const { chance, inclusive, codes } = diary;
  const note = diary.notes.pop();
  if (!note) return;
  const { grn, sku, qty, cost, party } = note;
  const head = {
    grn,
    document: named(diary, 'B'),
    party,
    due_date: '2026-04-20',
    ...(inclusive && { tax_code: codes[0] }),
  };
  add(diary, 'supplier_invoice', {
    ...head,
    lines: [{ sku, qty, unit_cost: Math.max(1, cost + chance.between(-20, 20)) }],
  });
}

function invoice(diary: Diary): void {
  const { chance, codes } = diary;
  const [document, party] = [named(diary, 'INV-'), chance.pick(PARTIES)];
  const [qty, unit_price] = [chance.between(1, 9), chance.between(100, 5_000)];
  const lines = [{ sku: chance.pick(SKUS), qty, unit_price, tax_code: chance.pick(codes) }];
  add(diary, 'invoice', { document, party, due_date: '2026-03-20', lines });
  diary.invoices.push({ document, party, left: qty * unit_price });
}

/** In part, whole or more than is owed. */
function payment(diary: Diary): void {
  if (diary.invoices.length === 0) return;
  const { document, party, left } = diary.chance.pick(diary.invoices);
  add(diary, 'invoice_payment', { document, party, amount: diary.chance.between(1, left + 500) });
}

function count(diary: Diary): void {
  add(diary, 'stock_count', { lines: [{ sku: diary.chance.pick(SKUS), counted: diary.chance.between(0, 80) }] });
}

function adjustment(diary: Diary): void {
  const { chance } = diary;
  add(diary, 'stock_adjustment', { reason: 'found', lines: [{ sku: chance.pick(SKUS), qty: chance.between(1, 3) }] });
}

function deposit(diary: Diary): void {
  const order = named(diary, 'P');
  const amount = diary.chance.between(1_000, 60_000);
  add(diary, 'deposit', { order, tax_code: diary.codes[0], amount, tenders: card(amount) });
  diary.prepaid.push({ order, left: Math.floor(amount / 2) });
}

function fulfilment(diary: Diary): void {
  const { chance, codes } = diary;
  const prepaid = diary.prepaid.find((each) => each.left > 1);
  if (!prepaid) return;
  const net = chance.between(1, prepaid.left);
  prepaid.left -= net;
  const lines = [{ sku: chance.pick(SKUS), qty: 1, net }];
  add(diary, 'fulfilment', { order: prepaid.order, tax_code: codes[0], lines });
}

function dispute(diary: Diary): void {
  const { chance } = diary;
  const key = named(diary, 'dispute:');
  const [amount, fee] = [chance.between(100, 9_000), chance.between(0, 1_500)];
  add(diary, 'dispute_opened', { source_key: `${key}:opened`, processor: 'stripe', amount, fee });
  const end = chance.chance(1, 2) ? 'won' : 'lost';
  add(diary, `dispute_${end}`, { source_key: `${key}:${end}`, processor: 'stripe', amount });
}

function payout(diary: Diary): void {
  const { chance } = diary;
  const reserve = chance.chance(1, 4) ? { reserve_held: chance.between(1, 500) } : {};
  add(diary, 'payout', { processor: 'stripe', amount: chance.between(100, 50_000), ...reserve });
}

/** What is drawn from; what stands here twice happens twice as often. */
const OFTEN = [sale, sale, sale, refund, refund, receipt, receipt, bill, invoice, payment];
const MAKERS = [...OFTEN, payment, count, adjustment, deposit, fulfilment, dispute, payout];

function frame({ country, currency, zone, codes }: Company, seed: number) {
  const chart = defaultChart(country);
  const accounts = chart.accounts.map(({ code, name, type, normalSide, roles }) => ({
    code,
    name,
    type,
    normal_side: normalSide,
    roles,
  }));
  const account = (role: string) => chart.accounts.find((each) => each.roles.includes(role))?.code;
  const group = (number: number) => ({
    number,
    description: `Group ${number}`,
    sales: account('sales.revenue.standard'),
    inventory: account('inventory.control'),
    cost_of_sales: account('cost_of_sales'),
    count_variance: account('count.variance'),
    adjustment: account('inventory.adjustment'),
    purchase_variance: account('purchase.variance'),
  });
  return {
    schema: 'daybook.accounting.month/1',
    company: {
      name: `Random company ${seed}`,
      country,
      functional_currency: currency,
      fiscal_year: { label: 'FY', start: '2026-01-01', end: '2026-12-31' },
      period_start: '2026-03-01',
      period_end: '2026-03-31',
      timezone: zone,
      settings: { inventory_integration: seed % 5 === 4 ? 'periodic' : 'perpetual_average' },
    },
    accounts,
    tax_codes: Object.entries(codes).map(([code, rate]) => ({ code, rate, label: code, boxes: {} })),
    inventory_groups: [group(1), group(2)],
    items: SKUS.map((sku, index) => ({ sku, group: 1 + (index % 2) })),
    expected: {},
  };
}
