import { type BankLine, type BankStatement, bankAmount, bankDay, unreadable, wording } from './statement.ts';

/** An aggregate (children) or an element (text). */
interface Node {
  name: string;
  text: string;
  children: Node[];
}

const TAG = /<(\/?)([A-Za-z0-9_.]+)\s*>([^<]*)/g;

/**
 * Statements of an OFX file: 1.x, where elements are not closed (SGML), and 2.x (XML). Banks' and cards' accounts.
 * The ledger balance is the closing one; OFX has no opening balance. Throws BANK_FILE_INVALID.
 */
export function readOfx(text: string): BankStatement[] {
  const start = text.search(/<OFX>/i);
  if (start < 0) throw unreadable('The file has no <OFX> and so is not OFX.');
  const root = treeOf(text.slice(start));
  const statements = [...below(root, 'STMTRS'), ...below(root, 'CCSTMTRS')];
  if (statements.length > 0) return statements.map(statementOf);
  throw unreadable('The OFX file has no statement (STMTRS or CCSTMTRS). Download it once more.');
}

/** What has text of its own is an element and ends by itself; everything else lasts until it is closed. */
function treeOf(text: string): Node {
  const root: Node = { name: '', text: '', children: [] };
  const open = [root];
  for (const [, closing, name = '', content = ''] of text.matchAll(TAG)) {
    const upper = name.toUpperCase();
    if (closing === '') {
      const node: Node = { name: upper, text: plain(content), children: [] };
      open.at(-1)?.children.push(node);
      if (node.text === '') open.push(node);
    } else {
      const at = open.findLastIndex((each) => each.name === upper);
      if (at > 0) open.length = at;
    }
  }
  if (!/<\/OFX\s*>\s*$/i.test(text))
    throw unreadable('The OFX file ends in the middle (no </OFX>). Download it once more.');
  return root;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&' };

function plain(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|nbsp|amp);/g, (_, name: string) => ENTITIES[name] ?? '').trim();
}

function statementOf(node: Node): BankStatement {
  const currency = value(node, 'CURDEF');
  if (currency === undefined) throw unreadable('An OFX statement names no currency (CURDEF).');
  const [ledger] = below(node, 'LEDGERBAL');
  const balance = ledger && value(ledger, 'BALAMT');
  const day = ledger && value(ledger, 'DTASOF');
  const [list] = below(node, 'BANKTRANLIST');
  const end = list && value(list, 'DTEND');
  const lines = below(node, 'STMTTRN').map((each, index) => lineOf(each, currency, `transaction ${index + 1}`));
  const isClosing = day !== undefined && lines.every((line) => line.bookedOn <= dayOf(day, 'LEDGERBAL'));
  return {
    account: value(node, 'ACCTID') ?? null,
    currency,
    number: null,
    opening: null,
    closing: isClosing && balance !== undefined ? bankAmount(balance, currency, decimalOf(balance), 'LEDGERBAL') : null,
    closesOn: isClosing ? dayOf(day, 'LEDGERBAL') : end === undefined ? null : dayOf(end, 'DTEND'),
    lines,
  };
}

function lineOf(node: Node, currency: string, where: string): BankLine {
  const [date, amount] = [value(node, 'DTPOSTED'), value(node, 'TRNAMT')];
  if (date === undefined || amount === undefined) throw unreadable(`${where} lacks DTPOSTED or TRNAMT.`);
  const available = value(node, 'DTAVAIL');
  return {
    bookedOn: dayOf(date, where),
    valueOn: available === undefined ? null : dayOf(available, where),
    amount: bankAmount(amount, currency, decimalOf(amount), where),
    counterparty: wording(value(node, 'NAME')),
    counterpartyAccount: wording(below(node, 'BANKACCTTO').flatMap((each) => value(each, 'ACCTID') ?? [])[0]),
    reference: wording(value(node, 'CHECKNUM') ?? value(node, 'REFNUM')),
    text: wording(value(node, 'MEMO')) ?? '',
    bankId: wording(value(node, 'FITID')),
    endToEndId: null,
  };
}

/** OFX lets the sender write either. */
function decimalOf(amount: string): '.' | ',' {
  return amount.lastIndexOf(',') > amount.lastIndexOf('.') ? ',' : '.';
}

function dayOf(text: string, where: string): string {
  return bankDay(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`, where);
}

function below(node: Node, name: string): Node[] {
  return node.children.flatMap((child) => (child.name === name ? [child] : below(child, name)));
}

function value(node: Node, name: string): string | undefined {
  const text = below(node, name)[0]?.text;
  return text === undefined || text === '' ? undefined : text;
}
