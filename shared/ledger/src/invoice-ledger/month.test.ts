import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, NOW, openLedger } from '../../test/fixtures.ts';
import { bookMonth, isThere, month } from '../../test/month.ts';
import { aged } from '../reports/aged.ts';
import { itemReport } from '../reports/open-items.ts';
import { invoiceLedgerChecks } from '../verify/invoice-ledger.ts';
import { verifyCompany } from '../verify.ts';
import { allocateItems, openItemOf } from './allocations.ts';
import { editItem } from './details.ts';
import { listItems } from './listing.ts';

const END = '2026-03-31';
const BY = { madeBy: 'tester', now: NOW };

describe.skipIf(!isThere)('the acceptance month in the invoice ledger', () => {
  let ledger: Ledger;
  let company: string;
  beforeAll(async () => {
    ledger = await openLedger();
    company = await bookMonth(ledger);
    const dues = [
      ...month.opening.open_items.map(({ document, due }) => ({ document, due })),
      ...month.events.flatMap(({ document, due_date: due }) => (document && due ? [{ document, due }] : [])),
    ];
    await ledger.sql.begin(async (tx) => {
      for (const { document, due } of dues) {
        const [item] = await tx<{ id: bigint }[]>`
          select id from invoice_events where company_id = ${company} and document = ${document} and kind = 0`;
        await editItem(tx, company, (item as { id: bigint }).id, { dueDate: due }, BY);
      }
    });
  });
  afterAll(() => ledger.drop());

  test('aged receivables are the file’s, row by row and bucket by bucket', async () => {
    const expected = month.expected.aged_receivables;
    const report = await aged(ledger.sql, company, { date: expected.date, side: 'receivable' });
    const rows = report.parties.flatMap(({ items }) =>
      items.map(({ document, party, dueDate, open, daysOverdue, bucket }) => ({
        document,
        party,
        due_date: dueDate,
        open: Number(open),
        days_overdue: daysOverdue,
        bucket,
      })),
    );
    expect(rows).toEqual(expected.rows);
    expect(Object.fromEntries(Object.entries(report.buckets).map(([name, value]) => [name, Number(value)]))).toEqual(
      expected.buckets,
    );
    expect([Number(report.total), Number(report.controlBalance), report.difference]).toEqual([
      expected.total,
      expected.control_account_balance,
      0n,
    ]);
  });

  test('payables come to the file’s total and to their control account', async () => {
    const report = await aged(ledger.sql, company, { date: END, side: 'payable' });
    const { open_total: total, control_account_balance: balance } = month.expected.payables;
    expect([Number(report.total), Number(report.controlBalance)]).toEqual([total, balance]);
  });

  test('every document of the file has its amount, what is open of it, and its state', async () => {
    const items = await listItems(ledger.sql, company, { view: 'invoices', date: END });
    const shown = items.map(({ document, party, side, amount, open, state }) => {
      const sign = side === 'receivable' ? 1n : -1n;
      return { document, party, side, amount: Number(sign * amount), open: Number(sign * open), status: state };
    });
    for (const document of month.expected.invoice_ledger_documents) expect(shown).toContainEqual(document);
  });

  test('payments settle what the file says, an overpayment is carried to the next invoice', async () => {
    const report = await itemReport(ledger.sql, company, { view: 'invoices', date: END, groupedBy: 'name' });
    const parts = report.groups.flatMap(({ items }) =>
      items.flatMap((item) =>
        item.parts.map(({ kind, amountTc }) => ({
          event_type: kind,
          party: item.party,
          document: item.document,
          amount: Number(amountTc),
        })),
      ),
    );
    const expected = month.expected.invoice_ledger_allocations.map(({ event, ...allocation }) => allocation);
    expect(parts).toHaveLength(expected.length);
    for (const allocation of expected) expect(parts).toContainEqual(allocation);
  });

  test('allocating more than is open of an invoice is refused, and nothing changes (N07)', async () => {
    const invoice = await ledger.sql.begin((tx) => openItemOf(tx, company, 'INV-0103', 0));
    const [payment] = await ledger.sql<{ id: bigint }[]>`
      select id from invoice_events where company_id = ${company} and kind = 1 order by id limit 1`;
    const asked = { item: (payment as { id: bigint }).id, against: invoice, amountTc: 20000n };
    await expect(ledger.sql.begin((tx) => allocateItems(tx, company, asked, BY))).rejects.toMatchObject({
      code: 'ALLOCATION_EXCEEDS_OPEN',
      message: expect.stringContaining('GBP 102.00'),
    });
  });

  test('verify finds the sub-ledger equal to its control accounts', async () => {
    // The file's entries are posted as they stand, without the stock and the days of tills that other checks ask for.
    const own = new Set(invoiceLedgerChecks.map(({ name }) => name));
    const { checks } = await verifyCompany(ledger.sql, company);
    expect(checks.filter(({ name }) => own.has(name)).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });
});
