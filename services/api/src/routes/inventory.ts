import { inventoryGroupsOf, putInventoryGroup, putItems } from '@daybook/ledger/inventory';
import { listItems, listSuggestions } from '@daybook/ledger/inventory-lists';
import { setInventorySettings, switchIntegration } from '@daybook/ledger/inventory-settings';
import { inventoryValuation, stockFindings, stockMovements } from '@daybook/ledger/reports';
import { mend } from '@daybook/workers/mend';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { givenItem, groupBody, short } from './inventory-forms.ts';
import { todayOf } from './periods.ts';
import { givenDay, givenId, idText, instantText, minorText, nextCursor, route } from './route.ts';

const ofSlug = z.object({ slug: z.string() });
const resumed = z.object({ resumed: z.number() });

const listInventoryGroups = route({
  method: 'get',
  path: '/companies/{slug}/inventory-groups',
  summary: 'Inventory groups: what their items are booked on',
  params: ofSlug,
  answer: z.object({ groups: z.array(groupBody.extend({ number: z.number() })) }),
  handle: async ({ params }, { sql }) => ({
    groups: await inventoryGroupsOf(sql, await companyNamed(sql, params.slug)),
  }),
});

const putGroup = route({
  method: 'put',
  path: '/companies/{slug}/inventory-groups/{number}',
  summary: 'Create an inventory group or change it; the inventory account of one that has had stock stays as it is',
  params: ofSlug.extend({ number: z.coerce.number().int().min(1).max(999) }),
  body: groupBody,
  answer: resumed,
  async handle({ params, body }, { sql, deps }) {
    const companyId = await companyNamed(sql, params.slug);
    const group = { ...body, number: params.number };
    return mend(companyId, 'ACCOUNT_UNRESOLVED', (tx) => putInventoryGroup(tx, companyId, group), deps);
  },
});

const putCompanyItems = route({
  method: 'put',
  path: '/companies/{slug}/items',
  summary: 'Create items, change them, or move them to another group with what they are worth; all or none',
  params: ofSlug,
  body: z.strictObject({ items: z.array(givenItem).min(1).max(5000) }),
  answer: resumed,
  async handle({ params, body }, { sql, deps, clock }) {
    const companyId = await companyNamed(sql, params.slug);
    return mend(companyId, 'ACCOUNT_UNRESOLVED', (tx) => putItems(tx, companyId, body.items, clock()), deps);
  },
});

const listCompanyItems = route({
  method: 'get',
  path: '/companies/{slug}/items',
  summary: 'Items with their stock, in the order of their SKUs',
  params: ofSlug,
  query: z.object({ after: z.string().default(''), limit: z.coerce.number().int().min(1).max(1000).default(200) }),
  answer: z.object({
    items: z.array(
      z.object({
        sku: z.string(),
        title: z.string().nullable(),
        group: z.number(),
        quantity: z.string(),
        value: minorText,
        lastCost: z.string().nullable(),
        lastReceived: z.string().nullable(),
        reorderPoint: z.string().nullable(),
        reorderQuantity: z.string().nullable(),
        salesTax: z.string().nullable(),
        purchaseTax: z.string().nullable(),
      }),
    ),
  }),
  handle: async ({ params, query }, { sql }) => ({
    items: await listItems(sql, await companyNamed(sql, params.slug), query),
  }),
});

const listPurchaseSuggestions = route({
  method: 'get',
  path: '/companies/{slug}/purchase-suggestions',
  summary: 'Items whose stock fell to their re-order point, and what to order',
  params: ofSlug,
  answer: z.object({
    suggestions: z.array(
      z.object({
        sku: z.string(),
        title: z.string().nullable(),
        onHand: z.string(),
        onHandNow: z.string(),
        quantity: z.string(),
        openedAt: instantText,
      }),
    ),
  }),
  handle: async ({ params }, { sql }) => ({
    suggestions: await listSuggestions(sql, await companyNamed(sql, params.slug)),
  }),
});

const putInventorySettings = route({
  method: 'put',
  path: '/companies/{slug}/inventory-settings',
  summary: 'Choose the group of items nobody has put into one, and whether invoices revalue goods still there',
  params: ofSlug,
  body: z.strictObject({
    defaultGroup: z.number().int().min(1).max(999).nullable().optional(),
    revalueOnInvoice: z.boolean().optional(),
  }),
  answer: resumed,
  async handle({ params, body }, { sql, deps }) {
    const companyId = await companyNamed(sql, params.slug);
    return mend(companyId, 'ACCOUNT_UNRESOLVED', (tx) => setInventorySettings(tx, companyId, body), deps);
  },
});

const putInventoryIntegration = route({
  method: 'put',
  path: '/companies/{slug}/inventory-integration',
  summary: 'Begin or end keeping stock in the ledger, from the first day of a period in which no stock has moved',
  params: ofSlug,
  body: z.strictObject({ to: z.enum(['perpetual_average', 'periodic']), from: givenDay }),
  answer: z.object({ sourceKey: z.string().nullable() }),
  async handle({ params, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, params.slug);
    return { sourceKey: await sql.begin((tx) => switchIntegration(tx, companyId, { ...body, now: clock() })) };
  },
});

const asOf = z.object({ company: short, to: givenDay.default('9999-12-31') });

const inventoryValuationReport = route({
  method: 'get',
  path: '/reports/inventory-valuation',
  summary: 'Stock and what it is worth at the end of a day, per item, group and inventory account',
  query: asOf,
  answer: z.object({
    currency: z.string(),
    to: z.string(),
    items: z.array(
      z.object({
        sku: z.string(),
        title: z.string().nullable(),
        group: z.number(),
        quantity: z.string(),
        value: minorText,
        average: z.string().nullable(),
        lastReceived: z.string().nullable(),
        replayDifference: minorText,
      }),
    ),
    groups: z.array(
      z.object({ number: z.number(), description: z.string(), account: z.string().nullable(), value: minorText }),
    ),
    accounts: z.array(z.object({ account: z.string(), stock: minorText, ledger: minorText, difference: minorText })),
    total: minorText,
  }),
  handle: async ({ query }, { sql }) => inventoryValuation(sql, await companyNamed(sql, query.company), query),
});

const stockMovementsReport = route({
  method: 'get',
  path: '/reports/stock-movements',
  summary: 'Every change of stock in the order it was recorded and valued',
  query: asOf.extend({
    from: givenDay.optional(),
    sku: z.string().optional(),
    cursor: givenId.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  answer: z.object({
    currency: z.string(),
    movements: z.array(
      z.object({
        id: idText,
        sku: z.string(),
        group: z.number(),
        kind: z.string(),
        quantity: z.string(),
        value: minorText,
        onHand: z.string(),
        onHandValue: minorText,
        postingDate: z.string(),
        occurredAt: instantText,
        sourceKey: z.string(),
        eventId: idText.nullable(),
      }),
    ),
    cursor: z.string().nullable(),
  }),
  async handle({ query }, { sql }) {
    const asked = { ...query, after: BigInt(query.cursor ?? '0') };
    const { currency, rows } = await stockMovements(sql, await companyNamed(sql, query.company), asked);
    return { currency, movements: rows, cursor: nextCursor(rows, query.limit) };
  },
});

const stockFindingsReport = route({
  method: 'get',
  path: '/reports/stock-findings',
  summary: 'Items sold short, and goods whose invoice or arrival is more than 60 days late; today without a day',
  query: z.object({ company: short, to: givenDay.optional() }),
  answer: z.object({
    currency: z.string(),
    to: z.string(),
    rows: z.array(
      z.object({
        kind: z.string(),
        sku: z.string(),
        quantity: z.string(),
        value: minorText,
        note: z.string().nullable(),
        supplier: z.string().nullable(),
        since: z.string().nullable(),
        days: z.number().nullable(),
      }),
    ),
  }),
  async handle({ query }, context) {
    const companyId = await companyNamed(context.sql, query.company);
    return stockFindings(context.sql, companyId, { to: query.to ?? (await todayOf(context, companyId)) });
  },
});

/** Inventory groups, items and what becomes of their stock. */
export const inventoryRoutes = [
  listInventoryGroups,
  putGroup,
  putCompanyItems,
  listCompanyItems,
  listPurchaseSuggestions,
  putInventorySettings,
  putInventoryIntegration,
  inventoryValuationReport,
  stockMovementsReport,
  stockFindingsReport,
];
