import { formatMinor } from '@daybook/domain';
import { openAmount } from './links.ts';
import { balanceOf, updatedAt } from './render.ts';
import { text } from './request.ts';
import type { TaxCode, TaxRate } from './taxes.ts';
import type { BookedDocument, Company, ListRow } from './world.ts';

/** How values of a column compare. */
export type ColumnKind = 'text' | 'id' | 'number' | 'day' | 'instant' | 'boolean';

/** A column that a query may filter and sort by: the value as text, instants in milliseconds. */
export interface Column<Row> {
  kind: ColumnKind;
  read(row: Row, company: Company): string | null;
}

type Columns<Row> = Readonly<Record<string, Column<Row>>>;

const column = <Row>(kind: ColumnKind, read: Column<Row>['read']): Column<Row> => ({ kind, read });

const DOCUMENT: Columns<BookedDocument> = {
  Id: column('id', (row) => row.id),
  TxnDate: column('day', (row) => row.date),
  'MetaData.CreateTime': column('instant', (row) => String(row.createdAt)),
  'MetaData.LastUpdatedTime': column('instant', (row, company) => String(updatedAt(company, row))),
};
const DocNumber = column<BookedDocument>('text', (row) => row.number);
const CustomerRef = column<BookedDocument>('id', (row) => row.party);
const TotalAmt = column<BookedDocument>('number', (row) => formatMinor(row.total, row.currency));
const Balance = column<BookedDocument>('number', (row, company) => formatMinor(openAmount(company, row), row.currency));
const PaymentRefNum = column<BookedDocument>('text', (row) => text(row.body, 'PaymentRefNum'));
const DueDate = column<BookedDocument>('day', (row) => text(row.body, 'DueDate'));

const NAMED: Columns<ListRow> = {
  Id: column('id', (row) => row.id),
  Active: column('boolean', (row) => String(row.active)),
  'MetaData.CreateTime': column('instant', (row) => String(row.createdAt)),
  'MetaData.LastUpdatedTime': column('instant', (row) => String(row.updatedAt)),
};
const said = (name: string) => column<ListRow>('text', (row) => text(row.body, name));
const name = column<ListRow>('text', (row) => row.name);
const owed = column<ListRow>('number', (row, company) => formatMinor(company.owed.get(row.id) ?? 0n, row.currency));
const PERSON: Columns<ListRow> = {
  ...NAMED,
  DisplayName: name,
  GivenName: said('GivenName'),
  FamilyName: said('FamilyName'),
  CompanyName: said('CompanyName'),
  PrintOnCheckName: said('PrintOnCheckName'),
  PrimaryEmailAddr: column('text', (row) => text(row.body.PrimaryEmailAddr, 'Address')),
  Balance: owed,
};

/**
 * What each entity can be filtered by: the attributes that Intuit's reference pages mark as filterable. Others exist
 * but are refused ("is not queryable"), PrivateNote among them.
 */
export const DOCUMENT_COLUMNS: Readonly<Record<BookedDocument['entity'], Columns<BookedDocument>>> = {
  Invoice: { ...DOCUMENT, DocNumber, CustomerRef, TotalAmt, Balance, DueDate },
  CreditMemo: { ...DOCUMENT, DocNumber, CustomerRef, Balance },
  SalesReceipt: { ...DOCUMENT, DocNumber, CustomerRef, TotalAmt },
  RefundReceipt: { ...DOCUMENT, DocNumber, CustomerRef, TotalAmt },
  Payment: { ...DOCUMENT, CustomerRef, PaymentRefNum, TotalAmt },
  Deposit: DOCUMENT,
  Transfer: DOCUMENT,
  Purchase: { ...DOCUMENT, DocNumber },
  JournalEntry: { ...DOCUMENT, DocNumber },
};

export const ROW_COLUMNS: Readonly<Record<ListRow['entity'], Columns<ListRow>>> = {
  Account: {
    ...NAMED,
    Name: name,
    FullyQualifiedName: name,
    AcctNum: column('text', (row) => row.account!.number),
    AccountType: column('text', (row) => row.account!.type),
    AccountSubType: column('text', (row) => row.account!.subType),
    Classification: column('text', (row) => row.account!.classification),
    CurrentBalance: column('number', (row, company) => formatMinor(balanceOf(company, row), row.currency)),
  },
  Item: { ...NAMED, Name: name, FullyQualifiedName: name, Sku: said('Sku'), Type: said('Type') },
  Customer: { ...PERSON, FullyQualifiedName: name },
  Vendor: PERSON,
};

const CODE: Columns<TaxCode> = {
  Id: column('id', (row) => row.id),
  Name: column('text', (row) => row.name),
  Active: column('boolean', () => 'true'),
};
const RATE: Columns<TaxRate> = {
  Id: column('id', (row) => row.id),
  Name: column('text', (row) => row.name),
  Active: column('boolean', () => 'true'),
};

export const TAX_COLUMNS = { TaxCode: CODE, TaxRate: RATE } as const;
