import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, EntryType, ResolvedEntry, StockMovement, TaxKind } from '@daybook/domain';
import type { Database, Tx } from '@daybook/platform/db';
import { createCompany } from '../src/company.ts';
import { postEntries } from '../src/post.ts';
import { type StockToWrite, writeStock } from '../src/stock.ts';

/**
 * The acceptance month (accounting.md J): a company with its chart, and the entries it expects, posted as they stand.
 * The file lies beside the repo; without it the tests of the month are skipped, saying so.
 */
const FILE = join(import.meta.dirname, '../../../../shared/contracts/accounting/month.json');
/** Whether the file is there. */
export const isThere = existsSync(FILE);
if (!isThere) process.stdout.write(`skipped: the acceptance month is not beside the repo (${FILE})\n`);

interface MonthEntry {
  date: string;
  entry_type: EntryType;
  source_key: string;
  memo: string;
  lines: {
    account: string;
    debit: number;
    credit: number;
    tax_code?: string;
    tax_kind?: TaxKind;
    currency?: string;
    amount_tc?: number;
    party?: string;
    document?: string;
  }[];
}

interface StatementFile {
  [part: string]: Record<string, number> | number;
}

interface Month {
  company: { functional_currency: string; country: string; timezone: string };
  accounts: {
    code: string;
    name: string;
    type: Account['type'];
    normal_side: Account['normalSide'];
    roles: string[];
  }[];
  tax_codes: { code: string; rate: string; label: string }[];
  opening: { entry: MonthEntry; open_items: { document: string; party: string; due: string; amount: number }[] };
  inventory_groups: { number: number; description: string; inventory: string }[];
  items: { sku: string; group: number }[];
  events: {
    id: string;
    channel: string | null;
    document?: string;
    due_date?: string;
    expected_entries: MonthEntry[];
  }[];
  expected: {
    journal: {
      entry_count: number;
      by_entry_type: Record<string, number>;
      total_debits: number;
      total_credits: number;
    };
    trial_balance: { date: string; lines: { account: string; name: string; debit: number; credit: number }[] };
    income_statement: StatementFile;
    balance_sheet: Record<string, number>;
    cash_flow: {
      cash_accounts: string[];
      opening_cash: number;
      closing_cash: number;
      direct: Record<string, number>;
      indirect: { profit: number; changes_in_balance_sheet_accounts: Record<string, number> };
      net_change_in_cash: number;
    };
    sales_by_channel: Record<string, Record<string, number>>;
    clearing_balances: Record<string, { name: string; opening: number; closing: number }>;
    aged_receivables: {
      date: string;
      rows: { document: string; party: string; due_date: string; open: number; days_overdue: number; bucket: string }[];
      buckets: Record<string, number>;
      total: number;
      control_account_balance: number;
    };
    payables: { open_total: number; control_account_balance: number };
    invoice_ledger_documents: Record<string, string | number>[];
    invoice_ledger_allocations: {
      event: string;
      event_type: number;
      party: string;
      document: string;
      amount: number;
    }[];
    inventory_movements: {
      event: string;
      kind: StockMovement['kind'];
      sku: string;
      qty: number;
      value: number;
      on_hand_qty: number;
      on_hand_value: number;
    }[];
    closing_preview: {
      result: number;
      retained_earnings_before: number;
      retained_earnings_after: number;
      next_opening_balances: Record<string, number>;
    };
  };
}

/** The month as the file has it. */
export const month: Month = isThere ? JSON.parse(readFileSync(FILE, 'utf8')) : {};

/** Makes the month's company and posts every entry that the file expects. Answers the company's id. */
export async function bookMonth({ sql }: Database): Promise<string> {
  const { company, accounts, tax_codes: codes } = month;
  const end = new Date('2026-03-31T22:00:00Z');
  return sql.begin(async (tx) => {
    const { id } = await createCompany(tx, {
      slug: 'acceptance-month',
      name: 'Acceptance month',
      country: company.country,
      currency: company.functional_currency,
      timeZone: company.timezone,
      now: end,
      chart: {
        accounts: accounts.map(({ normal_side: normalSide, ...account }) => ({ ...account, normalSide })),
        taxCodes: codes.map(({ code, rate, label }) => ({ code, rate, label, revenue: 'standard' })),
        taxRules: [],
      },
    });
    const posted = month.events.flatMap(({ channel, expected_entries: entries }) =>
      entries.map((entry) => toEntry(entry, channel)),
    );
    const entries = [toEntry(month.opening.entry, null), ...posted];
    await bookStock(tx, id, end);
    await postEntries(
      tx,
      id,
      entries.map((entry) => ({ entry, eventId: null })),
      end,
    );
    return id;
  });
}

/** Groups, items and movements of stock as the file expects them, beside the entries that book them. */
async function bookStock(tx: Tx, companyId: string, now: Date): Promise<void> {
  const rows = month.inventory_groups.map(({ number, description, inventory }) => ({
    company_id: companyId,
    number,
    description,
    inventory,
  }));
  await tx`insert into inventory_groups ${tx(rows)}`;
  const units = (quantity: number) => BigInt(quantity) * 1_000_000n;
  const movements = month.expected.inventory_movements.flatMap((moved): StockToWrite[] => {
    const entries = month.events.find(({ id }) => id === moved.event)?.expected_entries ?? [];
    const entry = entries.find(({ entry_type: type }) => type === 'INV');
    const group = month.items.find(({ sku }) => sku === moved.sku)?.group;
    if (!entry || group === undefined) return [];
    const average = { quantity: units(moved.on_hand_qty), value: BigInt(moved.on_hand_value) };
    return [
      {
        sku: moved.sku,
        group,
        kind: moved.kind,
        quantity: units(moved.qty),
        value: BigInt(moved.value),
        after: { ...average, average, lastCost: null },
        eventId: null,
        sourceKey: entry.source_key,
        postingDate: entry.date,
        occurredAt: `${entry.date}T12:00:00Z`,
      },
    ];
  });
  await writeStock(tx, companyId, movements, [], now);
}

function toEntry(entry: MonthEntry, channel: string | null): ResolvedEntry {
  return {
    entryType: entry.entry_type,
    sourceKey: entry.source_key,
    postingDate: entry.date,
    taxPoint: entry.date,
    occurredAt: `${entry.date}T12:00:00Z`,
    memo: entry.memo,
    channel: channel ?? undefined,
    lines: entry.lines.map(({ account, debit, credit, amount_tc: foreign, ...line }) => {
      const amount = BigInt(debit - credit);
      const amountTc = foreign === undefined ? amount : BigInt(debit > 0 ? foreign : -foreign);
      const role = month.accounts.find(({ code }) => code === account)?.roles[0] ?? 'account';
      const detail = { taxCode: line.tax_code, taxKind: line.tax_kind, party: line.party, document: line.document };
      return {
        role,
        account,
        amount,
        amountTc,
        currency: line.currency ?? month.company.functional_currency,
        ...detail,
      };
    }),
  };
}
