import { plainDecimal, subtractDecimals } from '@daybook/domain';
import { z } from 'zod';
import type { Api, RemoteAccount, RemoteBooks, RemoteTaxRate } from '../../kit/contract.ts';
import { type Fields, select } from './client.ts';
import { readCompany, readPreferences } from './company.ts';
import { unreadable } from './errors.ts';

const text = z.string();
const account = z.object({
  Id: text,
  Name: text,
  FullyQualifiedName: text.nullish(),
  AcctNum: text.nullish(),
  AccountType: text,
  AccountSubType: text.nullish(),
  Active: z.boolean().nullish(),
  CurrencyRef: z.object({ value: text }).nullish(),
});
const rateList = z
  .object({ TaxRateDetail: z.array(z.object({ TaxRateRef: z.object({ value: text }) })).nullish() })
  .nullish();
const taxCode = z.object({
  Id: text,
  Name: text,
  Active: z.boolean().nullish(),
  SalesTaxRateList: rateList,
  PurchaseTaxRateList: rateList,
});
const taxRate = z.object({ Id: text, RateValue: text.nullish() });
const companyCurrency = z.object({ Code: text, Active: z.boolean().nullish() });

export type Account = z.infer<typeof account>;

/** What American documents are sent with: their tax is a line of its own. */
export const NOT_TAXED = 'NON';

/** Chart, tax codes, currencies and closing date; five or six calls. */
export async function readBooks(api: Api): Promise<RemoteBooks> {
  const company = await readCompany(api);
  const preferences = await readPreferences(api);
  const accounts = await readAccounts(api);
  const codes = await readTaxCodes(api);
  const home = preferences.homeCurrency ?? accounts[0]?.CurrencyRef?.value ?? '';
  const others = preferences.multicurrency ? await rows(api, 'the currencies', 'CompanyCurrency', companyCurrency) : [];
  if (company.country === 'US' && preferences.automatedSalesTax) {
    api.log('books.automated_sales_tax', { account: api.account, sent_as: 'a line on the account of tax.output' });
  }
  return {
    name: company.name,
    country: company.country,
    currency: home,
    // The API does not tell it.
    timeZone: '',
    currencies: [...new Set([home, ...others.filter(isActive).map(({ Code }) => Code)])],
    accounts: remoteAccounts(accounts),
    taxRates: company.country === 'US' ? [AMERICAN, ...remoteRates(codes)] : remoteRates(codes),
    lockDate: preferences.lockDate,
  };
}

const AMERICAN: RemoteTaxRate = { code: NOT_TAXED, name: 'Our tax on a line of its own', rate: '0' };

/** Accounts that are active. */
export async function readAccounts(api: Api): Promise<Account[]> {
  return (await rows(api, 'the chart of accounts', 'Account', account)).filter(isActive);
}

/**
 * As the contract lists accounts: by their number where it is set and nobody else's, else by their id. The type carries
 * the subtype: `Bank / Checking`.
 */
export function remoteAccounts(accounts: readonly Account[]): RemoteAccount[] {
  const numbers = accounts.map(({ AcctNum }) => AcctNum?.trim() ?? '');
  return accounts.map((each, index) => {
    const number = numbers[index] ?? '';
    const isUnique = number !== '' && numbers.filter((other) => other === number).length === 1;
    const remote: RemoteAccount = {
      code: isUnique ? number : each.Id,
      name: each.Name,
      type: each.AccountSubType ? `${each.AccountType} / ${each.AccountSubType}` : each.AccountType,
      remoteId: each.Id,
      isBank: each.AccountType === 'Bank' || each.AccountType === 'Credit Card',
    };
    return each.CurrencyRef ? { ...remote, currency: each.CurrencyRef.value } : remote;
  });
}

/** A tax code with the rates behind it, in the order the code lists them; percent as decimal text. */
export interface TaxCode {
  id: string;
  name: string;
  sales: { rateId: string; percent: string }[];
  purchases: { rateId: string; percent: string }[];
}

/** Active tax codes with their rates, sales and purchases apart (TaxCode → TaxRate). */
export async function readTaxCodes(api: Api): Promise<TaxCode[]> {
  const codes = (await rows(api, 'the tax codes', 'TaxCode', taxCode)).filter(isActive);
  const percents = new Map(
    (await rows(api, 'the tax rates', 'TaxRate', taxRate)).map((each) => [
      each.Id,
      plainDecimal(each.RateValue ?? '0'),
    ]),
  );
  const ratesOf = (list: z.infer<typeof rateList>) =>
    (list?.TaxRateDetail ?? []).map(({ TaxRateRef }) => ({
      rateId: TaxRateRef.value,
      percent: percents.get(TaxRateRef.value) ?? '0',
    }));
  return codes.map((code) => ({
    id: code.Id,
    name: code.Name,
    sales: ratesOf(code.SalesTaxRateList),
    purchases: ratesOf(code.PurchaseTaxRateList),
  }));
}

/** TAX and NON are American markers, not codes a rate belongs to. */
function remoteRates(codes: readonly TaxCode[]): RemoteTaxRate[] {
  return codes
    .filter(({ id }) => id !== 'TAX' && id !== NOT_TAXED)
    .map(({ id, name, sales, purchases }) => {
      const onlyPurchases = sales.length === 0 && purchases.length > 0;
      const rates = onlyPurchases ? purchases : sales;
      return { code: id, name: onlyPurchases ? `${name} (purchases)` : name, rate: totalOf(rates) };
    })
    .filter(({ rate }) => !rate.startsWith('-'));
}

function totalOf(rates: readonly { percent: string }[]): string {
  return rates.reduce((total, { percent }) => subtractDecimals(total, subtractDecimals('0', percent)), '0');
}

async function rows<Shape>(api: Api, what: string, name: string, shape: z.ZodType<Shape>): Promise<Shape[]> {
  const found: Fields[] = await select(api, `Reading ${what}`, name);
  const parsed = z.array(shape).safeParse(found);
  if (parsed.success) return parsed.data;
  throw unreadable({ what: `Reading ${what}`, writes: false }, z.prettifyError(parsed.error), parsed.error);
}

function isActive({ Active }: { Active?: boolean | null | undefined }): boolean {
  return Active !== false;
}
