import { exponentOf, formatMinor } from '@daybook/domain';
import { completeLine, type LineAmountTypes, taxOn } from './arithmetic.ts';
import type { ChartAccount, TaxRate } from './charts.ts';
import { type Decimal, decimalText, parseDecimal, roundTo } from './decimal.ts';
import { member, text, type WriteContext } from './request.ts';
import type { DocumentKind, Line, Organisation } from './world.ts';

interface LineSetting {
  kind: DocumentKind | 'bank_entry';
  types: LineAmountTypes;
  currency: string;
  /** Only an authorised document has to be complete. */
  authorised: boolean;
}

/** One line item computed the way Xero computes it; what is wrong with it goes to `errors`. */
export function readLine(item: unknown, setting: LineSetting, context: WriteContext, errors: string[]): Line {
  const exponent = exponentOf(setting.currency);
  const number = (name: string) => decimalOf(item, name, errors);
  const said = {
    quantity: number('Quantity'),
    unitAmount: number('UnitAmount'),
    lineAmount: number('LineAmount'),
    discountRate: number('DiscountRate'),
    discountAmount: number('DiscountAmount'),
  };
  const amounts = completeLine(said, context.unitDecimals, exponent);
  if (text(item, 'Description') === null) errors.push('Description must be specified.');
  if (setting.kind !== 'invoice' && amounts.discounted) {
    const where = setting.kind === 'credit_note' ? 'credit notes' : 'bank transactions';
    errors.push(`Discounts are not supported on ${where}.`);
  }
  if (said.lineAmount !== null && roundTo(said.lineAmount, exponent) !== amounts.lineAmount) {
    const expected = formatMinor(amounts.lineAmount, setting.currency);
    errors.push(`The line total ${decimalText(said.lineAmount)} does not match the expected line total ${expected}`);
  }
  const bare = said.unitAmount === null && said.lineAmount === null;
  const { account, rate } = accountAndTax(item, { ...setting, bare }, context.organisation, errors);
  const taxAmount = number('TaxAmount');
  return {
    lineItemId: context.change.newId('line'),
    description: text(item, 'Description') ?? '',
    quantity: decimalText(amounts.quantity),
    unitAmount: decimalText(amounts.unitAmount),
    accountCode: account?.code ?? null,
    taxType: setting.types === 'NoTax' ? 'NONE' : (rate?.taxType ?? null),
    taxAmount: lineTax(taxAmount, amounts.lineAmount, rate, setting, exponent),
    lineAmount: amounts.lineAmount,
    discountRate: said.discountRate && decimalText(said.discountRate),
    discountAmount: said.discountAmount && roundTo(said.discountAmount, exponent),
  };
}

function lineTax(
  said: Decimal | null,
  lineAmount: bigint,
  rate: TaxRate | null,
  setting: LineSetting,
  exponent: number,
): bigint {
  if (setting.types === 'NoTax') return 0n;
  if (said !== null) return roundTo(said, exponent);
  return taxAt(rate, lineAmount, setting.types);
}

/** Tax inside or on top of an amount. Reverse charge is owed and recovered at once, so it is none. */
export function taxAt(rate: TaxRate | null, amount: bigint, types: LineAmountTypes): bigint {
  const percent = rate && rate.reportTaxType !== 'REVERSECHARGES' ? parseDecimal(rate.rate) : null;
  return percent ? taxOn(amount, percent, types) : 0n;
}

/** A number of a request, or null; what is none goes to `errors`. */
export function decimalOf(item: unknown, name: string, errors: string[]): Decimal | null {
  const value = member(item, name);
  if (value === undefined || value === null || value === '') return null;
  const parsed = parseDecimal(value);
  if (parsed === null) errors.push(`The ${name} value is not a valid decimal number.`);
  return parsed;
}

/** The line's account and tax rate; a line without TaxType gets its account's default (the 108.25 trap). */
function accountAndTax(
  item: unknown,
  setting: LineSetting & { bare: boolean },
  organisation: Organisation,
  errors: string[],
): { account: ChartAccount | null; rate: TaxRate | null } {
  const code = text(item, 'AccountCode');
  if (code === null && setting.authorised && !setting.bare) errors.push('Account code must be specified.');
  const account = code === null ? null : lineAccount(code, organisation, errors);
  const taxType = text(item, 'TaxType') ?? account?.taxType ?? null;
  if (taxType === null) {
    if (setting.authorised && !setting.bare && code === null) errors.push('Tax rate must be specified.');
    return { account, rate: null };
  }
  return { account, rate: taxRate(taxType, account, organisation, errors) };
}

/** An active rate that may be used on the account. */
export function taxRate(
  taxType: string,
  account: ChartAccount | null,
  organisation: Organisation,
  errors: string[],
): TaxRate | null {
  const rate = organisation.taxRates.get(taxType);
  if (rate?.status !== 'ACTIVE' || (account && !rate.appliesTo.includes(account.class))) {
    errors.push(`The TaxType code ${taxType} does not exist or cannot be used for this type of transaction.`);
    if (rate && account)
      errors.push(`The TaxType code '${taxType}' cannot be used with account code '${account.code}'.`);
  }
  return rate ?? null;
}

/** Bank and system accounts take no lines; what Xero says of an archived account is not known word for word. */
function lineAccount(code: string, organisation: Organisation, errors: string[]): ChartAccount | null {
  const account = organisation.accounts.get(code);
  const usable = account && account.type !== 'BANK' && account.systemAccount === null && account.status === 'ACTIVE';
  if (!usable) errors.push(`Account code '${code}' is not a valid code for this document.`);
  return account ?? null;
}
