import { z } from 'zod';
import type { Api } from '../../kit/contract.ts';
import { callJson, recordIn } from './client.ts';
import { type Attempt, unreadable } from './errors.ts';

const company = z.object({ CompanyName: z.string(), Country: z.string().nullish() });
const preferences = z.object({
  AccountingInfoPrefs: z
    .object({ BookCloseDate: z.string().nullish(), DefaultARAccount: z.object({ value: z.string() }).nullish() })
    .nullish(),
  CurrencyPrefs: z
    .object({
      MultiCurrencyEnabled: z.boolean().nullish(),
      HomeCurrency: z.object({ value: z.string() }).nullish(),
    })
    .nullish(),
  TaxPrefs: z.object({ UsingSalesTax: z.boolean().nullish(), PartnerTaxEnabled: z.boolean().nullish() }).nullish(),
});

export interface Company {
  name: string;
  /** ISO code, e.g. US, GB, CA, AU. */
  country: string;
}

/** Name and country of the company the connection is for. */
export async function readCompany(api: Api): Promise<Company> {
  const path = `/companyinfo/${encodeURIComponent(api.account)}`;
  const { CompanyName, Country } = await read(api, path, 'CompanyInfo', 'the company', company);
  return { name: CompanyName, country: Country ?? '' };
}

export interface Preferences {
  /** Last closed day, YYYY-MM-DD, or null. */
  lockDate: string | null;
  homeCurrency: string | null;
  /** Id of the account that sales forms post to, where the company says so. */
  receivable: string | null;
  multicurrency: boolean;
  /** Whether the provider works American sales tax out by itself and ignores what it is sent (provider section 2). */
  automatedSalesTax: boolean;
}

/** The settings of the company that decide how documents may look. */
export async function readPreferences(api: Api): Promise<Preferences> {
  const found = await read(api, '/preferences', 'Preferences', 'the preferences', preferences);
  return {
    lockDate: /^\d{4}-\d\d-\d\d/.exec(found.AccountingInfoPrefs?.BookCloseDate ?? '')?.[0] ?? null,
    receivable: found.AccountingInfoPrefs?.DefaultARAccount?.value ?? null,
    homeCurrency: found.CurrencyPrefs?.HomeCurrency?.value ?? null,
    multicurrency: found.CurrencyPrefs?.MultiCurrencyEnabled === true,
    automatedSalesTax: found.TaxPrefs?.PartnerTaxEnabled === true,
  };
}

async function read<Shape>(
  api: Api,
  path: string,
  name: string,
  what: string,
  shape: z.ZodType<Shape>,
): Promise<Shape> {
  const attempt: Attempt = { what: `Reading ${what}`, writes: false };
  const parsed = shape.safeParse(recordIn(await callJson(api, { ...attempt, method: 'GET', path }), name, attempt));
  if (!parsed.success) throw unreadable(attempt, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}
