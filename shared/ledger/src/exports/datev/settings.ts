import { DomainError } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { STANDARD_CHARTS, type StandardChart } from './charts.ts';

/** What the adviser's program has to know of a company (providers/datev.md, header line). */
export interface DatevSettings {
  /** Berater, 1001–9999999. */
  consultant: string;
  /** Mandant, 1–99999. */
  client: string;
  /** Digits of a ledger account, 4–8; persons have one more. */
  accountLength: number;
  /** Standard chart; '' for a chart of one's own, in which nothing is automatic. */
  chart: '03' | '04' | '';
  /** Account that entries of many lines are split over. */
  interim: string;
  /** Whether rows are locked on import (Festschreibung). */
  locked: boolean;
  /** 13, or 12 for older programs. */
  version: 12 | 13;
  /** Diktatkürzel, two capitals. */
  initials: string;
  /** Numbers for accounts whose code is no number of the chart's length. */
  accounts: Readonly<Record<string, string>>;
}

/** Names that settings have, each with what it must look like. */
const RULES: Readonly<Record<string, readonly [pattern: RegExp, means: string]>> = {
  consultant: [
    /^(100[1-9]|10[1-9]\d|1[1-9]\d\d|[2-9]\d{3}|[1-9]\d{4,6})$/,
    'the consultant number (Berater), 1001 to 9999999',
  ],
  client: [/^[1-9]\d{0,4}$/, 'the client number (Mandant), 1 to 99999'],
  accountLength: [/^[4-8]$/, 'the digits of ledger accounts (Sachkontenlänge), 4 to 8'],
  chart: [/^(03|04|)$/, 'the standard chart: 03, 04 or nothing'],
  interim: [/^(?=.*[1-9])\d{1,8}$/, 'the account that entries of many lines are split over'],
  locked: [/^[01]$/, 'whether bookings are locked on import (Festschreibung): 0 or 1'],
  version: [/^(12|13)$/, 'the version of the format: 13 or 12'],
  initials: [/^([A-Z]{2})?$/, 'the initials (Diktatkürzel): two capitals'],
};

const NUMBER = [/^(?=.*[1-9])\d{1,8}$/, 'the number of an account'] as const;

const DEFAULTS = { accountLength: '4', chart: '', locked: '0', version: '13', initials: '' };

/** How a setting is named and what it holds, for help. */
export const DATEV_SETTINGS: readonly string[] = [
  ...Object.entries(RULES).map(([name, [, means]]) => `${name}: ${means}`),
  'account.<code>: the number of an account whose code is none',
];

/** Keeps settings with the company, beside those it has; empty text takes one away. Throws EXPORT_REFUSED for wrong ones. */
export async function putDatevSettings(
  sql: Queryable,
  companyId: string,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  const [gone, kept] = [[] as string[], {} as Record<string, string>];
  for (const [name, value] of Object.entries(given)) {
    if (value === '') gone.push(name);
    else kept[name] = value;
  }
  refuseWrong(faultsOf(kept));
  await sql`
    update companies set settings = jsonb_set(settings, '{datev}',
      (coalesce(settings->'datev', '{}') || ${sql.json(kept)}) - ${gone}::text[]) where id = ${companyId}`;
}

/** What is wrong with settings, in words. */
function faultsOf(given: Readonly<Record<string, string>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const [pattern, means] = /^account\../.test(name) ? NUMBER : (RULES[name] ?? []);
    if (pattern === undefined) return [`there is no setting ${name}`];
    return pattern.test(value) ? [] : [`${name} "${value}" is not ${means}`];
  });
}

function refuseWrong(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new DomainError('EXPORT_REFUSED', `Settings of the DATEV export: ${faults.join('; ')}.`, 'datev');
}

/**
 * The settings as text by name, checked and completed. Throws EXPORT_REFUSED with everything that is missing or wrong.
 */
export function datevSettings(given: Readonly<Record<string, string>>): DatevSettings {
  const chart = STANDARD_CHARTS[given.chart as '03' | '04'] as StandardChart | undefined;
  const all: Record<string, string> = { ...DEFAULTS, ...(chart && { interim: chart.interim }), ...given };
  const missing = Object.entries(RULES).flatMap(([name, [, means]]) =>
    all[name] === undefined ? [`${name} is missing (${means})`] : [],
  );
  refuseWrong([...missing, ...faultsOf(all)]);
  const accounts = Object.entries(all).flatMap(([name, value]) =>
    name.startsWith('account.') ? [[name.slice('account.'.length), value] as const] : [],
  );
  return {
    consultant: all.consultant as string,
    client: all.client as string,
    accountLength: Number.parseInt(all.accountLength as string, 10),
    chart: all.chart as DatevSettings['chart'],
    interim: all.interim as string,
    locked: all.locked === '1',
    version: all.version === '12' ? 12 : 13,
    initials: all.initials as string,
    accounts: Object.fromEntries(accounts),
  };
}
