import { random } from '@daybook/connectors/kit/random';
import { defaultChart } from '@daybook/domain';

/** Kinds of companies that random months are made for. */
const COMPANIES = [
  { country: 'GB', currency: 'GBP', zone: 'Europe/London', codes: { S20: '20', R5: '5', Z0: '0' } },
  { country: 'DE', currency: 'EUR', zone: 'Europe/Berlin', codes: { U19: '19', U7: '7' } },
  { country: 'US', currency: 'USD', zone: 'America/New_York', codes: { NY: '8.875', NJ: '6.625', EXEMPT: '0' } },
  { country: 'JP', currency: 'JPY', zone: 'Asia/Tokyo', codes: { J10: '10', J8: '8' } },
] as const;

type Event = Record<string, unknown> & { id: string };
const PARTIES = ['Quayside Hotel', 'Old Mill', 'Camp Co'];
const SKUS = ['CUP', 'LAMP', 'BOOK'];

/**
 * A month of `daybook.accounting.month/1` that a seed decides: company, and what happens to it. Nothing is expected of
 * its reports; whatever the seed, its books must hold. The same seed makes the same month.
 */
export function randomMonth(seed: number, size: number): Record<string, unknown> {
  const { pick, between, chance } = random(seed, 'month');
  const company = COMPANIES[seed % COMPANIES.length] ?? COMPANIES[0];
  const codes = Object.keys(company.codes);
  const inclusive = company.country === 'GB' || company.country === 'DE';
  const events: Event[] = [];
  const sold: { order: string; sku: string; left: number }[] = [];
  const notes: { grn: string; sku: string; qty: number; cost: number; party: string }[] = [];
  const invoices: { document: string; party: string; left: number }[] = [];
  const prepaid: { order: string; left: number }[] = [];
  let minute = 0;
  const add = (type: string, given: Record<string, unknown>) => {
    minute += between(5, 600);
    const at = new Date(Date.UTC(2026, 2, 2, 8) + Math.min(minute, 41_000) * 60_000 + events.length);
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: company.zone }).format(at);
    const id = `R${events.length + 1}`;
    const head = { id, type, source_key: `${type}:${id}`, occurred_at: at.toISOString(), posting_date: day };
    events.push({ ...head, channel: 'shop', currency: company.currency, memo: id, ...given });
    return id;
  };
  const card = (amount: number) => [{ kind: 'card', processor: 'stripe', amount }];
  const makers: Record<string, () => void> = {
    sale() {
      const order = `O${events.length + 1}`;
      const lines = SKUS.filter(() => chance(1, 2)).map((sku) => {
        const qty = between(1, 6);
        sold.push({ order, sku, left: qty });
        return { sku, qty, unit_price: between(99, 9_999), tax_code: pick(codes) };
      });
      const gross = lines.reduce((sum, { qty, unit_price }) => sum + qty * unit_price, 0);
      // With tax on top the tenders follow from the tax, which the file would have to work out: only prices with tax here.
      if (lines.length === 0 || !inclusive) return;
      const discount = chance(1, 3) ? between(0, Math.floor(gross / 3)) : 0;
      const prices = { prices: 'tax_inclusive', tax_source: 'ledger', order_discount: discount };
      const fees = [{ processor: 'stripe', amount: between(1, 200) }];
      add('sale', { order, lines, ...prices, tenders: card(gross - discount), processor_fees: fees });
    },
    refund() {
      const made = new Set(events.map((event) => event.order));
      const from = sold.filter((each) => each.left > 0 && made.has(each.order));
      if (from.length === 0) return;
      const line = pick(from);
      const qty = between(1, line.left);
      line.left -= qty;
      const lines = [{ sku: line.sku, qty, gross: qty * between(50, 400), restock: chance(2, 3) }];
      add('refund', { original_order: line.order, lines, tenders: card(lines[0]?.gross ?? 0) });
    },
    receipt() {
      const [sku, qty, cost, party] = [pick(SKUS), between(1, 60), between(10, 4_000), pick(PARTIES)];
      const grn = `N${events.length + 1}`;
      add('goods_receipt', { grn, party, lines: [{ sku, qty, unit_cost: cost }] });
      notes.push({ grn, sku, qty, cost, party });
    },
    bill() {
      const note = notes.pop();
      if (!note) return;
      const { grn, sku, qty, cost, party } = note;
      const document = `B${events.length + 1}`;
      const tax_code = inclusive ? codes[0] : undefined;
      const lines = [{ sku, qty, unit_cost: Math.max(1, cost + between(-20, 20)) }];
      add('supplier_invoice', { grn, document, party, due_date: '2026-04-20', lines, ...(tax_code && { tax_code }) });
    },
    invoice() {
      const document = `INV-${events.length + 1}`;
      const party = pick(PARTIES);
      const lines = [{ sku: pick(SKUS), qty: between(1, 9), unit_price: between(100, 5_000), tax_code: pick(codes) }];
      add('invoice', { document, party, due_date: '2026-03-20', lines });
      invoices.push({ document, party, left: (lines[0]?.qty ?? 0) * (lines[0]?.unit_price ?? 0) });
    },
    payment() {
      if (invoices.length === 0) return;
      const { document, party, left } = pick(invoices);
      add('invoice_payment', { document, party, amount: between(1, left + 500) });
    },
    count() {
      add('stock_count', { lines: [{ sku: pick(SKUS), counted: between(0, 80) }] });
    },
    adjustment() {
      add('stock_adjustment', { reason: 'found', lines: [{ sku: pick(SKUS), qty: between(1, 3) }] });
    },
    deposit() {
      const order = `P${events.length + 1}`;
      const amount = between(1_000, 60_000);
      add('deposit', { order, tax_code: codes[0], amount, tenders: card(amount) });
      prepaid.push({ order, left: Math.floor(amount / 2) });
    },
    fulfilment() {
      const order = prepaid.find((each) => each.left > 1);
      if (!order) return;
      const net = between(1, order.left);
      order.left -= net;
      add('fulfilment', { order: order.order, tax_code: codes[0], lines: [{ sku: pick(SKUS), qty: 1, net }] });
    },
    dispute() {
      const source_key = `dispute:${events.length + 1}`;
      const [amount, fee] = [between(100, 9_000), between(0, 1_500)];
      add('dispute_opened', { source_key: `${source_key}:opened`, processor: 'stripe', amount, fee });
      const won = chance(1, 2) ? 'won' : 'lost';
      add(`dispute_${won}`, { source_key: `${source_key}:${won}`, processor: 'stripe', amount });
    },
    payout() {
      const reserve = chance(1, 4) ? { reserve_held: between(1, 500) } : {};
      add('payout', { processor: 'stripe', amount: between(100, 50_000), ...reserve });
    },
  };
  const weights = ['sale', 'sale', 'sale', 'refund', 'refund', 'receipt', 'receipt', 'bill', 'invoice', 'payment'];
  const rare = ['payment', 'count', 'adjustment', 'deposit', 'fulfilment', 'dispute', 'payout'];
  while (events.length < size) makers[pick([...weights, ...rare])]?.();
  return { ...frame(company, seed), events, deliveries: events.map((event) => event.id) };
}

function frame({ country, currency, zone, codes }: (typeof COMPANIES)[number], seed: number) {
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
