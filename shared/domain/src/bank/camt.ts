import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { abs, sum } from '../money.ts';
import {
  type BankLine,
  type BankStatement,
  bankAmount,
  bankDay,
  checkBalances,
  unreadable,
  wording,
} from './statement.ts';

/** A parsed element: its text, or its children by name; several of one name are a list. */
type Xml = string | Xml[] | { [name: string]: Xml };

/**
 * Statements of a CAMT.053 file (ISO 20022 BankToCustomerStatement, any version): booked entries only, batches
 * split into their transactions where those tell amounts that come to the entry's. Throws BANK_FILE_INVALID.
 */
export function readCamt(text: string): BankStatement[] {
  const statements = all(parsed(text), 'Document', 'BkToCstmrStmt', 'Stmt');
  if (statements.length > 0) return statements.map((one) => checkBalances(statementOf(one)));
  throw unreadable(
    'The XML file has no statement (Document/BkToCstmrStmt/Stmt): it is not CAMT.053. Download that format.',
  );
}

function parsed(text: string): Xml {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw unreadable(`The file is not well-formed XML: line ${valid.err.line}, ${valid.err.msg}`);
  if (/<!DOCTYPE/i.test(text)) throw unreadable('The file declares a document type, which no bank statement does.');
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
  });
  return parser.parse(text) as Xml;
}

function statementOf(stmt: Xml): BankStatement {
  const account = first(stmt, 'Acct', 'Id', 'IBAN') ?? first(stmt, 'Acct', 'Id', 'Othr', 'Id') ?? null;
  const balances = all(stmt, 'Bal');
  const opening = balanceOf(balances, ['OPBD', 'PRCD']);
  const closing = balanceOf(balances, ['CLBD'], true);
  const currency = first(stmt, 'Acct', 'Ccy') ?? currencyOf(balances[0]) ?? currencyOf(all(stmt, 'Ntry')[0]);
  if (currency === undefined) throw unreadable('A statement names no currency (Stmt/Acct/Ccy, or Ccy of an amount).');
  const lines = all(stmt, 'Ntry').flatMap((entry, index) => linesOf(entry, currency, `entry ${index + 1}`));
  return {
    account,
    currency,
    number: first(stmt, 'ElctrncSeqNb') ?? first(stmt, 'LglSeqNb') ?? first(stmt, 'Id') ?? null,
    opening: opening === null ? null : signed(opening, currency, 'the opening balance'),
    closing: closing === null ? null : signed(closing, currency, 'the closing balance'),
    closesOn: (closing && dayOf(closing, 'Dt', 'the closing balance')) ?? null,
    lines,
  };
}

/** Pages of a statement may repeat the codes: the opening is the first of its kind, the closing the last. */
function balanceOf(balances: readonly Xml[], codes: readonly string[], last = false): Xml | null {
  const found = balances.filter((one) => codes.includes(first(one, 'Tp', 'CdOrPrtry', 'Cd') ?? ''));
  return (last ? found.at(-1) : found[0]) ?? null;
}

function linesOf(entry: Xml, currency: string, where: string): BankLine[] {
  const status = first(entry, 'Sts', 'Cd') ?? first(entry, 'Sts');
  if (status !== undefined && status !== 'BOOK') return [];
  const amount = signed(entry, currency, where);
  const bookedOn = dayOf(entry, 'BookgDt', where) ?? dayOf(entry, 'ValDt', where);
  if (bookedOn === null) throw unreadable(`${where} has no booking date (Ntry/BookgDt).`);
  const own = { bookedOn, valueOn: dayOf(entry, 'ValDt', where), entry, currency };
  const details = all(entry, 'NtryDtls', 'TxDtls');
  const parts = details.map((each) => partAmount(each, currency, amount, where));
  const splits = details.length > 1 && parts.every((part) => part !== null) && sum(parts as bigint[]) === amount;
  if (splits) return details.map((each, index) => lineOf(each, parts[index] as bigint, own, index + 1));
  return [lineOf(details.length === 1 ? (details[0] as Xml) : {}, amount, own, 0)];
}

/**
 * A transaction's share of its entry, in the entry's direction unless it says otherwise; null where it cannot be
 * told.
 */
function partAmount(details: Xml, currency: string, amount: bigint, where: string): bigint | null {
  const given = all(details, 'Amt')[0] ?? all(details, 'AmtDtls', 'TxAmt', 'Amt')[0];
  if (given === undefined || attribute(given, 'Ccy') !== currency) return null;
  const size = abs(bankAmount(contentOf(given), currency, '.', where));
  const direction = first(details, 'CdtDbtInd');
  const isOut = direction === undefined ? amount < 0n : direction === 'DBIT';
  return isOut ? -size : size;
}

interface Own {
  bookedOn: string;
  valueOn: string | null;
  entry: Xml;
  currency: string;
}

function lineOf(details: Xml, amount: bigint, { bookedOn, valueOn, entry }: Own, part: number): BankLine {
  const [who, account] = amount < 0n ? ['Cdtr', 'CdtrAcct'] : ['Dbtr', 'DbtrAcct'];
  const name = first(details, 'RltdPties', who, 'Nm') ?? first(details, 'RltdPties', who, 'Pty', 'Nm');
  const told = [
    ...texts(details, 'RmtInf', 'Ustrd'),
    ...texts(details, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref'),
    ...texts(details, 'RmtInf', 'Strd', 'RfrdDocInf', 'Nb'),
  ];
  const entryId = first(entry, 'AcctSvcrRef');
  const ownId = first(details, 'Refs', 'AcctSvcrRef');
  const bankId =
    part === 0 ? (entryId ?? ownId) : (ownId ?? (entryId === undefined ? undefined : `${entryId}/${part}`));
  return {
    bookedOn,
    valueOn,
    amount,
    counterparty: wording(name),
    counterpartyAccount:
      wording(first(details, 'RltdPties', account, 'Id', 'IBAN')) ??
      wording(first(details, 'RltdPties', account, 'Id', 'Othr', 'Id')),
    reference: wording(first(details, 'Refs', 'PmtInfId') ?? first(details, 'Refs', 'MsgId')),
    text: wording(told.join(' ')) ?? wording(first(details, 'AddtlTxInf') ?? first(entry, 'AddtlNtryInf')) ?? '',
    bankId: wording(bankId),
    endToEndId: wording(first(details, 'Refs', 'EndToEndId')),
  };
}

function signed(node: Xml, currency: string, where: string): bigint {
  const [given] = all(node, 'Amt');
  const direction = first(node, 'CdtDbtInd');
  if (given === undefined || (direction !== 'CRDT' && direction !== 'DBIT')) {
    throw unreadable(`${where} lacks its amount (Amt) or direction (CdtDbtInd CRDT or DBIT).`);
  }
  const told = attribute(given, 'Ccy');
  if (told !== currency) throw unreadable(`${where} is in ${told ?? 'no currency'}, the account in ${currency}.`);
  const amount = bankAmount(contentOf(given), currency, '.', where);
  return direction === 'DBIT' ? -amount : amount;
}

function dayOf(node: Xml, name: string, where: string): string | null {
  const told = first(node, name, 'Dt') ?? first(node, name, 'DtTm') ?? first(node, name);
  return told === undefined ? null : bankDay(told.slice(0, 10), where);
}

function currencyOf(node: Xml | undefined): string | undefined {
  const [amount] = node === undefined ? [] : all(node, 'Amt');
  return amount === undefined ? undefined : attribute(amount, 'Ccy');
}

/** Every element at the end of a path, through lists. */
function all(node: Xml, ...path: string[]): Xml[] {
  const nodes = Array.isArray(node) ? node : [node];
  const [name, ...rest] = path;
  if (name === undefined) return nodes;
  return nodes.flatMap((each) => {
    const child = typeof each === 'string' || Array.isArray(each) ? undefined : each[name];
    return child === undefined ? [] : all(child, ...rest);
  });
}

function texts(node: Xml, ...path: string[]): string[] {
  return all(node, ...path)
    .map(contentOf)
    .filter((text) => text !== '');
}

function first(node: Xml, ...path: string[]): string | undefined {
  return texts(node, ...path)[0];
}

function contentOf(node: Xml): string {
  if (typeof node === 'string') return node.trim();
  const text = Array.isArray(node) ? undefined : node['#text'];
  return typeof text === 'string' ? text.trim() : '';
}

function attribute(node: Xml, name: string): string | undefined {
  const value = typeof node === 'string' || Array.isArray(node) ? undefined : node[`@${name}`];
  return typeof value === 'string' ? value : undefined;
}
