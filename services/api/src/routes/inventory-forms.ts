import { z } from 'zod';

/** A name or code as people give it. */
export const short = z.string().trim().min(1).max(200);
const code = short.nullable().default(null);
const quantity = z.string().regex(/^\d{1,18}(\.\d{1,6})?$/, 'is not a quantity such as 2.5');

/** What items of a group are booked on; without an account the one of the role serves. */
export const groupBody = z.strictObject({
  description: short,
  stockTracked: z.boolean().default(true),
  salesTax: code,
  purchaseTax: code,
  sales: code,
  inventory: code,
  costOfSales: code,
  countVariance: code,
  adjustment: code,
  purchaseVariance: code,
  purchases: code,
});

/** An item as people give it. */
export const givenItem = z.strictObject({
  sku: short,
  group: z.number().int().min(1).max(999),
  title: short.nullish(),
  reorderPoint: quantity.nullish(),
  reorderQuantity: quantity.nullish(),
  salesTax: short.nullish(),
  purchaseTax: short.nullish(),
});
