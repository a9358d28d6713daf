import { booksIn, saleOf, taxed } from './books.ts';

/** Sales of accounting.md C that several worked examples build on. */
export const US = booksIn('US', { roles: { 'clearing.stripe.JPY': '1104' }, rates: { JPY: '0.00668' } });
export const GB = booksIn('GB');

/** A card tender. */
export const card = (processor: string, amount: bigint) => ({ kind: 'card' as const, processor, amount });

export const c1 = saleOf({
  currency: 'USD',
  lines: [{ kind: 'product', id: 'a', quantity: '2', unitPrice: '24.99', net: 4998n, taxes: taxed(412n, '8.25') }],
  tenders: [card('stripe', 5410n)],
});

export const c3 = saleOf({
  currency: 'USD',
  lines: [
    { kind: 'product', id: 'i', net: 2000n, taxes: taxed(160n, '8') },
    { kind: 'shipping', id: 's', net: 500n, taxes: taxed(40n, '8') },
    { kind: 'tip', net: 300n },
  ],
  tenders: [card('square', 3000n)],
});

export const c18 = saleOf({
  currency: 'JPY',
  pricesIncludeTax: true,
  lines: [{ kind: 'product', id: 'a', net: 10000n, taxes: taxed(1000n, '10', 'Consumption tax') }],
  tenders: [card('stripe', 11000n)],
});
