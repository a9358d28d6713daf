import type { CreditNote, DocumentLine, Invoice, RefundReceipt, SalesReceipt } from '@daybook/domain';
import { clean, subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { amountText, unitPrice } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { MONEY_TYPES, shortNumber, typeOf } from './entities.ts';
import { headOf } from './head.ts';
import { MAX_DESCRIPTION } from './journals.ts';
import { contactOf, itemKey, recordFor } from './record-keys.ts';
import { accountOf, TAX_ON_SALES } from './records.ts';
import { type CodedLine, coded, taxFields, taxOfItsOwn } from './tax.ts';
import { decimal, type Line, type ReceiptBody, type SalesBody } from './wire.ts';

/** What the line says on which our tax goes out where the books take none from us; it is known again by these words. */
export const TAX_LINE = 'Tax as collected by the channel';

/** The four forms with products on their lines; amounts are positive in all of them. */
type SalesForm = Invoice | CreditNote | SalesReceipt | RefundReceipt;

/** Sales receipt and refund receipt: the form of an invoice, and the account that the money reaches or leaves. */
export function receiptBody(receipt: SalesReceipt | RefundReceipt, mapping: BooksMapping): ReceiptBody {
  const money = accountOf(receipt, mapping);
  if (!MONEY_TYPES.has(typeOf(money))) throw noMoneyThere(receipt, money);
  const { payment } = receipt;
  return {
    ...salesBody(receipt, mapping),
    DepositToAccountRef: { value: money.remoteId },
    PaymentRefNum: shortNumber(payment),
  };
}

function noMoneyThere(receipt: SalesReceipt | RefundReceipt, { name, type }: RemoteAccount): ConnectorError {
  const message =
    `${subjectOf(receipt)} was not sent to QuickBooks: ${receipt.role} is mapped to "${name}" of type ${type}, and ` +
    'receipts take money from and to accounts of type Bank and Other Current Asset only. Map it to one of those, then replay.';
  return new ConnectorError('rejected', message, {
    code: 'BOOKS_ACCOUNT_REFUSED',
    subject: `account ${receipt.role}`,
  });
}

/** Invoice and credit memo, and what receipts share with them. Throws what the mapping throws. */
export function salesBody(document: SalesForm, mapping: BooksMapping): SalesBody {
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

function row({ line, code }: CodedLine, document: SalesForm, mapping: BooksMapping): Line {
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
function taxRow(tax: bigint, document: SalesForm, mapping: BooksMapping): Line {
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

function itemFor(document: SalesForm, account: RemoteAccount, mapping: BooksMapping): string {
  return recordFor(document, mapping, itemKey(account));
}
