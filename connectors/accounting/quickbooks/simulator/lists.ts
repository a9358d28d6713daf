import { decimal, type Json } from './answer.ts';
import { CLASSIFICATIONS } from './charts.ts';
import { echoed } from './head.ts';
import { activeRow, enabledCurrency, refTo } from './references.ts';
import { business, missing, Refused } from './refusal.ts';
import { type Context, compact, decimalAt, flag, member, oneOf, refId, shortText, text } from './request.ts';
import type { Company, ListEntity, ListRow } from './world.ts';

/** What booking a body makes of a record; ids, versions and times are added by the operation. */
export type RowDraft = Pick<ListRow, 'name' | 'active' | 'currency' | 'body' | 'account' | 'item'>;

/** Parses a body of one kind of record. Throws Refused. */
export type BookRow = (body: unknown, existing: ListRow | null, context: Context) => RowDraft;

const NAME_PARTS = ['Title', 'GivenName', 'MiddleName', 'FamilyName', 'Suffix'];
const NAME_TAKEN =
  'The name supplied already exists. : Another customer, vendor or employee is already using this name. ' +
  'Please use a different name.';

/** A customer or vendor. Both draw their names from one space, which inactive ones keep occupied. */
export function nameBook(entity: 'Customer' | 'Vendor'): BookRow {
  return (body, existing, context) => {
    const { company } = context;
    const name = displayName(body);
    plainName(name, 'DisplayName');
    if (isTaken(company, ['Customer', 'Vendor'], name, existing)) throw new Refused('6240', NAME_TAKEN);
    const currency = enabledCurrency(company, body) ?? existing?.currency ?? company.currency;
    if (existing && currency !== existing.currency) throw business('The currency of a name cannot be changed.');
    const active = member(body, 'Active') === undefined || flag(body, 'Active');
    const common = {
      ...echoed(body, [...NAME_PARTS, 'CompanyName', 'PrimaryPhone', 'Mobile', 'BillAddr']),
      PrimaryEmailAddr: emailOf(body),
      DisplayName: name,
      PrintOnCheckName: text(body, 'PrintOnCheckName') ?? name,
      Active: active,
    };
    const own =
      entity === 'Customer'
        ? {
            ...echoed(body, ['ShipAddr', 'Notes']),
            Taxable: member(body, 'Taxable') === undefined || flag(body, 'Taxable'),
            Job: false,
            BillWithParent: false,
            FullyQualifiedName: name,
            PreferredDeliveryMethod: 'Print',
          }
        : { ...echoed(body, ['AcctNum']), Vendor1099: false };
    return { name, active, currency, body: compact({ ...common, ...own }) };
  };
}

function displayName(body: unknown): string {
  const said = shortText(body, 'DisplayName', 500);
  if (said !== null) return said.trim();
  const parts = NAME_PARTS.map((part) => shortText(body, part, 100)).filter((part) => part !== null);
  const composed = parts.length > 0 ? parts.join(' ') : shortText(body, 'CompanyName', 100);
  if (composed !== null) return composed.trim();
  throw new Refused('6080', `At least one of ${NAME_PARTS.join(', ')} or DisplayName must be specified.`);
}

/** Throws 2040 for what no name may contain. */
function plainName(name: string, element: string): void {
  if (/[:\t\n]/.test(name)) throw new Refused('2040', `Element contains invalid characters : ${name}`, element);
}

function isTaken(company: Company, entities: readonly ListEntity[], name: string, own: ListRow | null): boolean {
  const wanted = name.toLowerCase();
  for (const row of company.rows.values()) {
    const isOwn = row.entity === own?.entity && row.id === own.id;
    if (!isOwn && entities.includes(row.entity) && row.name.toLowerCase() === wanted) return true;
  }
  return false;
}

function emailOf(body: unknown): Json | undefined {
  const address = shortText(member(body, 'PrimaryEmailAddr'), 'Address', 100);
  if (address === null) return undefined;
  if (/^[\x21-\x7e]+@[\x21-\x7e]+\.[\x21-\x7e]+$/.test(address)) return { Address: address };
  throw new Refused('2210', `Invalid Email Address format : ${address}`, 'PrimaryEmailAddr');
}

/** Accounts that money is kept on, or that belong to somebody, take no items. */
const NO_ITEMS: readonly string[] = ['Bank', 'Credit Card', 'Accounts Receivable', 'Accounts Payable'];

/** A product or service: it names the account that its sales go to. */
export const itemBook: BookRow = (body, existing, context) => {
  const { company } = context;
  const name = shortText(body, 'Name', 100);
  if (name === null) throw missing('Name');
  plainName(name, 'Name');
  if (isTaken(company, ['Item'], name, existing)) {
    const detail = 'Another product or service is already using this name. Please use a different name.';
    throw new Refused('6240', `The name supplied already exists. : ${detail}`);
  }
  const type = oneOf(body, 'Type', ['Service', 'NonInventory']) ?? 'Service';
  const income = itemAccount(company, body, 'IncomeAccountRef');
  if (!income) throw missing('IncomeAccountRef');
  const expense = itemAccount(company, body, 'ExpenseAccountRef');
  const active = member(body, 'Active') === undefined || flag(body, 'Active');
  const taxable = flag(body, 'Taxable');
  const price = decimalAt(body, 'UnitPrice') === null ? '0' : text(body, 'UnitPrice')!.trim();
  return {
    name,
    active,
    currency: company.currency,
    item: { income: income.id, expense: expense?.id ?? null, taxable },
    body: compact({
      Name: name,
      ...echoed(body, ['PurchaseDesc']),
      Sku: shortText(body, 'Sku', 100),
      Description: shortText(body, 'Description', 4000),
      Active: active,
      FullyQualifiedName: name,
      Taxable: taxable,
      UnitPrice: decimal(price),
      Type: type,
      IncomeAccountRef: refTo(income),
      ExpenseAccountRef: expense ? refTo(expense) : undefined,
      PurchaseCost: decimal('0'),
      TrackQtyOnHand: false,
    }),
  };
};

function itemAccount(company: Company, body: unknown, name: string): ListRow | null {
  const id = refId(body, name);
  const row = id === null ? null : activeRow(company, 'Account', id);
  if (row && NO_ITEMS.includes(row.account!.type)) {
    throw business('You need to select a different type of account for this transaction.');
  }
  return row;
}

/** An account of the chart. */
export const accountBook: BookRow = (body, existing, context) => {
  const { company } = context;
  const name = shortText(body, 'Name', 100);
  if (name === null) throw missing('Name');
  plainName(name, 'Name');
  if (isTaken(company, ['Account'], name, existing)) {
    throw new Refused('6240', 'The name supplied already exists. : Another account is already using this name.');
  }
  const type = text(body, 'AccountType') ?? existing?.account?.type ?? null;
  if (type === null) throw new Refused('6010', 'Specify either AccountType or AccountSubType.');
  const classification = CLASSIFICATIONS[type];
  if (classification === undefined) throw new Refused('2170', `Invalid Enumeration : ${type}`, 'AccountType');
  const number = shortText(body, 'AcctNum', 20);
  const other = [...company.rows.values()].find((row) => number !== null && row.account?.number === number);
  if (other && other.id !== existing?.id) {
    throw business('Another account is already using this number.  Please use a different number.');
  }
  const active = member(body, 'Active') === undefined || flag(body, 'Active');
  const currency = enabledCurrency(company, body) ?? existing?.currency ?? company.currency;
  if (existing && currency !== existing.currency) throw business('The currency of an account cannot be changed.');
  const subType = text(body, 'AccountSubType') ?? existing?.account?.subType ?? '';
  return {
    name,
    active,
    currency,
    account: { number, type, subType, classification },
    body: echoed(body, ['Description']),
  };
};
