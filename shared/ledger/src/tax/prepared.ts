import { abs, contentHash, exponentOf, formatMinor, isOssCode, type Span, type TaxBalance } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { problemsBefore } from '../lock-checks.ts';
import { ossReport } from '../reports/oss.ts';
import { movedUnderCodes, type TaxBasis } from '../reports/tax-moved.ts';
import { balancesOf, type TaxReturn, taxReturn } from '../reports/tax-return.ts';

/** The country's own return, or the One-Stop-Shop one for distance sales in the EU. */
export const TAX_FORMS = ['national', 'oss'] as const;
export type TaxForm = (typeof TAX_FORMS)[number];

/** Something that stands against filing. What `blocks` has to be settled, the rest can be accepted with a reason. */
export interface TaxProblem {
  check: 'events' | 'summaries' | 'cash_days' | 'tie-out' | 'boxes' | 'rounding' | 'countries';
  blocks: boolean;
  message: string;
}

/** A return as it would be filed now. */
export interface Prepared {
  /** Country of the form, 'OSS', or 'generic'. */
  regime: string;
  period: Span;
  basis: TaxBasis;
  currency: string;
  /** What the form says, amounts in minor units. */
  figures: Record<string, unknown>;
  /** SHA-256 of the figures. */
  hash: string;
  /** What is due, below zero = due from the authority. */
  due: bigint;
  balances: TaxBalance[];
  codes: string[];
  problems: TaxProblem[];
}

/** Works out a company's return of a period with everything that stands against filing it. */
export async function prepareReturn(
  sql: Queryable,
  companyId: string,
  { form, period }: { form: TaxForm; period: Span },
): Promise<Prepared> {
  const unfinished = await problemsBefore(sql, companyId, period);
  const waiting = unfinished.flatMap(({ check, blocks, message }): TaxProblem[] =>
    check === 'suspense' || check === 'subledger' ? [] : [{ check, blocks, message }],
  );
  const told = form === 'oss' ? await oss(sql, companyId, period) : await national(sql, companyId, period);
  return { ...told, period, hash: contentHash(told.figures), problems: [...waiting, ...told.problems] };
}

type Told = Omit<Prepared, 'period' | 'hash'>;

async function national(sql: Queryable, companyId: string, { startsOn, endsOn }: Span): Promise<Told> {
  const report = await taxReturn(sql, companyId, { from: startsOn, to: endsOn });
  const { regime, basis, currency, due, balances, codes, amounts, boxes, gb, de, us } = report;
  const figures = { amounts, boxes, due, balances, gb: gb?.form ?? null, de, us };
  return { regime, basis, currency, figures, due, balances, codes, problems: problemsOf(report) };
}

function problemsOf({ currency, uncoded, unboxed, difference, from, to }: TaxReturn): TaxProblem[] {
  const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
  const found: TaxProblem[] = [];
  const add = (check: TaxProblem['check'], message: string) => found.push({ check, blocks: false, message });
  if (uncoded !== 0n) {
    add(
      'tie-out',
      `Tax accounts moved by ${show(uncoded)} from ${from} to ${to} without a tax code: it is on no return.`,
    );
  }
  if (unboxed.length > 0) {
    add('boxes', `No box of the return takes the codes ${unboxed.join(', ')}. Give them boxes, or none on purpose.`);
  }
  if (abs(difference) >= 10n ** BigInt(exponentOf(currency))) {
    add('rounding', `The form differs from the tax accounts by ${show(difference)}, more than whole units explain.`);
  }
  return found;
}

async function oss(sql: Queryable, companyId: string, { startsOn, endsOn }: Span): Promise<Told> {
  const scope = { from: startsOn, to: endsOn, basis: 'posting_period' as const };
  const report = await ossReport(sql, companyId, scope);
  const moved = await movedUnderCodes(sql, companyId, scope);
  const taxes = moved.filter(({ code, kind }) => isOssCode(code) && kind === 'tax_out');
  const { currency, rows, net, tax, incomplete } = report;
  const some = incomplete.slice(0, 3).join(', ');
  const message = `Nobody tells the country or the rate of ${incomplete.length} distance sales, such as ${some}.`;
  const problems: TaxProblem[] = incomplete.length > 0 ? [{ check: 'countries', blocks: false, message }] : [];
  const codes = [...new Set(taxes.map(({ code }) => code))].sort();
  const balances = balancesOf(taxes);
  const figures = { rows, net, tax, balances };
  return { regime: 'OSS', basis: 'posting_period', currency, figures, due: tax, balances, codes, problems };
}
