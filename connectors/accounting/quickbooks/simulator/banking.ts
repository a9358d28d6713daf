import { sum } from '@daybook/domain';
import { amount, type Json } from './answer.ts';
import { type Book, currencyBody, type Draft, dateOf, headBody, numberOf } from './head.ts';
import { postingsOf, rateOf, type Side } from './postings.ts';
import {
  accountOf,
  activeRow,
  checkCurrency,
  enabledCurrency,
  lineAccount,
  MONEY_TYPES,
  partyOf,
  refTo,
} from './references.ts';
import { business, missing, Refused } from './refusal.ts';
import { compact, flag, list, member, minorAt, oneOf, refId, requiredRef, shortText, text } from './request.ts';
import { methodOf } from './sales.ts';
import { netOf, type TaxedLine, taxCodeOf, taxModeOf, taxOfForm } from './sales-tax.ts';
import { type Company, type ListRow, systemAccount } from './world.ts';

/** Money moved between two accounts of the company. Both have to be assets (Intuit's page "Transfer"). */
export const transferBook: Book = (body, _existing, context) => {
  const { company } = context;
  const from = assetAccount(company, requiredRef(body, 'FromAccountRef'));
  const to = assetAccount(company, requiredRef(body, 'ToAccountRef'));
  if (from.id === to.id) throw business('You must select two different accounts to transfer funds.');
  const currency = accountCurrency(company, body, from);
  checkCurrency(company, to, currency);
  const total = minorAt(body, 'Amount', currency);
  if (total === null) throw missing('Amount');
  if (total <= 0n) throw business('You must specify a transaction amount that is greater than 0.');
  const rate = rateOf(company, body, currency);
  const sides = [
    { account: to.id, amount: total },
    { account: from.id, amount: -total },
  ];
  return {
    number: null,
    date: dateOf(body, context),
    currency,
    rate,
    party: null,
    total,
    tax: 0n,
    lineTax: 0n,
    links: [],
    postings: postingsOf(company, sides, currency, rate),
    body: {
      FromAccountRef: refTo(from),
      ToAccountRef: refTo(to),
      Amount: amount(total, currency),
      ...currencyBody(company, currency, rate),
      ...headBody(body),
    },
  } satisfies Draft;
};

function assetAccount(company: Company, id: string): ListRow {
  const row = activeRow(company, 'Account', id);
  if (row.account!.classification === 'Asset' && row.account!.type !== 'Accounts Receivable') return row;
  throw business('You need to select a different type of account for this transaction.');
}

/** The currency an account is kept in. Throws 6000 when the document says another, unless the account is home's. */
function accountCurrency(company: Company, body: unknown, account: ListRow): string {
  const said = enabledCurrency(company, body);
  if (said === null || said === account.currency) return account.currency;
  if (account.currency === company.currency) return said;
  throw business('Transaction currency is invalid for customer/ vendor / account.');
}

interface ExpenseLine extends TaxedLine {
  account: ListRow;
  body: Json;
}

/** Money spent, from a bank account or on a card, on what the lines say. Lines may be negative, the whole may not. */
export const purchaseBook: Book = (body, existing, context) => {
  const { company } = context;
  const paid = oneOf(body, 'PaymentType', ['Cash', 'Check', 'CreditCard']);
  if (paid === null) throw missing('PaymentType');
  const types = { Cash: MONEY_TYPES, Check: ['Bank'], CreditCard: ['Credit Card'] }[paid];
  const account = accountOf(company, requiredRef(body, 'AccountRef'), types);
  const isCredit = flag(body, 'Credit') && paid === 'CreditCard';
  const currency = accountCurrency(company, body, account);
  const rate = rateOf(company, body, currency);
  const partyId = refId(body, 'EntityRef');
  const party = partyId === null ? null : partyOf(company, partyId, text(member(body, 'EntityRef'), 'type'));
  if (list(body, 'Line').length === 0) throw missing('Line');
  const mode = taxModeOf(company, body);
  const lines = list(body, 'Line').map((line, index) => expenseLine(line, index, { mode, party, currency, company }));
  const tax = purchaseTax(company, body, lines, mode, currency);
  const total = sum(lines.map(({ net }) => net)) + tax.total;
  if (total < 0n) throw business('You must specify a transaction amount that is 0 or greater.');
  const sign = isCredit ? -1n : 1n;
  const sides: Side[] = [
    { account: account.id, amount: -sign * total },
    ...lines.map((line) => ({ account: line.account.id, amount: sign * line.net, ...onAccount(line.account, party) })),
    { account: systemAccount(company, 'GlobalTaxPayable'), amount: sign * tax.total },
  ];
  return {
    number: numberOf('Purchase', body, existing, context),
    date: dateOf(body, context),
    currency,
    rate,
    party: party?.id ?? null,
    total,
    tax: tax.total,
    lineTax: 0n,
    links: [],
    postings: postingsOf(company, sides, currency, rate),
    body: {
      AccountRef: refTo(account),
      PaymentType: paid,
      ...compact({
        EntityRef: party ? { ...refTo(party), type: party.entity } : undefined,
        PaymentMethodRef: methodOf(body),
        PaymentRefNum: shortText(body, 'PaymentRefNum', 21),
        Credit: paid === 'CreditCard' ? isCredit : undefined,
      }),
      TotalAmt: amount(total, currency),
      ...currencyBody(company, currency, rate),
      ...headBody(body),
      Line: lines.map((line) => line.body),
      TxnTaxDetail: company.salesTax === 'vat' ? tax.detail : {},
      ...(company.salesTax === 'vat' ? { GlobalTaxCalculation: mode } : {}),
    },
  } satisfies Draft;
};

function purchaseTax(
  company: Company,
  body: unknown,
  lines: readonly TaxedLine[],
  mode: ReturnType<typeof taxModeOf>,
  currency: string,
) {
  // Sales tax of US companies is about sales.
  if (company.salesTax !== 'vat') return { total: 0n, detail: {} };
  return taxOfForm(company, body, lines, mode, currency, 'purchases');
}

/** Receivables and payables belong to somebody. */
function onAccount(account: ListRow, party: ListRow | null): { party?: string } {
  const isTheirs = account.account!.type.startsWith('Accounts ') && party !== null;
  return isTheirs ? { party: party.id } : {};
}

function expenseLine(
  line: unknown,
  index: number,
  setting: { mode: ReturnType<typeof taxModeOf>; party: ListRow | null; currency: string; company: Company },
): ExpenseLine {
  const { mode, party, currency, company } = setting;
  const detailType = text(line, 'DetailType');
  if (detailType === null) throw missing('Line.DetailType');
  if (detailType !== 'AccountBasedExpenseLineDetail') {
    throw new Refused('500', `Operation ${detailType} is not supported.`, 'Line.DetailType');
  }
  const detail = member(line, detailType);
  const said = minorAt(line, 'Amount', currency);
  if (said === null) throw missing('Line.Amount');
  const account = lineAccount(company, requiredRef(detail, 'AccountRef'), party, currency);
  const code = taxCodeOf(company, detail, mode, false);
  const gross = mode === 'TaxInclusive' ? (minorAt(detail, 'TaxInclusiveAmt', currency) ?? said) : null;
  const net = gross === null ? said : netOf(company, gross, code, 'purchases');
  const body = compact({
    Id: String(index + 1),
    Description: shortText(line, 'Description', 4000),
    Amount: amount(net, currency),
    DetailType: detailType,
    AccountBasedExpenseLineDetail: compact({
      AccountRef: refTo(account),
      BillableStatus: 'NotBillable',
      TaxCodeRef: code ? { value: code.id } : undefined,
      TaxInclusiveAmt: gross === null ? undefined : amount(gross, currency),
    }),
    CustomExtensions: [],
  });
  return { net, code, account, body, ...(gross === null ? {} : { inside: gross - net }) };
}
