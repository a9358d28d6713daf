import type { Account, AccountType, TaxCode, TaxRule } from './chart.ts';
import { DE_ACCOUNTS, DE_TAX_CODES, DE_TAX_RULES } from './charts-de.ts';
import { GB_ACCOUNTS, GB_TAX_CODES, GB_TAX_RULES } from './charts-gb.ts';
import { US_ACCOUNTS, US_TAX_CODES, US_TAX_RULES } from './charts-us.ts';

export interface DefaultChart {
  accounts: Account[];
  taxCodes: TaxCode[];
  taxRules: TaxRule[];
}

const TYPES: Readonly<Record<string, AccountType>> = {
  A: 'asset',
  L: 'liability',
  Q: 'equity',
  I: 'income',
  X: 'expense',
};

/**
 * Default chart of accounts of a country (accounting.md B): US, GB and DE have their own, every other country starts
 * from the generic US one. Germany's SKR04 instead of SKR03 with `variant`. All of it are defaults that a company may
 * remap; remapping affects future postings only.
 */
export function defaultChart(country: string, variant?: 'SKR04'): DefaultChart {
  if (country === 'GB') return chart(rows(GB_ACCOUNTS), GB_TAX_CODES, GB_TAX_RULES);
  if (country === 'DE') {
    const german = rows(DE_ACCOUNTS).map((row) => row.replace(/^(\S+) (\S+)/, variant === 'SKR04' ? '$2' : '$1'));
    return chart(german, DE_TAX_CODES, DE_TAX_RULES);
  }
  return chart(rows(US_ACCOUNTS), US_TAX_CODES, US_TAX_RULES);
}

/**
 * Whether a tax without a rule gets a code made of its name. Outside GB and DE every jurisdiction has its own code
 * (accounting.md B), and a state, county or city nobody has listed must never stop an order.
 */
export function derivesTaxCodes(country: string): boolean {
  return country !== 'GB' && country !== 'DE';
}

function chart(accountRows: string[], taxCodeTable: string, ruleList: string): DefaultChart {
  return {
    accounts: accountRows.map(account),
    taxCodes: rows(taxCodeTable).map((row) => {
      const [code = '', rate = '', revenue = '', ...label] = row.split(' ');
      return { code, rate, revenue, label: label.join(' ') };
    }),
    taxRules: ruleList.split(', ').map((rule) => {
      const [rate = '', code = ''] = rule.split(' ');
      return { channel: null, name: null, rate, code };
    }),
  };
}

function account(row: string): Account {
  const cut = row.lastIndexOf(': ');
  const [code = '', type = '', side, ...name] = row.slice(0, cut).split(' ');
  return {
    code,
    name: name.join(' '),
    type: TYPES[type] as AccountType,
    normalSide: side === 'D' ? 'debit' : 'credit',
    roles: row.slice(cut + 2).split(' '),
  };
}

function rows(table: string): string[] {
  return table.trim().split('\n');
}
