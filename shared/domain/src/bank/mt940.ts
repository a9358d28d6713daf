import {
  type BankLine,
  type BankStatement,
  bankAmount,
  bankDay,
  checkBalances,
  unreadable,
  wording,
} from './statement.ts';

interface Field {
  tag: string;
  text: string;
}

/**
 * Statements of an MT940 file (SWIFT customer statement), with or without SWIFT's blocks around it. Field 86 is
 * read as structured subfields (`?20`…, any separator), as code words (`/EREF/…`), or as plain text. Throws
 * BANK_FILE_INVALID.
 */
export function readMt940(text: string): BankStatement[] {
  const groups: Field[][] = [];
  for (const field of fieldsOf(text)) {
    if (field.tag === '20' || groups.length === 0) groups.push([]);
    groups.at(-1)?.push(field);
  }
  const statements = groups.filter((fields) => fields.some(({ tag }) => /^6[012]/.test(tag)));
  if (statements.length === 0) throw unreadable('The file has no field :60F:, :61: or :62F: and so is not MT940.');
  return statements.map((fields) => checkBalances(statementOf(fields)));
}

/** Fields in order; a line that begins with no tag goes on with the field before. */
function fieldsOf(text: string): Field[] {
  const fields: Field[] = [];
  for (const line of text.replace(/\{4:\s*/g, '\n').split('\n')) {
    const [, tag, rest] = /^:(\d{2}[A-Z]?):(.*)$/.exec(line) ?? [];
    const last = fields.at(-1);
    if (tag !== undefined) fields.push({ tag, text: rest ?? '' });
    else if (last && !/^(-\}?.*|\{[1235]:.*)$/.test(line)) last.text += `\n${line}`;
  }
  return fields;
}

function statementOf(fields: readonly Field[]): BankStatement {
  const one = (...tags: string[]) => fields.find(({ tag }) => tags.includes(tag))?.text.trim();
  const [opening, closing] = [one('60F', '60M'), one('62F', '62M')];
  if (opening === undefined || closing === undefined) {
    throw unreadable('A statement lacks its opening (:60F:) or closing balance (:62F:): the file is not whole.');
  }
  const start = balanceOf(opening, ':60F:');
  const end = balanceOf(closing, ':62F:');
  return {
    account: wording(one('25', '25P')?.split('\n')[0])?.replace(/\s/g, '') ?? null,
    currency: start.currency,
    number: wording(one('28C', '28')),
    opening: start.amount,
    closing: end.amount,
    closesOn: end.day,
    lines: linesOf(fields, start.currency),
  };
}

function balanceOf(text: string, tag: string) {
  const [, mark, date = '', currency = '', amount = ''] = /^([CD])(\d{6})([A-Z]{3})([\d.,]+)/.exec(text) ?? [];
  if (mark === undefined) throw unreadable(`${tag} "${text}" is not a balance such as C260331EUR1234,56.`);
  const size = bankAmount(amount, currency, decimalOf(amount), tag);
  return { currency, day: dayOf(date, tag), amount: mark === 'D' ? -size : size };
}

function linesOf(fields: readonly Field[], currency: string): BankLine[] {
  const lines: BankLine[] = [];
  let open: BankLine | null = null;
  for (const { tag, text } of fields) {
    if (tag === '61') {
      open = movementOf(text.trimEnd(), currency, `line ${lines.length + 1} (:61:${text.slice(0, 30)})`);
      lines.push(open);
    } else if (tag === '86' && open) {
      Object.assign(open, told(text, open));
      open = null;
    } else if (tag.startsWith('62')) open = null;
  }
  return lines;
}

const MOVEMENT =
  /^(\d{6})(\d{4})?(R?[CD])([A-Z])?([\d.,]+)([SNF][A-Z0-9]{3})([^\n]*?)(?:\/\/([^\n]*))?(?:\n([\s\S]*))?$/;

/** Value date, entry date, mark (RC takes a credit back), amount, kind, our reference, the bank's, more words. */
function movementOf(text: string, currency: string, where: string): BankLine {
  const [, value = '', entry, mark, , amount = '', , own, bank, more] = MOVEMENT.exec(text) ?? [];
  if (mark === undefined) throw unreadable(`${where} is not a movement such as 2603310331C1234,56NTRFNONREF.`);
  const valueOn = dayOf(value, where);
  const size = bankAmount(amount, currency, decimalOf(amount), where);
  return {
    bookedOn: entry === undefined ? valueOn : entryDay(valueOn, entry, where),
    valueOn,
    amount: mark === 'D' || mark === 'RC' ? -size : size,
    counterparty: null,
    counterpartyAccount: null,
    reference: wording(own),
    text: wording(more) ?? '',
    bankId: wording(bank),
    endToEndId: null,
  };
}

/** The standard writes a comma; some banks a point. */
function decimalOf(amount: string): '.' | ',' {
  return amount.includes(',') ? ',' : '.';
}

function dayOf(yymmdd: string, where: string): string {
  const [year, month, day] = [yymmdd.slice(0, 2), yymmdd.slice(2, 4), yymmdd.slice(4, 6)];
  return bankDay(`${year >= '80' ? '19' : '20'}${year}-${month}-${day}`, where);
}

/** The entry date has no year: it is the one next to the value date, across the turn of a year too. */
function entryDay(valueOn: string, mmdd: string, where: string): string {
  const month = mmdd.slice(0, 2);
  const year = BigInt(valueOn.slice(0, 4));
  const ahead = BigInt(month) - BigInt(valueOn.slice(5, 7));
  const own = ahead < -6n ? year + 1n : ahead > 6n ? year - 1n : year;
  return bankDay(`${own}-${month}-${mmdd.slice(2, 4)}`, where);
}

type Told = Partial<Pick<BankLine, 'counterparty' | 'counterpartyAccount' | 'text' | 'endToEndId' | 'reference'>>;

function told(text: string, line: BankLine): Told {
  const [, separator, rest = ''] = /^\d{3}([^\w\s])([\s\S]*)$/.exec(text) ?? [];
  if (separator !== undefined && /^\d{2}/.test(rest)) return subfields(rest.replaceAll('\n', '').split(separator));
  if (/^\/[A-Z]{3,5}\//.test(text)) return codeWords(text.replaceAll('\n', ''));
  return { text: wording([line.text, text].join(' ')) ?? '' };
}

/**
 * 20–29 and 60–63 what the payer wrote, 31 the other account, 32 and 33 the name; SEPA words stand inside
 * (`EREF+`).
 */
function subfields(parts: readonly string[]): Told {
  const of = (from: string, to: string) =>
    parts
      .filter((part) => part.slice(0, 2) >= from && part.slice(0, 2) <= to)
      .map((part) => part.slice(2))
      .join('');
  const written = `${of('20', '29')}${of('60', '63')}`;
  const sepa = /(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+/;
  const words = new Map<string, string>();
  const pieces = written.split(sepa);
  for (let index = 1; index < pieces.length; index += 2) words.set(pieces[index] ?? '', pieces[index + 1] ?? '');
  return {
    text: wording(words.get('SVWZ') ?? (words.size === 0 ? written : pieces[0])) ?? '',
    counterparty: wording(of('32', '33')),
    counterpartyAccount: wording(of('31', '31')) ?? wording(words.get('IBAN')),
    endToEndId: wording(words.get('EREF')),
  };
}

function codeWords(text: string): Told {
  const word = (...names: string[]) => {
    for (const name of names) {
      const found = new RegExp(`/${name}/+(.*?)(?=/[A-Z]{3,5}/|/?$)`).exec(text)?.[1];
      if (wording(found) !== null) return wording(found);
    }
    return null;
  };
  return {
    text: word('REMI', 'INV') ?? wording(text) ?? '',
    counterparty: word('NAME', 'ORDP', 'BENM'),
    counterpartyAccount: word('IBAN', 'ACCW'),
    endToEndId: word('EREF'),
  };
}
