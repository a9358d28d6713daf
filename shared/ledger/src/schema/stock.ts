import { identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/** Quantities are exact to six decimals (accounting.md A5). */
const quantity = (name: string) => numeric(name, { precision: 24, scale: 6 });

/** What items of a group are booked on (accounting.md D1); null where the account of the role serves. */
export const inventoryGroups = pgTable(
  'inventory_groups',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    number: smallint('number').notNull(),
    description: text('description').notNull(),
    /** Services are sold, but never counted. */
    stockTracked: boolean('stock_tracked').notNull().default(true),
    /** Default tax codes, copied to items that are made in the group or moved to it. */
    salesTax: text('sales_tax'),
    purchaseTax: text('purchase_tax'),
    sales: text('sales'),
    /** Fixed once the group is used. */
    inventory: text('inventory'),
    costOfSales: text('cost_of_sales'),
    countVariance: text('count_variance'),
    adjustment: text('adjustment'),
    purchaseVariance: text('purchase_variance'),
    purchases: text('purchases'),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.number] }),
    check('inventory_groups_number', sql`${table.number} between 1 and 999`),
    check('inventory_groups_account', sql`${table.inventory} is not null or not ${table.stockTracked}`),
  ],
);

/** Items and their stock as it stands (accounting.md D3): the sum of their movements, kept beside them. */
export const items = pgTable(
  'items',
  {
    companyId: uuid('company_id').notNull(),
    sku: text('sku').notNull(),
    groupNumber: smallint('group_number').notNull(),
    title: text('title'),
    quantity: quantity('quantity').notNull().default('0'),
    value: minorUnits('value').notNull().default(sql`0`),
    /** Quantity and value when there last was stock: the last average is their exact ratio. */
    averageQuantity: quantity('average_quantity'),
    averageValue: minorUnits('average_value'),
    /** Unit cost of the last receipt in major units. */
    lastCost: numeric('last_cost'),
    lastReceived: date('last_received'),
    /** A purchase is suggested when stock falls to it. */
    reorderPoint: quantity('reorder_point'),
    reorderQuantity: quantity('reorder_quantity'),
    salesTax: text('sales_tax'),
    purchaseTax: text('purchase_tax'),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.sku] }),
    foreignKey({
      name: 'items_group_number',
      columns: [table.companyId, table.groupNumber],
      foreignColumns: [inventoryGroups.companyId, inventoryGroups.number],
    }),
    index('items_group').on(table.companyId, table.groupNumber),
  ],
);

/** Every change of stock in recorded order, which is the order it is valued in (accounting.md D3). Never changed. */
export const stockMovements = pgTable(
  'stock_movements',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    sku: text('sku').notNull(),
    groupNumber: smallint('group_number').notNull(),
    kind: text('kind').notNull(),
    quantity: quantity('quantity').notNull(),
    value: minorUnits('value').notNull(),
    /** Stock of the item afterwards. */
    onHand: quantity('on_hand').notNull(),
    onHandValue: minorUnits('on_hand_value').notNull(),
    eventId: reference('event_id'),
    /** Key of the entry that books it; outside the ledger there is none. */
    sourceKey: text('source_key').notNull(),
    line: smallint('line').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    postingDate: date('posting_date').notNull(),
    recordedAt: instant('recorded_at').notNull(),
  },
  (table) => [
    uniqueIndex('stock_movements_once').on(table.companyId, table.sourceKey, table.line),
    index('stock_movements_item').on(table.companyId, table.sku, table.id),
    index('stock_movements_event').on(table.eventId).where(sql`event_id is not null`),
    index('stock_movements_date').on(table.companyId, table.postingDate),
    check(
      'stock_movements_kind',
      sql`${table.kind} in ('opening', 'receipt', 'issue', 'return', 'count', 'adjustment', 'revaluation', 'correction',
      'transfer')`,
    ),
  ],
);

/** What notes of goods received and their invoices say, item by item, and what that put on the account. Never changed. */
export const goodsMovements = pgTable(
  'goods_movements',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    /** `receipt:<id>` of the note, or `bill:<id>` where the invoice came first. */
    note: text('note').notNull(),
    sku: text('sku').notNull(),
    supplier: text('supplier').notNull(),
    day: date('day').notNull(),
    received: quantity('received').notNull(),
    receivedValue: minorUnits('received_value').notNull(),
    invoiced: quantity('invoiced').notNull(),
    invoicedValue: minorUnits('invoiced_value').notNull(),
    /** On goods received not invoiced, credit positive. */
    grni: minorUnits('grni').notNull(),
    eventId: reference('event_id').notNull(),
  },
  (table) => [
    index('goods_movements_note').on(table.companyId, table.note, table.sku),
    index('goods_movements_event').on(table.eventId),
  ],
);

/** Purchases suggested because stock fell to an item's re-order point; one open at a time. */
export const purchaseSuggestions = pgTable(
  'purchase_suggestions',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    sku: text('sku').notNull(),
    /** Stock when it was raised, and what to order. */
    onHand: quantity('on_hand').notNull(),
    quantity: quantity('quantity').notNull(),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
  },
  (table) => [
    uniqueIndex('purchase_suggestions_open').on(table.companyId, table.sku).where(sql`closed_at is null`),
    foreignKey({ columns: [table.companyId, table.sku], foreignColumns: [items.companyId, items.sku] }),
    index('purchase_suggestions_item').on(table.companyId, table.sku),
  ],
);
