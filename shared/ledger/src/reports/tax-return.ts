import {
  boxesOf,
  boxTotals,
  type CodedAmount,
  codedAmounts,
  codesOf,
  type Jurisdiction,
  type Moved,
  reconcileSales,
  regimeOf,
  type SalesReconciliation,
  salesTaxByJurisdiction,
  sum,
  type TaxBalance,
  type TaxBoxes,
  type TaxRegime,
  type Ustva,
  ustva,
  type VatReturn,
  vatReturn,
} from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { type LateItem, lateItems } from '../late.ts';
import { chartOf, incomeSection } from './chart.ts';
import { asked, companyOf } from './scope.ts';
import { codesWithBoxes, movedUnderCodes, settledIn, type TaxBasis, type TaxScope, taxAccounts } from './tax-moved.ts';

/** What was booked under tax codes in a period (accounting.md H7), minor units of the company's currency. */
export interface TaxReturn {
  currency: string;
  country: string;
  regime: TaxRegime;
  from: string | null;
  to: string;
  basis: TaxBasis;
  /** Per code and kind: sales positive as credits, purchases as debits. */
  amounts: CodedAmount[];
  /** What each box of the return came to, exact. Boxes of jurisdictions are told by `us`. */
  boxes: { box: string; amount: bigint }[];
  /** Codes with amounts that no box takes, and nobody decided that. */
  unboxed: string[];
  /** Taxes of codes on the return, by account, debit positive: what filing takes from there. */
  balances: TaxBalance[];
  /** Codes whose taxes these are. */
  codes: string[];
  /** What the form says is due, below zero = due from the authority. */
  due: bigint;
  /** The same by the tax accounts. */
  ledger: bigint;
  /** Form less ledger: cents where the form works with whole units. */
  difference: bigint;
  /** What moved on tax accounts without being on this return, another one or a settlement; debit positive. */
  uncoded: bigint;
  gb: { form: VatReturn; sales: SalesReconciliation } | null;
  de: (Ustva & { reducedBases: bigint }) | null;
  us: Jurisdiction[] | null;
  /** Entries with taxes that came after their day was closed. */
  late: LateItem[];
}

type Codes = Awaited<ReturnType<typeof codesWithBoxes>>;

interface Ground {
  country: string;
  codes: Codes;
  moved: readonly Moved[];
  boxesFor(code: string): TaxBoxes | undefined;
}

/**
 * Tax return of the entries of a period. What is late counts where it is posted, or where it belongs (accounting.md
 * G6). A line with several taxes counts under each of their codes. Throws when the company does not exist.
 */
export async function taxReturn(sql: Queryable, companyId: string, scope: TaxScope): Promise<TaxReturn> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const { country, lateTax } = await taxesOf(sql, companyId);
  const basis = scope.basis ?? lateTax ?? 'posting_period';
  const [codes, moved, accounts, settled, chart] = await Promise.all([
    codesWithBoxes(sql, companyId),
    movedUnderCodes(sql, companyId, { ...scope, basis }),
    taxAccounts(sql, companyId),
    settledIn(sql, companyId, scope),
    chartOf(sql, companyId),
  ]);
  const byCode = new Map(codes.map((code) => [code.code, boxesOf(code, country)]));
  const ground = { country, codes, moved, boxesFor: (code: string) => byCode.get(code) };
  const revenue = new Set(chart.filter((each) => incomeSection(each) === 'revenue').map(({ code }) => code));
  const late = await lateItems(sql, companyId, { from: from ?? '0001-01-01', to, taxed: true });
  const form = formOf(ground, (account) => revenue.has(account));
  const difference = form.due - form.ledger;
  const uncoded = sum(
    moved.filter((each) => each.kind === '' && accounts.has(each.account)).map((each) => each.amount),
  );
  return {
    ...{ currency, country, regime: regimeOf(country), from, to, basis },
    ...{ ...form, difference, uncoded: uncoded - settled, late },
  };
}

async function taxesOf(sql: Queryable, companyId: string): Promise<{ country: string; lateTax: TaxBasis | null }> {
  const [row] = await sql<{ country: string; lateTax: TaxBasis | null }[]>`
    select country, settings->>'lateTax' as "lateTax" from companies where id = ${companyId}`;
  return row as { country: string; lateTax: TaxBasis | null };
}

function formOf(ground: Ground, isRevenue: (account: string) => boolean) {
  const { country, codes, moved, boxesFor } = ground;
  const regime = regimeOf(country);
  const amounts = codedAmounts(moved);
  const totals = boxTotals(amounts, codes, country);
  const taxes = moved.filter((each) => isTax(each) && isBoxed(boxesFor(each.code)));
  const ledger = -sum(taxes.map(({ amount }) => amount));
  const de = regime === 'DE' ? { ...ustva(totals), reducedBases: reducedBases(moved) } : null;
  const form = regime === 'GB' ? vatReturn(totals) : null;
  const boxes = regime === 'US' ? [] : [...totals].sort(byNumber).map(([box, amount]) => ({ box, amount }));
  return {
    ...{ amounts, boxes, ledger, de },
    unboxed: [...new Set(amounts.filter(({ code }) => boxesFor(code) === undefined).map(({ code }) => code))],
    balances: balancesOf(taxes),
    codes: [...new Set(taxes.map(({ code }) => code))].sort(),
    due: form ? form.totalVatDue - form.vatReclaimedCurrPeriod : (de?.kz83 ?? ledger),
    gb: form && { form, sales: reconcileSales(moved, { isRevenue, counts: countsIn('6', ground) }) },
    us: regime === 'US' ? salesTaxByJurisdiction(moved, codes) : null,
  };
}

function isTax({ kind }: Moved): boolean {
  return kind === 'tax_out' || kind === 'tax_in';
}

function isBoxed(boxes: TaxBoxes | undefined): boolean {
  return boxes !== undefined && Object.values(boxes).some((each) => each.length > 0);
}

function countsIn(box: string, { boxesFor }: Ground) {
  return ({ code, kind }: Moved) =>
    kind !== '' && codesOf(code).some((each) => boxesFor(each)?.[kind]?.includes(box) ?? false);
}

/** Bases that bad debts took off (Kz 50 of the UStVA, § 17 UStG): already in the boxes, told beside them. */
function reducedBases(moved: readonly Moved[]): bigint {
  return sum(moved.filter(({ role, kind }) => /^bad_debt(\.|$)/.test(role) && kind === 'net_out').map((e) => e.amount));
}

/** What tax accounts hold of these lines, per account. */
export function balancesOf(taxes: readonly Moved[]): TaxBalance[] {
  const sums = new Map<string, TaxBalance>();
  for (const { account, role, amount } of taxes) {
    const before = sums.get(account) ?? { account, role, amount: 0n };
    sums.set(account, { ...before, amount: before.amount + amount });
  }
  return [...sums.values()];
}

function byNumber([a]: [string, bigint], [b]: [string, bigint]): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
