import { type CashDay, cashTotals, makeEvent, needsReason } from '@daybook/domain';
import { closingPreview } from '@daybook/ledger/closing-balances';
import { allocationsOf, listItems } from '@daybook/ledger/invoice-ledger/listing';
import { aged } from '@daybook/ledger/reports/aged';
import type { Rehearsed } from './sections.ts';

/** Receivables by age, each open invoice a row; credits that nothing has taken are in the totals only. */
export async function agedSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const report = await aged(sql, companyId, { date: range.to, side: 'receivable' });
  const rows = report.parties.flatMap((party) =>
    party.items.map((item) => ({
      document: item.document,
      party: party.name,
      due_date: item.dueDate,
      open: item.open,
      days_overdue: Math.max(item.daysOverdue, 0),
      bucket: item.bucket,
    })),
  );
  return {
    date: report.date,
    rows: rows.sort((a, b) => (a.due_date < b.due_date ? -1 : 1)),
    buckets: report.buckets,
    total: report.total,
    control_account_balance: report.controlBalance,
  };
}

/** What is owed to suppliers. */
export async function payablesSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const report = await aged(sql, companyId, { date: range.to, side: 'payable' });
  return { open_total: report.total, control_account_balance: report.controlBalance };
}

/** Invoices of the month and open items it began with; what opening lines alone brought along is left out. */
async function invoicesOf({ sql, companyId, month, range }: Rehearsed) {
  const items = await listItems(sql, companyId, { view: 'invoices', date: range.to });
  const opened = new Set(month.opening?.open_items.map((each) => each.document));
  return items.filter((item) => (!item.opening && item.voucherType !== 'OPN' ? true : opened.has(item.document ?? '')));
}

/** Invoices and bills with what is open of them. */
export async function documentsSection(rehearsed: Rehearsed): Promise<unknown> {
  const items = await invoicesOf(rehearsed);
  return items.map((item) => {
    const sign = item.side === 'receivable' ? 1n : -1n;
    const { document, partyName, party, side, state } = item;
    return {
      document,
      party: partyName ?? party,
      side,
      amount: sign * item.amount,
      open: sign * item.open,
      status: state,
    };
  });
}

/** Payments that invoices took, one row per payment and invoice. */
export async function allocationsSection(rehearsed: Rehearsed): Promise<unknown> {
  const { sql, companyId, range, eventOf } = rehearsed;
  const items = await invoicesOf(rehearsed);
  const parts = await allocationsOf(
    sql,
    companyId,
    items.map((item) => item.id),
    range.to,
  );
  const sources = await sql<{ id: bigint; sourceId: string | null }[]>`
    select v.id, e.source_id as "sourceId" from invoice_events v join journal_entries j on j.id = v.entry_id
      left join events e on e.id = j.event_id where v.company_id = ${companyId}`;
  const sourceOf = new Map(sources.map((row) => [row.id, row.sourceId]));
  return items.flatMap((item) =>
    (parts.get(item.id) ?? [])
      .filter((part) => part.undoes === null && part.undoneBy === null)
      .map((part) => ({
        event: eventOf(sourceOf.get(part.item) ?? ''),
        event_type: part.kind,
        party: item.partyName ?? item.party,
        document: item.document,
        amount: part.amountTc,
      })),
  );
}

/** Days of the tills with what the formulas of the cash book make of them (accounting.md F2). */
export async function cashSection({ sql, companyId, range, eventOf }: Rehearsed): Promise<unknown> {
  const rows = await sql<{ sourceId: string; payload: unknown }[]>`
    select source_id as "sourceId", payload from events
    where company_id = ${companyId} and type = 'cash_day' and state = 'posted'
      and payload->>'date' between ${range.from} and ${range.to} order by payload->>'date', payload->>'register'`;
  return rows.map(({ sourceId, payload }) => {
    const day = makeEvent(payload) as CashDay;
    const totals = cashTotals(day);
    return {
      event: eventOf(sourceId),
      register: day.register,
      date: day.date,
      opening_balance: day.openingBalance,
      revenue_should: day.revenueShould,
      revenue_actual: day.revenueActual,
      cash_difference: totals.cashDifference,
      sales_cash: totals.salesCash,
      sales_non_cash: day.salesNonCash,
      sales_total: totals.salesTotal,
      cash_expenditure: totals.cashExpenditure,
      bank_deposit: day.bankDeposit,
      closing_balance: totals.closingBalance,
      tolerance: day.tolerance,
      reason_required: needsReason(totals.cashDifference, day.tolerance),
    };
  });
}

/** What the next year would open with if the year were closed at the end of the month. */
export async function closingSection({ sql, companyId, range, month }: Rehearsed): Promise<unknown> {
  const preview = await closingPreview(sql, companyId, range.to);
  const { note } = (month.expected.closing_preview ?? {}) as { note?: unknown };
  return {
    ...(note !== undefined && { note }),
    result: preview.result,
    retained_earnings_before: preview.retainedBefore,
    retained_earnings_after: preview.retainedAfter,
    next_opening_balances: Object.fromEntries(preview.opening.map(({ account, balance }) => [account, balance])),
  };
}
