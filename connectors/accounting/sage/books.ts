import { plainDecimal } from '@daybook/domain';
import { z } from 'zod';
import type { Api, RemoteAccount, RemoteBooks, RemoteTaxRate } from '../../kit/contract.ts';
import { type Fields, readAll, readOne } from './client.ts';
import { type Attempt, unreadable } from './errors.ts';

const text = z.string();
const reference = z.object({ id: text, displayed_as: text.nullish() }).nullish();
const business = z.object({ name: text.nullish(), displayed_as: text.nullish(), country: reference });
const financial = z.object({
  base_currency: z.object({ id: text }),
  multi_currency_enabled: z.boolean().nullish(),
  use_live_exchange_rates: z.boolean().nullish(),
  year_end_lockdown_date: text.nullish(),
});
const ledgerAccount = z.object({
  id: text,
  displayed_as: text.nullish(),
  name: text.nullish(),
  nominal_code: text.nullish(),
  ledger_account_type: reference,
  is_control_account: z.boolean().nullish(),
  visible_in_journals: z.boolean().nullish(),
  included_in_chart: z.boolean().nullish(),
});
const bankAccount = z.object({
  id: text,
  ledger_account: reference,
  currency: reference,
  is_active: z.boolean().nullish(),
});
const taxRate = z.object({ id: text, name: text.nullish(), displayed_as: text.nullish(), percentage: text.nullish() });
const currency = z.object({ id: text });

export type Financial = z.infer<typeof financial>;

/** Type of bank accounts that are not in the books' own currency; all others are of the type the books say. */
export const FOREIGN_BANK = 'Bank, foreign currency';
/** What follows the type of accounts that only documents of contacts post to: debtors and creditors. */
export const CONTROL = ' / control account';

/** Chart, tax rates, currencies and lockdown date; five or six calls. */
export async function readBooks(api: Api): Promise<RemoteBooks> {
  const company = await one(api, 'the business', `/businesses/${encodeURIComponent(api.account)}`, business);
  const settings = await readFinancial(api);
  const home = settings.base_currency.id;
  const ledgers = await list(api, 'the chart of accounts', 'ledger_accounts', ledgerAccount, {
    attributes: 'name,nominal_code,ledger_account_type,is_control_account,visible_in_journals,included_in_chart',
  });
  const banks = await list(api, 'the bank accounts', 'bank_accounts', bankAccount, {
    attributes: 'ledger_account,currency,is_active',
  });
  const rates = await list(api, 'the tax rates', 'tax_rates', taxRate, { attributes: 'name,percentage' });
  const others = settings.multi_currency_enabled ? await list(api, 'the currencies', 'currencies', currency, {}) : [];
  return {
    name: company.name ?? company.displayed_as ?? api.account,
    country: company.country?.id ?? countryOf(rates),
    currency: home,
    // The API does not tell it.
    timeZone: '',
    currencies: [...new Set([home, ...others.map(({ id }) => id)])],
    accounts: remoteAccounts(ledgers, banks, home),
    taxRates: rates.map(remoteRate),
    lockDate: /^\d{4}-\d\d-\d\d/.exec(settings.year_end_lockdown_date ?? '')?.[0] ?? null,
  };
}

/** Base currency, lockdown date, and whether other currencies are allowed. */
export async function readFinancial(api: Api): Promise<Financial> {
  return one(api, 'the financial settings', '/financial_settings', financial);
}

/** Tax rates of a country begin with its code: GB_STANDARD. */
function countryOf(rates: readonly { id: string }[]): string {
  for (const { id } of rates) {
    const found = /^([A-Z]{2})_/.exec(id)?.[1];
    if (found) return found;
  }
  return '';
}

function remoteRate({ id, name, displayed_as, percentage }: z.infer<typeof taxRate>): RemoteTaxRate {
  return { code: id, name: name ?? displayed_as ?? id, rate: plainDecimal(percentage ?? '0') };
}

/**
 * As the contract lists accounts: by their nominal code where nobody else has it, else by their id. Payments name a
 * bank account, everything else its ledger account, so the two lists are joined.
 */
function remoteAccounts(
  ledgers: readonly z.infer<typeof ledgerAccount>[],
  banks: readonly z.infer<typeof bankAccount>[],
  home: string,
): RemoteAccount[] {
  const active = new Map(
    banks.filter((each) => each.is_active !== false).map((each) => [each.ledger_account?.id, each] as const),
  );
  const codes = ledgers.map(({ nominal_code }) => nominal_code ?? '');
  return ledgers
    .filter(({ included_in_chart }) => included_in_chart !== false)
    .map((each) => {
      const code = each.nominal_code ?? '';
      const isUnique = code !== '' && codes.filter((other) => other === code).length === 1;
      const bank = active.get(each.id);
      const own = bank?.currency?.id ?? home;
      const type = each.ledger_account_type?.displayed_as ?? each.ledger_account_type?.id ?? '';
      const remote: RemoteAccount = {
        code: isUnique ? code : each.id,
        name: each.name ?? each.displayed_as ?? each.id,
        type: own === home ? `${type}${isClosed(each) ? CONTROL : ''}` : FOREIGN_BANK,
        remoteId: each.id,
        isBank: bank !== undefined,
        currency: own,
      };
      return bank ? { ...remote, bankId: bank.id } : remote;
    });
}

/** VAT accounts are control accounts too, but take journals. */
function isClosed({ is_control_account, visible_in_journals }: z.infer<typeof ledgerAccount>): boolean {
  return is_control_account === true && visible_in_journals === false;
}

async function one<Shape>(api: Api, what: string, path: string, shape: z.ZodType<Shape>): Promise<Shape> {
  const attempt: Attempt = { what: `Reading ${what}`, writes: false };
  const found = await readOne(api, attempt.what, path);
  if (found === null) throw unreadable(attempt, 'there is none');
  return parsed(found, shape, attempt);
}

async function list<Shape>(
  api: Api,
  what: string,
  resource: string,
  shape: z.ZodType<Shape>,
  query: Record<string, string>,
): Promise<Shape[]> {
  const attempt: Attempt = { what: `Reading ${what}`, writes: false };
  const items = await readAll(api, attempt.what, resource, query);
  return items.map((item) => parsed(item, shape, attempt));
}

function parsed<Shape>(fields: Fields, shape: z.ZodType<Shape>, attempt: Attempt): Shape {
  const result = shape.safeParse(fields);
  if (result.success) return result.data;
  throw unreadable(attempt, z.prettifyError(result.error), result.error);
}
