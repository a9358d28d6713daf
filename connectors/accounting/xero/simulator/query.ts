/** The `where` language of GET requests, as far as it is needed: comparisons joined by AND, or by OR. */
export type Fields<Row> = Readonly<Record<string, (row: Row) => string | null | undefined>>;

export class QueryProblem extends Error {}

interface Comparison {
  path: string;
  operator: string;
  value: string | null;
}

const PATH = /([A-Za-z]+(?:\.[A-Za-z]+)*)/;
const VALUE =
  /(?:"((?:[^"\\]|\\.)*)"|guid\(\s*"([0-9a-fA-F-]{36})"\s*\)|(null|true|false)|(DateTime\(\s*\d{4}\s*,\s*\d{1,2}\s*,\s*\d{1,2}\s*\)))/;
const JOINT = /(AND|OR|&&|\|\|)?/;
const COMPARISON = new RegExp(
  `^\\s*${PATH.source}\\s*(==|!=|>=|<=|=|>|<)\\s*${VALUE.source}\\s*${JOINT.source}\\s*`,
  'i',
);

/** Throws QueryProblem with Xero's wording when the filter cannot be read or names an unknown field. */
export function filter<Row>(where: string | undefined, fields: Fields<Row>): (row: Row) => boolean {
  if (where === undefined || where.trim() === '') return () => true;
  const { comparisons, any } = parse(where);
  const tests = comparisons.map((comparison) => {
    const read = fields[comparison.path];
    if (!read) throw new QueryProblem(`No property or field '${comparison.path}' exists`);
    return (row: Row) => holds(read(row) ?? null, comparison);
  });
  return any ? (row) => tests.some((test) => test(row)) : (row) => tests.every((test) => test(row));
}

function parse(where: string): { comparisons: Comparison[]; any: boolean } {
  const comparisons: Comparison[] = [];
  const joints = new Set<string>();
  let rest = where;
  let joint: string | undefined = 'AND';
  while (joint !== undefined) {
    const match = COMPARISON.exec(rest);
    if (!match) throw new QueryProblem(`Unexpected token in where clause near '${rest.slice(0, 40)}'`);
    const [whole, path, operator, quoted, guid, word, day] = match;
    const value =
      quoted?.replaceAll(/\\(.)/g, '$1') ??
      guid ??
      dayIn(day) ??
      (word?.toLowerCase() === 'null' ? null : (word ?? null));
    comparisons.push({ path: path!, operator: operator!, value });
    rest = rest.slice(whole.length);
    joint = match[7]?.toUpperCase();
    if (joint !== undefined) joints.add(joint === '||' || joint === 'OR' ? 'OR' : 'AND');
  }
  if (rest !== '' || joints.size > 1)
    throw new QueryProblem(`Unexpected token in where clause near '${rest.slice(0, 40)}'`);
  return { comparisons, any: joints.has('OR') };
}

/** `DateTime(2026, 11, 9)` → 2026-11-09, as fields hold their dates. */
function dayIn(text: string | undefined): string | undefined {
  const parts = text?.match(/\d+/g);
  return parts?.map((part) => part.padStart(2, '0')).join('-');
}

function holds(field: string | null, { operator, value }: Comparison): boolean {
  if (operator === '!=') return !sameText(field, value);
  if (operator === '==' || operator === '=') return sameText(field, value);
  if (field === null || value === null) return false;
  if (operator === '<') return field < value;
  if (operator === '>') return field > value;
  return operator === '<=' ? field <= value : field >= value;
}

/** Ids compare without regard to case; so does Xero compare texts. */
function sameText(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : a.toLowerCase() === b.toLowerCase();
}

export interface Page {
  page: number;
  pageSize: number;
}

/** Page wanted, or null for an unpaged list. */
export function pageOf(query: Readonly<Record<string, string>>): Page | null {
  const page = query.page === undefined ? null : wholeNumber(query.page);
  if (page === null) return null;
  const size = query.pagesize === undefined ? 100 : (wholeNumber(query.pagesize) ?? 100);
  return { page, pageSize: Math.min(size, 1000) };
}

function wholeNumber(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text) ? Number.parseInt(text, 10) : null;
}

/** The rows of a page and what Xero says about it. */
export function slice<Row>(rows: readonly Row[], page: Page | null) {
  if (page === null) return { rows, pagination: undefined };
  const start = (page.page - 1) * page.pageSize;
  return {
    rows: rows.slice(start, start + page.pageSize),
    pagination: {
      page: page.page,
      pageSize: page.pageSize,
      pageCount: Math.ceil(rows.length / page.pageSize),
      itemCount: rows.length,
    },
  };
}

/** Sorts by `order=Field DESC`; without it the oldest comes first. */
export function ordered<Row>(rows: Row[], order: string | undefined, fields: Fields<Row>): Row[] {
  if (order === undefined) return rows;
  const match = /^\s*([A-Za-z.]+)(?:\s+(ASC|DESC))?\s*$/i.exec(order);
  const read = match && fields[match[1]!];
  if (!match || !read) throw new QueryProblem(`No property or field '${order}' exists`);
  const direction = match[2]?.toUpperCase() === 'DESC' ? -1 : 1;
  const key = (row: Row) => read(row) ?? '';
  return rows.sort((a, b) => (key(a) < key(b) ? -direction : key(a) > key(b) ? direction : 0));
}
