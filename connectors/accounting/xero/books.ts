import { z } from 'zod';
import type { Api, RemoteBooks } from '../../kit/contract.ts';
import { type Call, callJson } from './client.ts';
import { unreadable } from './errors.ts';

const text = z.string();
const organisations = z.object({
  Organisations: z
    .array(
      z.object({
        Name: text,
        BaseCurrency: text,
        CountryCode: text.nullish(),
        Timezone: text.nullish(),
        PeriodLockDate: text.nullish(),
        EndOfYearLockDate: text.nullish(),
      }),
    )
    .min(1),
});
const accounts = z.object({
  Accounts: z.array(
    z.object({
      AccountID: text,
      Code: text.nullish(),
      Name: text,
      Type: text,
      Status: text.nullish(),
      CurrencyCode: text.nullish(),
    }),
  ),
});
const taxRates = z.object({
  TaxRates: z.array(z.object({ Name: text, TaxType: text, EffectiveRate: text.nullish(), Status: text.nullish() })),
});
const currencies = z.object({ Currencies: z.array(z.object({ Code: text })).default([]) });

/** Chart, tax rates, currencies and lock dates; four calls. `timeZone` is the provider's own name of it. */
export async function readBooks(api: Api): Promise<RemoteBooks> {
  const [organisation] = (await read(api, '/Organisation', 'the organisation', organisations)).Organisations;
  const chart = await read(api, '/Accounts', 'the chart of accounts', accounts);
  const rates = await read(api, '/TaxRates', 'the tax rates', taxRates);
  const money = await read(api, '/Currencies', 'the currencies', currencies);
  const { Name, CountryCode, BaseCurrency, Timezone, PeriodLockDate, EndOfYearLockDate } = organisation!;
  return {
    name: Name,
    country: CountryCode ?? '',
    currency: BaseCurrency,
    timeZone: Timezone ?? '',
    currencies: [...new Set([BaseCurrency, ...money.Currencies.map(({ Code }) => Code)])],
    accounts: chart.Accounts.filter(isActive).map((account) => ({
      // A bank account may have no code; payments accept its id instead (document.ts).
      code: account.Code || account.AccountID,
      name: account.Name,
      type: account.Type,
      remoteId: account.AccountID,
      isBank: account.Type === 'BANK',
      // Only bank accounts may be kept in another currency.
      currency: (account.Type === 'BANK' ? account.CurrencyCode : null) ?? BaseCurrency,
    })),
    taxRates: rates.TaxRates.filter(isActive).map((rate) => ({
      code: rate.TaxType,
      name: rate.Name,
      rate: plainDecimal(rate.EffectiveRate ?? '0'),
    })),
    lockDate: laterDay(dayOf(PeriodLockDate), dayOf(EndOfYearLockDate)),
  };
}

async function read<Shape>(api: Api, path: string, what: string, shape: z.ZodType<Shape>): Promise<Shape> {
  const call: Call = { method: 'GET', path, what: `Reading ${what}`, writes: false };
  const parsed = shape.safeParse(await callJson(api, call));
  if (!parsed.success) throw unreadable(call, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function isActive({ Status }: { Status?: string | null | undefined }): boolean {
  return (Status ?? 'ACTIVE') === 'ACTIVE';
}

/** "20.0000" → "20", "8.2500" → "8.25". */
export function plainDecimal(value: string): string {
  return value.includes('.') ? value.replace(/\.?0+$/, '') : value;
}

/**
 * The day in `/Date(1222732800000+0000)/`, `/Date(1222732800000)/` or `2008-09-30T00:00:00`: YYYY-MM-DD, or null. The
 * milliseconds are those of midnight UTC whatever offset follows.
 */
export function dayOf(value: string | null | undefined): string | null {
  const match = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(value ?? '');
  if (match) return new Date(Number.parseInt(match[1]!, 10)).toISOString().slice(0, 10);
  return /^\d{4}-\d{2}-\d{2}/.exec(value ?? '')?.[0] ?? null;
}

function laterDay(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
