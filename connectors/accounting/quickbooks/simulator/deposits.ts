import { sum } from '@daybook/domain';
import { amount, type Json } from './answer.ts';
import { type Book, currencyBody, type Draft, dateOf, headBody, numberOf, totalsBody } from './head.ts';
import { postingsOf, rateOf, type Side, toHome } from './postings.ts';
import { accountOf, checkCurrency, enabledCurrency, lineAccount, MONEY_TYPES, partyOf, refTo } from './references.ts';
import { business, missing, notFound, Refused } from './refusal.ts';
import { type Context, compact, list, member, minorAt, oneOf, refId, requiredRef, shortText, text } from './request.ts';
import { type TaxedLine, taxCodeOf, taxModeOf, taxOfForm } from './sales-tax.ts';
import { type BookedDocument, type ListRow, systemAccount } from './world.ts';

interface DepositLine extends TaxedLine {
  account: string;
  party?: string;
  /** A receipt out of Undeposited Funds that this line takes to the bank. */
  takes?: BookedDocument;
  body: Json;
}

interface Setting {
  currency: string;
  existing: BookedDocument | null;
  context: Context;
}

/**
 * Money that reached an account: receipts that lay in Undeposited Funds, and anything else the lines say. A negative
 * line is a cost that was kept back, such as a fee; the whole cannot be negative.
 */
export const depositBook: Book = (body, existing, context) => {
  const { company } = context;
  const account = accountOf(company, requiredRef(body, 'DepositToAccountRef'), MONEY_TYPES);
  const currency = enabledCurrency(company, body) ?? account.currency;
  checkCurrency(company, account, currency);
  const rate = rateOf(company, body, currency);
  const said = list(body, 'Line');
  if (said.length === 0) throw missing('Line');
  const lines = said.map((line, index) => depositLine(line, index, { currency, existing, context }));
  const mode = taxModeOf(company, body);
  const taxed = company.salesTax === 'vat';
  const tax = taxed ? taxOfForm(company, body, lines, mode, currency, sideOf(said)) : { total: 0n, detail: {} };
  const back = cashBack(body, currency, context);
  const total = sum(lines.map(({ net }) => net)) + tax.total - (back?.amount ?? 0n);
  if (total < 0n) throw business('You must specify a transaction amount that is 0 or greater.');
  const sides: Side[] = [
    { account: account.id, amount: total },
    ...(back ? [{ account: back.account.id, amount: back.amount }] : []),
    ...lines.map((line) => ({
      account: line.account,
      amount: -line.net,
      ...(line.party === undefined ? {} : { party: line.party }),
    })),
    { account: systemAccount(company, 'GlobalTaxPayable'), amount: -tax.total },
  ];
  return {
    number: numberOf('Deposit', body, existing, context),
    date: dateOf(body, context),
    currency,
    rate,
    party: null,
    total,
    tax: tax.total,
    lineTax: 0n,
    links: lines.flatMap(({ takes, net }) => (takes ? [{ kind: 'deposits' as const, to: takes.id, amount: net }] : [])),
    postings: postingsOf(company, sides, currency, rate),
    body: {
      DepositToAccountRef: refTo(account),
      ...(back ? { CashBack: back.body } : {}),
      ...totalsBody(company, total, toHome(company, total, currency, rate), currency),
      ...currencyBody(company, currency, rate),
      ...headBody(body),
      Line: lines.map((line) => line.body),
      TxnTaxDetail: tax.detail,
      ...(taxed ? { GlobalTaxCalculation: mode } : {}),
    },
  } satisfies Draft;
};

/** Whose tax it is, as the lines say (TaxApplicableOn): what was paid for comes back, or something was sold. */
function sideOf(said: readonly unknown[]): 'sales' | 'purchases' {
  const isPurchase = (line: unknown) => text(member(line, 'DepositLineDetail'), 'TaxApplicableOn') === 'Purchase';
  return said.some(isPurchase) ? 'purchases' : 'sales';
}

function depositLine(line: unknown, index: number, setting: Setting): DepositLine {
  const { currency } = setting;
  const net = minorAt(line, 'Amount', currency);
  if (net === null) throw missing('Line.Amount');
  if (list(line, 'LinkedTxn').length > 0) return takenLine(line, net, setting);
  const detailType = text(line, 'DetailType');
  if (detailType === null) throw missing('Line.DetailType');
  if (detailType !== 'DepositLineDetail') {
    throw new Refused('500', `Operation ${detailType} is not supported.`, 'Line.DetailType');
  }
  return directLine(line, net, index, setting);
}

function directLine(line: unknown, net: bigint, index: number, { currency, context }: Setting): DepositLine {
  const { company } = context;
  const detail = member(line, 'DepositLineDetail');
  const entityId = refId(detail, 'Entity');
  const party = entityId === null ? null : partyOf(company, entityId, text(member(detail, 'Entity'), 'type'));
  const account = lineAccount(company, requiredRef(detail, 'AccountRef'), party, currency);
  // Here a tax code is an option; with one it must be said which side the tax is on.
  const hasCode = company.salesTax === 'vat' && text(member(detail, 'TaxCodeRef'), 'value') !== null;
  const code = hasCode ? taxCodeOf(company, detail, 'TaxExcluded', false) : null;
  const applicable = oneOf(detail, 'TaxApplicableOn', ['Sales', 'Purchase']);
  if (hasCode && applicable === null) throw new Refused('2270', 'TaxApplicableOn is required with TaxCodeRef.');
  const isTheirs = account.account!.type.startsWith('Accounts ') && party !== null;
  const body = compact({
    Id: String(index + 1),
    LineNum: index + 1,
    Description: shortText(line, 'Description', 4000),
    Amount: amount(net, currency),
    DetailType: 'DepositLineDetail',
    DepositLineDetail: compact({
      Entity: party ? { ...refTo(party), type: party.entity.toUpperCase() } : undefined,
      AccountRef: refTo(account),
      CheckNum: text(detail, 'CheckNum'),
      TaxCodeRef: code ? { value: code.id } : undefined,
      TaxApplicableOn: code ? applicable : undefined,
    }),
    CustomExtensions: [],
  });
  return { net, code, account: account.id, body, ...(isTheirs ? { party: party.id } : {}) };
}

const TAKEN_AS: readonly string[] = ['Payment', 'SalesReceipt', 'RefundReceipt'];

/** A line that takes a receipt, whole, out of Undeposited Funds. */
function takenLine(line: unknown, net: bigint, { currency, existing, context }: Setting): DepositLine {
  const { company } = context;
  const [link] = list(line, 'LinkedTxn');
  const [id, type] = [text(link, 'TxnId'), text(link, 'TxnType')];
  if (id === null) throw missing('TxnId');
  const takes = company.documents.get(id);
  if (!takes || takes.state === 'deleted') throw notFound();
  const undeposited = systemAccount(company, 'UndepositedFunds');
  const lies = sum(takes.postings.filter(({ account }) => account === undeposited).map((each) => each.amount));
  const other = company.depositedBy.get(id);
  const isFree = other === undefined || other === existing?.id;
  if (!TAKEN_AS.includes(takes.entity) || takes.entity !== type || takes.currency !== currency || !isFree) {
    throw new Refused('620', `The transaction ID ${id} of type ${type ?? ''} cannot be linked.`);
  }
  if (lies !== net) throw business('The amount of a linked deposit line must be the amount of its transaction.');
  const body = {
    Amount: amount(net, currency),
    LinkedTxn: [{ TxnId: id, TxnType: takes.entity, TxnLineId: '0' }],
  };
  return { net, code: null, account: undeposited, takes, body };
}

/** Part of the money that was kept in cash. */
function cashBack(body: unknown, currency: string, { company }: Context) {
  const said = member(body, 'CashBack');
  if (said === undefined || said === null) return null;
  const account: ListRow = accountOf(company, requiredRef(said, 'AccountRef'), MONEY_TYPES);
  const kept = minorAt(said, 'Amount', currency);
  if (kept === null) throw missing('CashBack.Amount');
  const memo = text(said, 'Memo');
  const answered = { AccountRef: refTo(account), Amount: amount(kept, currency), ...compact({ Memo: memo }) };
  return { account, amount: kept, body: answered };
}
