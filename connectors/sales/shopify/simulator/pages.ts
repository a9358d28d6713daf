import { GraphQLError } from 'graphql';

/** Arguments of a connection. */
export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  reverse?: boolean | null;
}

/** Most objects a connection gives at once. */
const LARGEST_PAGE = 250;

interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: { startCursor: string | null; endCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean };
}

/**
 * A page of a list that is already in its order. A cursor names the object it stands at and what it was sorted by, so
 * that objects which moved meanwhile are neither skipped nor lost.
 */
export function connection<Item, Node>(
  sorted: readonly Item[],
  asked: PageArguments,
  keyOf: (item: Item) => { value: string; id: string },
  make: (item: Item) => Node,
): Connection<Node> {
  const size = pageSize(asked);
  const list = asked.reverse ? [...sorted].reverse() : sorted;
  const beyond = (cursor: string) => {
    const mark = readCursor(cursor);
    const order = asked.reverse ? -1 : 1;
    return (item: Item) => order * compareKeys(keyOf(item), mark);
  };
  const { after, before } = asked;
  const afterwards = after == null ? list : list.filter((item) => beyond(after)(item) > 0);
  const range = before == null ? afterwards : afterwards.filter((item) => beyond(before)(item) < 0);
  const fromEnd = asked.first == null;
  const page = fromEnd ? range.slice(Math.max(0, range.length - size)) : range.slice(0, size);
  const edges = page.map((item) => ({ cursor: writeCursor(keyOf(item)), node: make(item) }));
  const more = range.length > page.length;
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: fromEnd ? before != null : more,
      hasPreviousPage: fromEnd ? more : after != null,
    },
  };
}

/** A page of a list that belongs to one object and keeps its order. */
export function inner<Item, Node>(items: readonly Item[], asked: PageArguments, make: (item: Item) => Node) {
  const places = new Map(items.map((item, index) => [item, `${index}`.padStart(6, '0')]));
  return connection(items, asked, (item) => ({ value: places.get(item)!, id: '0' }), make);
}

/** The page size asked for. Throws BAD_REQUEST without one or above 250, like Shopify. */
export function pageSize({ first, last }: PageArguments): number {
  const size = first ?? last;
  if (size == null) throw badRequest('you must provide one of first or last');
  if (first != null && last != null) throw badRequest('providing both first and last is not supported');
  if (size < 1) throw badRequest('the page size must be at least 1');
  if (size > LARGEST_PAGE) throw badRequest(`the page size of ${size} exceeds the maximum of ${LARGEST_PAGE}`);
  return size;
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

function writeCursor(key: { value: string; id: string }): string {
  return Buffer.from(JSON.stringify({ last_id: key.id, last_value: key.value })).toString('base64');
}

function readCursor(cursor: string): { value: string; id: string } {
  try {
    const { last_id: id, last_value: value } = JSON.parse(Buffer.from(cursor, 'base64').toString());
    if (typeof id === 'string' && typeof value === 'string') return { value, id };
  } catch {
    // Refused below, like any other text that is no cursor.
  }
  throw badRequest('Invalid cursor for current pagination sort.');
}

/** By value, then by id as a number. */
export function compareKeys(a: { value: string; id: string }, b: { value: string; id: string }): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  const difference = BigInt(a.id) - BigInt(b.id);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
