import type { Country } from './charts.ts';

/** One rate; codes refer to it for sales and for purchases. */
export interface TaxRate {
  id: string;
  name: string;
  /** Percent, decimal text. */
  rate: string;
}

export interface TaxCode {
  /** A number; in US companies also the words TAX and NON. */
  id: string;
  name: string;
  description: string;
  taxable: boolean;
  salesRate: string | null;
  purchaseRate: string | null;
}

export interface Taxes {
  codes: TaxCode[];
  rates: TaxRate[];
  /** US: the code and rate that the automated engine applies to the company's own address. */
  automated: { code: string; rate: string } | null;
}

type GbRow = readonly [name: string, description: string, rate: string];
const GB_CODES: readonly GbRow[] = [
  ['20.0% S', 'Standard rated', '20'],
  ['5.0% R', 'Reduced rate', '5'],
  ['0.0% Z', 'Zero rated', '0'],
  ['Exempt', 'Exempt from VAT', '0'],
  ['No VAT', 'Outside the scope of VAT', '0'],
];

const US: Taxes = {
  codes: [
    { id: 'TAX', name: 'TAX', description: 'TAX', taxable: true, salesRate: null, purchaseRate: null },
    { id: 'NON', name: 'NON', description: 'NON', taxable: false, salesRate: null, purchaseRate: null },
    {
      id: '2',
      name: 'California',
      description: 'Sales Tax',
      taxable: true,
      salesRate: '3',
      purchaseRate: null,
    },
  ],
  rates: [{ id: '3', name: 'California', rate: '8' }],
  automated: { code: '2', rate: '3' },
};

/** Codes and rates a company of the country has; in GB each code has one rate for sales and one for purchases. */
export function taxesFor(country: Country): Taxes {
  if (country === 'US') return US;
  const idOf = (index: number, side: 0 | 1) => String(2 * index + side + 3);
  return {
    codes: GB_CODES.map(([name, description], index) => ({
      id: String(index + 2),
      name,
      description,
      taxable: true,
      salesRate: idOf(index, 0),
      purchaseRate: idOf(index, 1),
    })),
    rates: GB_CODES.flatMap(([name, , rate], index) => [
      { id: idOf(index, 0), name: `${name} (Sales)`, rate },
      { id: idOf(index, 1), name: `${name} (Purchases)`, rate },
    ]),
    automated: null,
  };
}
