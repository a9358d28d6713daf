import { sum } from '@daybook/domain';
import { amount, type Json } from './answer.ts';
import { type Book, currencyBody, type Draft, dateOf, echoed, headBody, numberOf, totalsBody } from './head.ts';
import { appliedTo } from './links.ts';
import { postingsOf, rateOf, type Side, toHome } from './postings.ts';
import { accountOf, activeRow, checkCurrency, currencyFor, MONEY_TYPES, refTo } from './references.ts';
import { business, missing } from './refusal.ts';
import { type Context, compact, day, list, member, refId, requiredRef, shortText } from './request.ts';
import { type SalesLine, salesLines } from './sales-lines.ts';
import { taxModeOf, taxOfForm } from './sales-tax.ts';
import { type BookedDocument, type ListRow, systemAccount } from './world.ts';

type SalesEntity = 'Invoice' | 'CreditMemo' | 'SalesReceipt' | 'RefundReceipt';

const ON_ACCOUNT: readonly SalesEntity[] = ['Invoice', 'CreditMemo'];
const SELLING: readonly SalesEntity[] = ['Invoice', 'SalesReceipt'];

/** Texts that are kept and answered as they came. */
const ECHOED = ['BillEmail', 'BillAddr', 'ShipAddr', 'ShipDate', 'TrackingNum'];

/**
 * Books a sales form. On account it stands on the customer's receivable until payments settle it; a receipt takes the
 * money at once, a refund gives it back. Each line posts to the income account of its item.
 */
export function salesBook(entity: SalesEntity): Book {
  return (body, existing, context) => {
    const { company } = context;
    const said = list(body, 'Line');
    if (said.length === 0) throw missing('Line');
    const customer = customerOf(entity, body, context);
    const mode = taxModeOf(company, body);
    const currency = currencyFor(company, body, customer);
    const rate = rateOf(company, body, currency);
    const { posting, answered } = salesLines(said, { mode, currency, context });
    const tax = taxOfForm(company, body, posting, mode, currency);
    const subtotal = sum(posting.map(({ net }) => net));
    const total = subtotal + tax.total;
    if (total < 0n) throw business('You must specify a transaction amount that is 0 or greater.');
    if (existing) keepsItsLinks(existing, total, customer, context);
    const counter = counterAccount(entity, body, currency, context);
    const sides = sidesOf(entity, { counter, customer, lines: posting, tax: tax.total, total, context });
    const taxAccount = systemAccount(company, 'GlobalTaxPayable');
    const inLines = posting.filter(({ account }) => company.country === 'US' && account === taxAccount);
    return {
      number: numberOf(entity, body, existing, context),
      date: dateOf(body, context),
      currency,
      rate,
      party: customer?.id ?? null,
      total,
      tax: tax.total,
      lineTax: sum(inLines.map(({ net }) => net)),
      links: [],
      postings: postingsOf(company, sides, currency, rate),
      body: {
        ...currencyBody(company, currency, rate),
        ...headBody(body),
        ...formBody(entity, body, { customer, counter, context }),
        Line: [...answered, subtotalLine(subtotal, currency)],
        TxnTaxDetail: tax.detail,
        ...(company.salesTax === 'vat' ? { GlobalTaxCalculation: mode } : {}),
        ...totalsBody(company, total, toHome(company, total, currency, rate), currency),
      },
    } satisfies Draft;
  };
}

function customerOf(entity: SalesEntity, body: unknown, { company }: Context): ListRow | null {
  const id = ON_ACCOUNT.includes(entity) ? requiredRef(body, 'CustomerRef') : refId(body, 'CustomerRef');
  return id === null ? null : activeRow(company, 'Customer', id);
}

/** The receivable, or the account the money goes to or comes from. */
function counterAccount(entity: SalesEntity, body: unknown, currency: string, { company }: Context): ListRow {
  if (ON_ACCOUNT.includes(entity)) {
    return activeRow(company, 'Account', systemAccount(company, 'AccountsReceivable', currency));
  }
  const said =
    entity === 'RefundReceipt' ? requiredRef(body, 'DepositToAccountRef') : refId(body, 'DepositToAccountRef');
  const account = accountOf(company, said ?? systemAccount(company, 'UndepositedFunds'), MONEY_TYPES);
  checkCurrency(company, account, currency);
  return account;
}

interface Parts {
  counter: ListRow;
  customer: ListRow | null;
  lines: SalesLine[];
  tax: bigint;
  total: bigint;
  context: Context;
}

function sidesOf(entity: SalesEntity, { counter, customer, lines, tax, total, context }: Parts): Side[] {
  const sign = SELLING.includes(entity) ? 1n : -1n;
  const party = ON_ACCOUNT.includes(entity) && customer ? { party: customer.id } : {};
  return [
    { account: counter.id, amount: sign * total, ...party },
    ...lines.map(({ account, net }) => ({ account, amount: -sign * net })),
    { account: systemAccount(context.company, 'GlobalTaxPayable'), amount: -sign * tax },
  ];
}

/** A form that is applied elsewhere keeps its customer and cannot fall below what is applied. */
function keepsItsLinks(existing: BookedDocument, total: bigint, customer: ListRow | null, { company }: Context): void {
  const applied = appliedTo(company, existing.id);
  if (applied === 0n) return;
  if (total < applied) throw business('The amount cannot be less than what has already been applied.');
  if (customer?.id !== existing.party) {
    throw business('This transaction is linked to others. The customer cannot be changed.');
  }
}

function formBody(entity: SalesEntity, body: unknown, setting: Pick<Parts, 'customer' | 'counter' | 'context'>): Json {
  const { customer, counter, context } = setting;
  const onAccount = ON_ACCOUNT.includes(entity);
  const memo = shortText(member(body, 'CustomerMemo'), 'value', 1000);
  return compact({
    CustomerRef: customer ? refTo(customer) : undefined,
    CustomerMemo: memo === null ? undefined : { value: memo },
    ...echoed(body, ECHOED),
    PONumber: shortText(body, 'PONumber', 15) ?? undefined,
    FreeFormAddress: true,
    DueDate: entity === 'Invoice' ? (day(body, 'DueDate') ?? dateOf(body, context)) : undefined,
    PaymentMethodRef: onAccount ? undefined : methodOf(body),
    PaymentRefNum: onAccount ? undefined : shortText(body, 'PaymentRefNum', 21),
    DepositToAccountRef: onAccount ? undefined : refTo(counter),
    ApplyTaxAfterDiscount: false,
    PrintStatus: 'NeedToPrint',
    EmailStatus: 'NotSet',
  });
}

/** The payment method's reference, kept as it came. */
export function methodOf(body: unknown): Json | undefined {
  const id = refId(body, 'PaymentMethodRef');
  return id === null ? undefined : { value: id };
}

function subtotalLine(subtotal: bigint, currency: string): Json {
  return { Amount: amount(subtotal, currency), DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} };
}
