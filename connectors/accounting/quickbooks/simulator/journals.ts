import { sum } from '@daybook/domain';
import { amount, decimal, type Json } from './answer.ts';
import { type Book, currencyBody, type Draft, dateOf, headBody, numberOf } from './head.ts';
import { postingsOf, rateOf, type Side } from './postings.ts';
import { enabledCurrency, lineAccount, partyOf, refTo } from './references.ts';
import { business, missing, Refused } from './refusal.ts';
import {
  type Context,
  compact,
  flag,
  list,
  member,
  minorAt,
  oneOf,
  refId,
  requiredRef,
  shortText,
  text,
} from './request.ts';
import { taxCodeOf } from './sales-tax.ts';
import { type Company, type ListRow, systemAccount } from './world.ts';

interface JournalLine {
  sides: Side[];
  party: ListRow | null;
  body: Json;
}

/** Debits and credits as they are said. The answer's TotalAmt is always 0 (recorded exchange get-journal-entry). */
export const journalBook: Book = (body, existing, context) => {
  const { company } = context;
  const currency = enabledCurrency(company, body) ?? company.currency;
  const rate = rateOf(company, body, currency);
  const said = list(body, 'Line').filter((line) => text(line, 'DetailType') !== 'DescriptionOnly');
  if (said.length < 2) throw business('Fill out at least two detail lines to continue.');
  const lines = said.map((line, index) => journalLine(line, index, currency, context));
  const sides = lines.flatMap((line) => line.sides);
  if (sum(sides.map((side) => side.amount)) !== 0n) {
    throw new Refused(
      '2300',
      'Amount on debits not equal to credits : The debits and credits of a journal entry must be equal.',
    );
  }
  const debits = sides.filter((side) => side.amount > 0n);
  return {
    number: numberOf('JournalEntry', body, existing, context),
    date: dateOf(body, context),
    currency,
    rate,
    party: null,
    total: sum(debits.map((side) => side.amount)),
    tax: 0n,
    lineTax: 0n,
    links: [],
    postings: postingsOf(company, sides, currency, rate),
    body: {
      Adjustment: flag(body, 'Adjustment'),
      TotalAmt: decimal('0'),
      ...(company.enabledCurrencies.length > 1 ? { HomeTotalAmt: decimal('0') } : {}),
      ...currencyBody(company, currency, rate),
      ...headBody(body),
      Line: lines.map((line) => line.body),
      TxnTaxDetail: {},
    },
  } satisfies Draft;
};

function journalLine(line: unknown, index: number, currency: string, { company }: Context): JournalLine {
  const detailType = text(line, 'DetailType');
  if (detailType === null) throw missing('Line.DetailType');
  if (detailType !== 'JournalEntryLineDetail') {
    throw new Refused('500', `Operation ${detailType} is not supported.`, 'Line.DetailType');
  }
  const detail = member(line, detailType);
  const said = minorAt(line, 'Amount', currency);
  if (said === null) throw missing('Line.Amount');
  if (said < 0n) throw new Refused('2290', 'Negative amounts are not supported on transaction lines.', 'Line.Amount');
  const posting = oneOf(detail, 'PostingType', ['Debit', 'Credit']);
  if (posting === null) throw new Refused('2260', 'A posting type is required: Credit or Debit.');
  const party = entityOf(detail, company);
  const account = lineAccount(company, requiredRef(detail, 'AccountRef'), party, currency);
  const sign = posting === 'Debit' ? 1n : -1n;
  const isTheirs = account.account!.type.startsWith('Accounts ') && party !== null;
  const tax = lineTax(detail, currency, company);
  const taxSide = tax ? [{ account: systemAccount(company, 'GlobalTaxPayable'), amount: sign * tax.amount }] : [];
  return {
    party,
    sides: [{ account: account.id, amount: sign * said, ...(isTheirs ? { party: party.id } : {}) }, ...taxSide],
    body: compact({
      Id: String(index),
      Description: shortText(line, 'Description', 4000),
      Amount: amount(said, currency),
      DetailType: detailType,
      JournalEntryLineDetail: {
        PostingType: posting,
        ...(party ? { Entity: { Type: party.entity, EntityRef: refTo(party) } } : {}),
        AccountRef: refTo(account),
        ...(tax?.body ?? {}),
      },
      CustomExtensions: [],
    }),
  };
}

function entityOf(detail: unknown, company: Company): ListRow | null {
  const entity = member(detail, 'Entity');
  const id = refId(entity, 'EntityRef');
  return id === null ? null : partyOf(company, id, text(entity, 'Type'));
}

/** Tax of a line outside the US: with a code, its side and its amount have to be said. */
function lineTax(detail: unknown, currency: string, company: Company): { amount: bigint; body: Json } | null {
  if (company.salesTax !== 'vat' || text(member(detail, 'TaxCodeRef'), 'value') === null) return null;
  const code = taxCodeOf(company, detail, 'TaxExcluded', false);
  const applicable = oneOf(detail, 'TaxApplicableOn', ['Sales', 'Purchase']);
  if (applicable === null) throw new Refused('2270', 'TaxApplicableOn is required with TaxCodeRef.');
  const said = minorAt(detail, 'TaxAmount', currency);
  if (said === null) throw new Refused('2280', 'A tax amount is required with TaxCodeRef.');
  return {
    amount: said,
    body: { TaxCodeRef: { value: code!.id }, TaxApplicableOn: applicable, TaxAmount: amount(said, currency) },
  };
}
