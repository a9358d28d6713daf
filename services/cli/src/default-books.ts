import { type Books, defaultChart } from '@daybook/domain';

/** Books of a company that exists only in memory: the default chart of a country, every period open, one currency. */
export function defaultBooks(country: string, functionalCurrency: string): Books {
  const chart = defaultChart(country);
  return {
    functionalCurrency,
    country,
    timeZone: 'UTC',
    settings: { discountPresentation: 'contra_revenue', channelTax: 'net' },
    roles: new Map(chart.accounts.flatMap((account) => account.roles.map((role) => [role, account.code] as const))),
    taxCodes: new Map(chart.taxCodes.map((code) => [code.code, code])),
    taxRules: chart.taxRules,
    rate: (currency) => (currency === functionalCurrency ? '1' : undefined),
    isOpen: () => true,
    firstOpenDay: '0001-01-01',
  };
}
