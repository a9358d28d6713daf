import { givenItem, groupBody } from '@daybook/api/routes/inventory-forms';
import { formatMinor } from '@daybook/domain';
import { inventoryGroupsOf, putInventoryGroup, putItems } from '@daybook/ledger/inventory';
import { listItems, listSuggestions } from '@daybook/ledger/inventory-lists';
import { setInventorySettings, switchIntegration } from '@daybook/ledger/inventory-settings';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '@daybook/workers/deps';
import { mend } from '@daybook/workers/mend';
import type { Command } from 'commander';
import { z } from 'zod';
import { type CompanyRow, companyNamed } from '../database.ts';
import { parseExactJson, readInput } from '../input.ts';
import { drawTable } from '../table.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  file?: string;
  defaultGroup?: string;
  revalueOnInvoice?: string;
  to?: string;
  from?: string;
}

interface Asked {
  options: Options;
  company: CompanyRow;
  deps: WorkerDeps;
  terminal: Terminal;
}

const HELP = `
A file of groups is a list of {number, description, stockTracked, salesTax, purchaseTax, and the accounts sales, inventory,
costOfSales, countVariance, adjustment, purchaseVariance, purchases}; what is left out comes from the roles. A file of
items is a list of {sku, group, title, reorderPoint, reorderQuantity, salesTax, purchaseTax}; an item in another group
than before moves there with what it is worth.
  daybook inventory put-groups --company harbour --file groups.json
  daybook inventory put-items --company harbour --file items.json
  daybook inventory settings --company harbour --default-group 1 --revalue-on-invoice off
  daybook inventory integration --company harbour --to periodic --from 2026-04-01
Stock and its movements: daybook report inventory-valuation, stock-movements and stock-findings`;

/** `daybook inventory`: inventory groups, items, suggested purchases and how stock is kept. */
export function registerInventory(root: Command, terminal: Terminal): void {
  root
    .command('inventory')
    .description('inventory groups and items, suggested purchases, and how stock is kept')
    .argument('<action>', `one of: ${Object.keys(ACTIONS).join(', ')}`)
    .requiredOption('--company <slug>', 'whose')
    .option('--file <file>', 'groups or items as JSON; - for standard input')
    .option('--default-group <number>', 'group of items that nobody has put into one, or "none"')
    .option('--revalue-on-invoice <on|off>', 'whether invoices change the value of goods still there')
    .option('--to <way>', 'perpetual_average: stock is kept in the ledger; periodic: outside of it')
    .option('--from <date>', 'first day of the period from which that holds')
    .addHelpText('after', HELP)
    .action(async (name: string, options: Options) => {
      const action = ACTIONS[name];
      if (!action) throw new UsageError(`there is no action "${name}"; there is: ${Object.keys(ACTIONS).join(', ')}`);
      const done = await withDeps(terminal, async (deps) =>
        action({ options, company: await companyNamed(deps, options.company), deps, terminal }),
      );
      terminal.out(typeof done === 'string' ? done : json(done));
    });
}

/** What can be done; text is printed as it is, everything else as JSON. */
const ACTIONS: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
  groups,
  'put-groups': putGroups,
  items,
  'put-items': putItemsOf,
  suggestions,
  settings,
  integration,
};

async function groups({ company, deps }: Asked): Promise<string> {
  const rows = await inventoryGroupsOf(deps.sql, company.id);
  const head = ['Group', 'Description', 'Counted', 'Sales', 'Inventory', 'Cost of sales', 'Purchase variance'];
  const own = (account: string | null) => account ?? 'by role';
  return drawTable(
    head,
    rows.map((group) => [
      ...[String(group.number), group.description, group.stockTracked ? 'yes' : 'no', own(group.sales)],
      ...[group.inventory ?? '', own(group.costOfSales), own(group.purchaseVariance)],
    ]),
    [0],
  );
}

async function items({ company, deps }: Asked): Promise<string> {
  const rows = await listItems(deps.sql, company.id);
  return drawTable(
    ['Item', 'Title', 'Group', 'Quantity', `Value ${company.currency}`, 'Re-order at', 'Last received'],
    rows.map(({ sku, title, group, quantity, value, reorderPoint, lastReceived }) => [
      ...[sku, title ?? '', String(group), quantity, formatMinor(value, company.currency), reorderPoint ?? ''],
      lastReceived ?? '',
    ]),
    [2, 3, 4, 5],
  );
}

async function suggestions({ company, deps }: Asked): Promise<string> {
  const rows = await listSuggestions(deps.sql, company.id);
  if (rows.length === 0) return 'No purchases are suggested.\n';
  return drawTable(
    ['Item', 'Title', 'There when raised', 'There now', 'Order', 'Since'],
    rows.map(({ sku, title, onHand, onHandNow, quantity, openedAt }) => [
      ...[sku, title ?? '', onHand, onHandNow, quantity, openedAt.toISOString()],
    ]),
    [2, 3, 4],
  );
}

// Numbers of a file are exact, so that one of a group may be bigint.
const number = z.union([z.int(), z.bigint()]).transform(Number).pipe(z.int().min(1).max(999));
const groupsFile = z.array(groupBody.extend({ number })).min(1);
const itemsFile = z.array(givenItem.extend({ group: number })).min(1);

async function putGroups(asked: Asked): Promise<string> {
  const given = await fileOf(asked, groupsFile);
  return resumed(`${given.length} groups`, asked, async (tx) => {
    for (const group of given) await putInventoryGroup(tx, asked.company.id, group);
  });
}

async function putItemsOf(asked: Asked): Promise<string> {
  const given = await fileOf(asked, itemsFile);
  return resumed(`${given.length} items`, asked, (tx) => putItems(tx, asked.company.id, given, asked.deps.clock()));
}

async function settings(asked: Asked): Promise<string> {
  const { defaultGroup, revalueOnInvoice } = asked.options;
  const group = defaultGroup === undefined || defaultGroup === 'none' ? null : Number(defaultGroup);
  if (group !== null && !Number.isInteger(group))
    throw new UsageError(`"${defaultGroup}" is not the number of a group`);
  if (revalueOnInvoice !== undefined && !['on', 'off'].includes(revalueOnInvoice))
    throw new UsageError('--revalue-on-invoice is on or off');
  const given = {
    ...(defaultGroup !== undefined && { defaultGroup: group }),
    ...(revalueOnInvoice !== undefined && { revalueOnInvoice: revalueOnInvoice === 'on' }),
  };
  return resumed('the settings', asked, (tx) => setInventorySettings(tx, asked.company.id, given));
}

async function integration({ options, company, deps }: Asked): Promise<string> {
  const { to, from } = options;
  if (to !== 'perpetual_average' && to !== 'periodic') throw new UsageError('--to is perpetual_average or periodic');
  if (from === undefined) throw new UsageError('--from names the first day of the period from which that holds');
  const key = await deps.sql.begin((tx) => switchIntegration(tx, company.id, { to, from, now: deps.clock() }));
  return key === null ? 'Nothing had to be posted.\n' : `Posted ${key}.\n`;
}

async function resumed(what: string, { company, deps }: Asked, change: (tx: Tx) => Promise<void>): Promise<string> {
  const { resumed: events } = await mend(company.id, 'ACCOUNT_UNRESOLVED', change, deps);
  return `Stored ${what}; ${events} events go on.\n`;
}

async function fileOf<Schema extends z.ZodType>(
  { options, terminal }: Asked,
  schema: Schema,
): Promise<z.output<Schema>> {
  if (options.file === undefined) throw new UsageError('--file names what to store, as JSON');
  const result = schema.safeParse(parseExactJson((await readInput(options.file, terminal)).toString(), options.file));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(`"${options.file}": ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}
