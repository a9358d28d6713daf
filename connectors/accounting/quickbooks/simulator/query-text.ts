import { Refused } from './refusal.ts';

/** One comparison of a where clause. */
export interface Comparison {
  column: string;
  operator: '=' | '<' | '>' | '<=' | '>=' | 'in' | 'like';
  values: string[];
}

/** A select statement, read. `columns` null = all of them; 'count' = only their number. */
export interface Select {
  columns: string[] | null | 'count';
  entity: string;
  where: Comparison[];
  order: { column: string; descending: boolean }[];
  start: number;
  max: number;
}

interface Token {
  kind: 'word' | 'text' | 'symbol' | 'end';
  value: string;
  at: number;
}

const TOKEN = /\s*(?:'((?:[^'\\]|\\.)*)'|(<=|>=|[=<>(),*])|([A-Za-z0-9_.%+:-]+))/y;
const DEFAULT_ROWS = 100;
const MOST_ROWS = 1000;

/** Throws 4000 where the text does not follow the query language, 4001 for a page that cannot be. */
export function readSelect(query: string): Select {
  return select(cursorOver(tokensOf(query)));
}

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  const text = query.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw unexpected({ kind: 'symbol', value: text.slice(at).trim().slice(0, 1), at });
    const [, quoted, symbol, word] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll(/\\(.)/g, '$1'), at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', value: symbol, at });
    else tokens.push({ kind: 'word', value: word ?? '', at });
  }
  return [...tokens, { kind: 'end', value: '<EOF>', at: text.length }];
}

function unexpected({ value, at }: Token): Refused {
  return new Refused('4000', `QueryParserError: Encountered " "${value}" "" at line 1, column ${at + 1}.`);
}

/** Reads tokens one after the other. */
interface Cursor {
  peek(): Token;
  take(): Token;
  /** Takes the next token when it is this word or symbol, in any case. */
  takes(value: string): boolean;
  /** As `takes`; throws when it is another. */
  must(value: string): void;
  word(): string;
}

function cursorOver(tokens: readonly Token[]): Cursor {
  let index = 0;
  const peek = () => tokens[index]!;
  const take = () => {
    const token = peek();
    if (token.kind !== 'end') index += 1;
    return token;
  };
  const takes = (value: string) => {
    const isIt = peek().kind !== 'text' && peek().value.toLowerCase() === value;
    if (isIt) take();
    return isIt;
  };
  const must = (value: string) => {
    if (!takes(value)) throw unexpected(peek());
  };
  const word = () => {
    if (peek().kind !== 'word') throw unexpected(peek());
    return take().value;
  };
  return { peek, take, takes, must, word };
}

function select(cursor: Cursor): Select {
  cursor.must('select');
  const columns = columnsOf(cursor);
  cursor.must('from');
  const entity = cursor.word();
  const where = cursor.takes('where') ? comparisonsOf(cursor) : [];
  const page = { start: 1, max: DEFAULT_ROWS };
  let order: Select['order'] = [];
  while (cursor.peek().kind !== 'end') {
    if (cursor.takes('orderby')) order = orderOf(cursor);
    else if (cursor.takes('order')) {
      cursor.must('by');
      order = orderOf(cursor);
    } else if (cursor.takes('startposition')) page.start = wholeNumber(cursor, Number.MAX_SAFE_INTEGER);
    else if (cursor.takes('maxresults')) page.max = wholeNumber(cursor, MOST_ROWS);
    else throw unexpected(cursor.peek());
  }
  return { columns, entity, where, order, ...page };
}

function columnsOf(cursor: Cursor): Select['columns'] {
  if (cursor.takes('*')) return null;
  if (cursor.peek().value.toLowerCase() === 'count') {
    cursor.take();
    cursor.must('(');
    cursor.must('*');
    cursor.must(')');
    return 'count';
  }
  const columns = [cursor.word()];
  while (cursor.takes(',')) columns.push(cursor.word());
  return columns;
}

/** Comparisons are joined by AND; there is no OR, and nothing but these operators. */
function comparisonsOf(cursor: Cursor): Comparison[] {
  const comparisons = [comparisonOf(cursor)];
  while (cursor.takes('and')) comparisons.push(comparisonOf(cursor));
  return comparisons;
}

function comparisonOf(cursor: Cursor): Comparison {
  const column = cursor.word();
  if (cursor.takes('in')) {
    cursor.must('(');
    const values = [literalOf(cursor)];
    while (cursor.takes(',')) values.push(literalOf(cursor));
    cursor.must(')');
    return { column, operator: 'in', values };
  }
  if (cursor.takes('like')) return { column, operator: 'like', values: [literalOf(cursor)] };
  const token = cursor.take();
  const operator = (['=', '<', '>', '<=', '>='] as const).find((each) => each === token.value);
  if (token.kind !== 'symbol' || operator === undefined) throw unexpected(token);
  return { column, operator, values: [literalOf(cursor)] };
}

/** Texts, dates and numbers stand in single quotes; true and false may stand without. */
function literalOf(cursor: Cursor): string {
  const token = cursor.take();
  if (token.kind === 'text' || (token.kind === 'word' && /^(true|false|-?[\d.]+)$/i.test(token.value))) {
    return token.value;
  }
  throw unexpected(token);
}

function orderOf(cursor: Cursor): Select['order'] {
  const order: Select['order'] = [];
  do {
    const column = cursor.word();
    const descending = cursor.takes('desc') || cursor.takes('descending');
    if (!descending && !cursor.takes('asc')) cursor.takes('ascending');
    order.push({ column, descending });
  } while (cursor.takes(','));
  return order;
}

function wholeNumber(cursor: Cursor, max: number): number {
  const token = cursor.take();
  if (!/^\d{1,15}$/.test(token.value)) throw unexpected(token);
  const value = Number.parseInt(token.value, 10);
  if (value < 1) throw new Refused('4001', `QueryValidationError: value ${value} is too small. Min allowed value is 1`);
  if (value > max) {
    throw new Refused('4001', `QueryValidationError: value ${value} is too large. Max allowed value is ${max}`);
  }
  return value;
}
