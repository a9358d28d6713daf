import type { CreditNote, DocumentLine, Invoice } from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { amountText, unitPrice } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { shortNumber } from './entities.ts';
import { headOf } from './head.ts';
import { MAX_DESCRIPTION } from './journals.ts';
import { contactOf, itemKey, recordFor } from './record-keys.ts';
import { accountOf, TAX_ON_SALES } from './records.ts';
import { type CodedLine, coded, taxFields, taxOfItsOwn } from './tax.ts';
import { decimal, type Line, type SalesBody } from './wire.ts';

/** What the line says on which our tax goes out where the books take none from us; it is known again by these words. */
export const TAX_LINE = 'Tax as collected by the channel';

/** Invoice and credit memo: amounts are positive in both. Throws what the mapping throws. */
export function salesBody(document: Invoice | CreditNote, mapping: BooksMapping): SalesBody {
  const lines = coded(document.lines, mapping);
  const rows = lines.map((each) => row(each, document, mapping));
  const own = taxOfItsOwn(lines);
  if (own !== 0n) rows.push(taxRow(own, document, mapping));
  const body: SalesBody = {
    DocNumber: shortNumber(document.number),
    ...headOf(document),
    CustomerRef: { value: contactOf(document, mapping) },
    Line: rows,
  };
  if (document.kind === 'invoice') body.DueDate = document.dueDate;
  return { ...body, ...taxFields(document, lines, 'sales', mapping) };
}

function row({ line, code }: CodedLine, document: Invoice | CreditNote, mapping: BooksMapping): Line {
  const price = unitPrice(line.net, line.quantity, document.currency);
  const detail: NonNullable<Line['SalesItemLineDetail']> = {
    ItemRef: { value: itemFor(document, accountOf(line, mapping), mapping) },
    TaxCodeRef: { value: code },
  };
  if (price !== null) Object.assign(detail, { UnitPrice: decimal(price), Qty: decimal(line.quantity) });
  return {
    Description: descriptionOf(line, price === null),
    Amount: decimal(amountText(line.net, document)),
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: detail,
  };
}

/** What goes out as one piece still tells people how many there were. */
function descriptionOf(line: DocumentLine, isOnePiece: boolean): string {
  const counted = isOnePiece && /^[\d.]*[1-9]/.test(line.quantity) ? `${line.quantity} × ` : '';
  return clean(`${counted}${line.description}`, MAX_DESCRIPTION) || line.role;
}

/**
 * American books take only "taxable or not" per line, and with automated sales tax they ignore any amount we send
 * (provider section 2). So nothing is taxable there, and the tax the customer paid is a line that posts to the
 * liability.
 */
function taxRow(tax: bigint, document: Invoice | CreditNote, mapping: BooksMapping): Line {
  return {
    Description: TAX_LINE,
    Amount: decimal(amountText(tax, document)),
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: {
      ItemRef: { value: itemFor(document, accountOf(TAX_ON_SALES, mapping), mapping) },
      TaxCodeRef: { value: NOT_TAXED },
    },
  };
}

function itemFor(document: Invoice | CreditNote, account: RemoteAccount, mapping: BooksMapping): string {
  return recordFor(document, mapping, itemKey(account));
}
