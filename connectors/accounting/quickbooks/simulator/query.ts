import type { Json } from './answer.ts';
import { type Column, type ColumnKind, DOCUMENT_COLUMNS, ROW_COLUMNS, TAX_COLUMNS } from './columns.ts';
import { compare, parseDecimal } from './decimal.ts';
import { propertiesOf } from './fields.ts';
import { parseInstant } from './instants.ts';
import { type Comparison, readSelect, type Select } from './query-text.ts';
import { Refused } from './refusal.ts';
import { renderDocument, renderRow } from './render.ts';
import { member } from './request.ts';
import { renderCompany, renderCurrency, renderPreferences, renderTaxCode, renderTaxRate } from './settings.ts';
import { type Company, DOCUMENT_ENTITIES, LIST_ENTITIES } from './world.ts';

/** Rows of one entity, and how a query reads them. */
interface Source<Row> {
  entity: string;
  rows(): Row[];
  columns: Readonly<Record<string, Column<Row>>>;
  render(row: Row): Json;
  /** Whether a row that is inactive is left out unless the query asks for it. */
  isActive?(row: Row): boolean;
}

/** Answers a select statement as QueryResponse holds it. Throws 4000 and 4001. */
export function query(company: Company, text: string): Json {
  const select = readSelect(text);
  return run(sourceOf(company, select.entity), select, company);
}

/** Where the rows of an entity come from; the name in any case. */
function sourceOf(company: Company, entity: string): Source<unknown> {
  const wanted = entity.toLowerCase();
  const kind = DOCUMENT_ENTITIES.find((each) => each.toLowerCase() === wanted);
  if (kind) {
    const live = () =>
      [...company.documents.values()].filter((each) => each.entity === kind && each.state !== 'deleted').reverse();
    return source({
      entity: kind,
      rows: live,
      columns: DOCUMENT_COLUMNS[kind],
      render: (row) => renderDocument(company, row),
    });
  }
  const listed = LIST_ENTITIES.find((each) => each.toLowerCase() === wanted);
  if (listed) {
    const rows = () =>
      [...company.rows.values()]
        .filter((row) => row.entity === listed)
        .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    return source({
      entity: listed,
      rows,
      columns: ROW_COLUMNS[listed],
      render: (row) => renderRow(company, row),
      isActive: (row) => row.active,
    });
  }
  const other = settingSources(company).find((each) => each.entity.toLowerCase() === wanted);
  if (other) return other;
  throw new Refused('4000', `QueryParserError: Invalid context declaration: ${entity}`);
}

function settingSources(company: Company): Source<unknown>[] {
  const { taxes } = company;
  const foreign = company.enabledCurrencies.slice(1).map((code, index) => ({ id: String(index + 1), code }));
  return [
    source({ entity: 'TaxCode', rows: () => taxes.codes, columns: TAX_COLUMNS.TaxCode, render: renderTaxCode(taxes) }),
    source({ entity: 'TaxRate', rows: () => taxes.rates, columns: TAX_COLUMNS.TaxRate, render: renderTaxRate }),
    source({ entity: 'CompanyCurrency', rows: () => foreign, columns: {}, render: renderCurrency }),
    source({ entity: 'CompanyInfo', rows: () => [company], columns: {}, render: renderCompany }),
    source({ entity: 'Preferences', rows: () => [company], columns: {}, render: renderPreferences }),
  ];
}

/** Rows differ per entity; a query only passes them from one function of its source to another. */
function source<Row>(of: Source<Row>): Source<unknown> {
  return of as unknown as Source<unknown>;
}

function run(from: Source<unknown>, select: Select, company: Company): Json {
  const tests = select.where.map((comparison) => testOf(from, comparison, company));
  const asksForInactive = select.where.some(({ column }) => column.toLowerCase() === 'active');
  const found = from
    .rows()
    .filter((row) => asksForInactive || from.isActive?.(row) !== false)
    .filter((row) => tests.every((test) => test(row)));
  if (select.columns === 'count') return { totalCount: found.length };
  const { columns } = select;
  for (const name of columns ?? []) selectable(from, name);
  const sorted = sort(found, from, select.order, company);
  const page = sorted.slice(select.start - 1, select.start - 1 + select.max);
  if (page.length === 0) return {};
  const rendered = page.map((row) => (columns ? chosen(from.render(row), columns) : from.render(row)));
  return { [from.entity]: rendered, startPosition: select.start, maxResults: page.length };
}

function columnOf(from: Source<unknown>, name: string): Column<unknown> {
  const key = Object.keys(from.columns).find((each) => each.toLowerCase() === name.toLowerCase());
  if (key !== undefined) return from.columns[key]!;
  if (!isProperty(from, name)) throw unknownProperty(from, name);
  throw new Refused('4001', `QueryValidationError: property '${name}' is not queryable`);
}

/** Objects such as addresses can be had with everything else only. */
const WHOLE_ONLY = ['Address', 'Phone'];

function selectable(from: Source<unknown>, name: string): void {
  const [first = ''] = name.split('.');
  const shape = [...propertiesOf(from.entity)].find(([each]) => each.toLowerCase() === first.toLowerCase())?.[1];
  if (!isProperty(from, first) || WHOLE_ONLY.includes(shape ?? '')) throw unknownProperty(from, name);
}

function isProperty(from: Source<unknown>, name: string): boolean {
  const [first = ''] = name.toLowerCase().split('.');
  const known = [...propertiesOf(from.entity).keys(), ...Object.keys(from.columns)];
  return known.some((each) => each.toLowerCase() === first);
}

function unknownProperty(from: Source<unknown>, name: string): Refused {
  return new Refused('4001', `QueryValidationError: Property ${name} not found for Entity ${from.entity}`);
}

/** The asked-for properties of an entity; the rest of it is left out, as `sparse` says. */
function chosen(body: Json, columns: readonly string[]): Json {
  const wanted = columns.map((column) => column.split('.')[0]!.toLowerCase());
  const kept = Object.keys(body).filter((name) => wanted.includes(name.toLowerCase()));
  return { domain: 'QBO', sparse: true, ...Object.fromEntries(kept.map((name) => [name, member(body, name)])) };
}

function testOf(from: Source<unknown>, comparison: Comparison, company: Company): (row: unknown) => boolean {
  const { kind, read } = columnOf(from, comparison.column);
  const { operator, values } = comparison;
  if (operator === 'like') {
    const pattern = (values[0] ?? '').split('%').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const expression = new RegExp(`^${pattern.join('.*')}$`, 'is');
    return (row) => expression.test(read(row, company) ?? '');
  }
  const wanted = values.map((value) => comparable(kind, value, comparison.column));
  return (row) => {
    const value = read(row, company);
    if (value === null) return false;
    const orders = wanted.map((each) => order(kind, value, each));
    if (operator === 'in' || operator === '=') return orders.includes(0);
    const [first = 0] = orders;
    if (operator === '<') return first < 0;
    if (operator === '>') return first > 0;
    return operator === '<=' ? first <= 0 : first >= 0;
  };
}

/** A value of a where clause in the form its column has. Throws 4001 when it has not that form. */
function comparable(kind: ColumnKind, value: string, column: string): string {
  const wrong = () => new Refused('4001', `QueryValidationError: value for ${column} is not valid`);
  if (kind === 'instant' || kind === 'day') {
    const instant = parseInstant(value);
    if (instant === null) throw wrong();
    return kind === 'day' ? value.slice(0, 10) : String(instant);
  }
  if (kind === 'number' && parseDecimal(value) === null) throw wrong();
  return kind === 'boolean' ? value.toLowerCase() : value;
}

function order(kind: ColumnKind, a: string, b: string): number {
  if (kind === 'number' || kind === 'instant') return compare(parseDecimal(a)!, parseDecimal(b)!);
  const [first, second] = [parseDecimal(a), parseDecimal(b)];
  if (kind === 'id' && first && second) return compare(first, second);
  return a < b ? -1 : a > b ? 1 : 0;
}

function sort(rows: unknown[], from: Source<unknown>, by: Select['order'], company: Company): unknown[] {
  const keys = by.map(({ column, descending }) => ({ ...columnOf(from, column), descending }));
  return rows.sort((a, b) => {
    for (const { kind, read, descending } of keys) {
      const result = order(kind, read(a, company) ?? '', read(b, company) ?? '');
      if (result !== 0) return descending ? -result : result;
    }
    return 0;
  });
}
