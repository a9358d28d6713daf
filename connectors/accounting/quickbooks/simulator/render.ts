import { amount, type Json } from './answer.ts';
import { currencyBody } from './head.ts';
import { pacific } from './instants.ts';
import { linkedTo, openAmount } from './links.ts';
import { compact } from './request.ts';
import type { BookedDocument, Company, ListRow } from './world.ts';

const meta = (createdAt: number, updatedAt: number) => ({
  CreateTime: pacific(createdAt),
  LastUpdatedTime: pacific(updatedAt),
});

/** When a document last changed: itself, or its balance through a link. */
export function updatedAt(company: Company, document: BookedDocument): number {
  return Math.max(document.updatedAt, company.touched.get(document.id) ?? 0);
}

/** A document as reads, queries and answers show it. */
export function renderDocument(company: Company, document: BookedDocument): Json {
  if (document.state === 'deleted') return tombstone(document);
  const { entity, id, syncToken, number, date, createdAt, body } = document;
  const linked = linkedTo(company, id);
  return {
    domain: 'QBO',
    sparse: false,
    Id: id,
    SyncToken: String(syncToken),
    MetaData: meta(createdAt, updatedAt(company, document)),
    ...compact({ DocNumber: number }),
    TxnDate: date,
    ...(linked.length > 0 || entity === 'Invoice' ? { LinkedTxn: linked } : {}),
    ...body,
    ...balances(company, document),
  };
}

function balances(company: Company, document: BookedDocument): Json {
  const { entity, currency } = document;
  const open = () => amount(openAmount(company, document), currency);
  switch (entity) {
    case 'Invoice':
      return { Balance: open() };
    case 'CreditMemo':
      return { RemainingCredit: open(), Balance: open() };
    case 'SalesReceipt':
    case 'RefundReceipt':
      return { Balance: amount(0n, currency) };
    default:
      return {};
  }
}

/** What cdc says of a deleted document; the answer to a delete is the same without the time. */
export function tombstone(document: BookedDocument): Json {
  const { id, updatedAt: deletedAt } = document;
  return { domain: 'QBO', status: 'Deleted', Id: id, MetaData: { LastUpdatedTime: pacific(deletedAt) } };
}

/** A record of a name list. */
export function renderRow(company: Company, row: ListRow): Json {
  const head = {
    domain: 'QBO',
    sparse: false,
    Id: row.id,
    SyncToken: String(row.syncToken),
    MetaData: meta(row.createdAt, row.updatedAt),
  };
  if (row.entity === 'Account') return { ...accountBody(company, row), ...head };
  if (row.entity === 'Item') return { ...row.body, ...head };
  const owed = amount(company.owed.get(row.id) ?? 0n, row.currency);
  const { CurrencyRef } = currencyBody(company, row.currency, '1');
  const jobs = row.entity === 'Customer' ? { BalanceWithJobs: owed } : {};
  return { ...row.body, Balance: owed, ...jobs, CurrencyRef, ...head };
}

function accountBody(company: Company, row: ListRow): Json {
  const { number, type, subType, classification } = row.account!;
  const balance = amount(balanceOf(company, row), row.currency);
  return compact({
    ...row.body,
    Name: row.name,
    SubAccount: false,
    FullyQualifiedName: row.name,
    Active: row.active,
    Classification: classification,
    AccountType: type,
    AccountSubType: subType,
    AcctNum: number,
    CurrentBalance: balance,
    CurrentBalanceWithSubAccounts: balance,
    CurrencyRef: currencyBody(company, row.currency, '1').CurrencyRef,
  });
}

/** In the account's own currency, on the side that is usual for it: what a liability owes is positive. */
export function balanceOf(company: Company, row: ListRow): bigint {
  const balances = row.currency === company.currency ? company.balances : company.foreignBalances;
  const debit = balances.get(row.id) ?? 0n;
  const { classification } = row.account!;
  return classification === 'Asset' || classification === 'Expense' ? debit : -debit;
}
