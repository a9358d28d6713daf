import {
  type Account,
  type CanonicalEvent,
  type CompanySettings,
  type DefaultChart,
  makeEvent,
  type TaxBoxes,
  type TaxRule,
} from '@daybook/domain';
import { createCompany } from '@daybook/ledger/company';
import { putInventoryGroup, putItems } from '@daybook/ledger/inventory';
import type { Sql, Tx } from '@daybook/platform/db';
import type { Month } from './month-file.ts';

/** Makes the month's company with accounts, roles, tax codes and fiscal year of the file; answers its id. */
export async function makeCompany(sql: Sql, month: Month, slug: string, now: Date): Promise<string> {
  const { company } = month;
  const { start, end, label } = company.fiscal_year;
  return sql.begin(async (tx) => {
    const { id } = await createCompany(tx, {
      slug,
      name: company.name,
      country: company.country,
      currency: company.functional_currency,
      timeZone: company.timezone,
      now,
      chart: chartOf(month),
      settings: settingsOf(month),
      fiscalYear: { startsOn: start, endsOn: end, label: label ?? start.slice(0, 4) },
    });
    await insertRates(tx, id, month);
    await insertItems(tx, id, month, now);
    return id;
  });
}

/** Settings of the file that a company has; others say how its events were made. */
function settingsOf({ company: { settings } }: Month): Partial<CompanySettings> {
  const { inventory_integration: inventory, discount_presentation: discount } = settings;
  return {
    ...((inventory === 'perpetual_average' || inventory === 'periodic') && { inventoryIntegration: inventory }),
    ...((discount === 'contra_revenue' || discount === 'net') && { discountPresentation: discount }),
  };
}

/** The file's chart; accounts that tax codes name play the roles of those codes. */
function chartOf({ accounts, tax_codes: codes }: Month): DefaultChart {
  const own = new Map<string, string[]>();
  const play = (account: string | undefined, role: string) => {
    if (account !== undefined) own.set(account, [...(own.get(account) ?? []), role]);
  };
  for (const { code, sales_account, output_account, input_account } of codes) {
    play(sales_account, `sales.revenue.${code}`);
    play(output_account, `tax.output.${code}`);
    play(input_account, `tax.input.${code}`);
  }
  return {
    accounts: accounts.map(({ code, name, type, normal_side, roles }): Account => {
      const played = [...new Set([...roles, ...(own.get(code) ?? [])])];
      return { code, name, type, normalSide: normal_side, roles: played };
    }),
    taxCodes: codes.map(({ code, rate, label, reverse_charge, boxes }) => ({
      code,
      rate,
      label,
      revenue: 'standard',
      boxes: boxesOf(boxes),
      ...(reverse_charge !== undefined && { reverseCharge: reverse_charge }),
    })),
    taxRules: rulesOf(codes),
  };
}

/** The file names boxes by number, one or several. */
function boxesOf(boxes: Record<string, unknown>): TaxBoxes {
  return Object.fromEntries(Object.entries(boxes).map(([kind, named]) => [kind, [named].flat().map(String)]));
}

/** What a fee or a line without a code of its own is coded by: the first code of each rate that is no reverse charge. */
function rulesOf(codes: Month['tax_codes']): TaxRule[] {
  const rules = new Map<string, TaxRule>();
  for (const { code, rate, reverse_charge } of codes) {
    if (reverse_charge || rules.has(rate)) continue;
    rules.set(rate, { channel: null, name: null, rate, code });
  }
  return [...rules.values()];
}

/** Inventory groups and items of the file. */
async function insertItems(tx: Tx, companyId: string, { inventory_groups, items }: Month, now: Date): Promise<void> {
  for (const group of inventory_groups) {
    await putInventoryGroup(tx, companyId, {
      number: group.number,
      description: group.description,
      stockTracked: group.stock_tracked,
      salesTax: group.default_sales_tax ?? null,
      purchaseTax: group.default_purchase_tax ?? null,
      sales: group.sales ?? null,
      inventory: group.inventory ?? null,
      costOfSales: group.cost_of_sales ?? null,
      countVariance: group.count_variance ?? null,
      adjustment: group.adjustment ?? null,
      purchaseVariance: group.purchase_variance ?? null,
      purchases: group.purchases ?? null,
    });
  }
  await putItems(tx, companyId, items, now);
}

/** Rates that the month's events were booked at, as the company's rate table. */
async function insertRates(tx: Tx, companyId: string, month: Month): Promise<void> {
  for (const { fx_rate, currency, posting_date } of [...month.events, ...month.cutoff_events]) {
    if (fx_rate === undefined) continue;
    await tx`
      insert into fx_rates (company_id, currency, day, rate, source)
      values (${companyId}, ${currency}, ${posting_date}, ${fx_rate}, 'the file')
      on conflict (company_id, currency, day) do nothing`;
  }
}

/** The opening balances, open items and stock of the file as one fact; null where the month begins with nothing. */
export function openingOf(month: Month): CanonicalEvent | null {
  const { opening, items, company } = month;
  const stock = items.filter(({ opening_qty, opening_value }) => opening_qty !== '0' || opening_value !== 0n);
  if (!opening?.entry && stock.length === 0) return null;
  const date = opening?.entry?.date ?? company.period_start;
  const lines = (opening?.entry?.lines ?? []).map(({ account, debit, credit, party, document, due_date }) => ({
    account,
    amount: debit - credit,
    party,
    document,
    dueDate: due_date ?? dueOf(document, month),
  }));
  return makeEvent({
    version: 1,
    type: 'opening',
    channel: 'ledger',
    id: opening?.entry?.source_key ?? `opening:${date}`,
    revision: '1',
    occurredAt: `${date}T00:00:00Z`,
    currency: company.functional_currency,
    test: false,
    memo: opening?.entry?.memo ?? 'Opening balances',
    date,
    lines,
    openItems: openItemsOf(month),
    stock: stock.map(({ sku, opening_qty, opening_value }) => ({ sku, quantity: opening_qty, value: opening_value })),
  });
}

function dueOf(document: string | undefined, { opening }: Month): string | undefined {
  return opening?.open_items.find((each) => each.document === document)?.due;
}

/** Open items stand on the account of their opening line, else on the customers' control account. */
function openItemsOf({ opening }: Month) {
  const lines = opening?.entry?.lines ?? [];
  return (opening?.open_items ?? []).map(({ document, party, date, due, amount, side }) => {
    const line = lines.find((each) => each.document === document);
    const isPayable = side === 'payable' || (line !== undefined && line.credit > 0n);
    const target = line ? { account: line.account } : { role: isPayable ? 'ap.control' : 'ar.control' };
    return { ...target, document, party, date, dueDate: due, amount: isPayable && amount > 0n ? -amount : amount };
  });
}
