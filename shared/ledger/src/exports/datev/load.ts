import type { CompanySettings } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { type DatevBooks, datevBooks, type PersonKind } from './books.ts';
import { datevSettings } from './settings.ts';

/** What files are made with. */
export interface DatevCompanyRow {
  books: DatevBooks;
  timeZone: string;
}

/** Settings, numbers and taxes of a company. Throws EXPORT_REFUSED where something is missing or does not fit. */
export async function loadDatevBooks(sql: Queryable, companyId: string): Promise<DatevCompanyRow> {
  const [company] = await sql<{ currency: string; timeZone: string; settings: Partial<CompanySettings> }[]>`
    select currency, time_zone as "timeZone", settings from companies where id = ${companyId}`;
  if (!company) throw new Error(`There is no company ${companyId}.`);
  const settings = datevSettings(company.settings.datev ?? {});
  const accounts = await sql<{ code: string; kind: PersonKind | null }[]>`
    select a.code, (select case when r.role like 'ar.%' then 'debtor' else 'creditor' end from account_roles r
      where r.company_id = a.company_id and r.account = a.code and r.role ~ '^a[rp][.]control' limit 1) as kind
    from accounts a where a.company_id = ${companyId} order by a.code`;
  const rates = await sql<{ code: string; rate: string }[]>`
    select code, trim_scale(rate)::text as rate from tax_codes where company_id = ${companyId} and rate is not null`;
  const books = datevBooks(
    {
      currency: company.currency,
      accounts: accounts.map(({ code }) => code),
      controls: new Map(accounts.flatMap(({ code, kind }) => (kind ? [[code, kind] as const] : []))),
      rates: new Map(rates.map(({ code, rate }) => [code, rate])),
    },
    settings,
  );
  return { books, timeZone: company.timeZone };
}
