import type { Order } from './order.ts';

/** Keys that sort orders. */
export const SORT_KEYS: Readonly<Record<string, (order: Order) => string>> = {
  CREATED_AT: (order) => order.createdAt,
  PROCESSED_AT: (order) => order.createdAt,
  UPDATED_AT: (order) => order.updatedAt,
  ID: (order) => order.id.padStart(20, '0'),
  ORDER_NUMBER: (order) => `${order.number}`.padStart(12, '0'),
};

const TERM = /(?:^|\s)([a-z_]+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))/g;

const INSTANTS: Readonly<Record<string, (order: Order) => string>> = {
  created_at: (order) => order.createdAt,
  processed_at: (order) => order.createdAt,
  updated_at: (order) => order.updatedAt,
};

/**
 * The test a search query makes of an order: instants compared, `name` and `id` equal, terms joined by AND. A filter
 * it does not know is left out and named in `ignored`, as Shopify does with a warning.
 */
export function orderSearch(query: string | null | undefined): { fits: (order: Order) => boolean; ignored: string[] } {
  const ignored: string[] = [];
  const tests: ((order: Order) => boolean)[] = [];
  for (const [, name, comparator = '', single, double, plain] of (query ?? '').matchAll(TERM)) {
    const value = single ?? double ?? plain ?? '';
    const test = termTest(name!, comparator, value);
    if (test === null) ignored.push(name!);
    else tests.push(test);
  }
  return { fits: (order) => tests.every((test) => test(order)), ignored };
}

function termTest(name: string, comparator: string, value: string): ((order: Order) => boolean) | null {
  const instant = INSTANTS[name];
  if (instant !== undefined) {
    const limit = Date.parse(value);
    if (Number.isNaN(limit)) return null;
    return (order) => compares(Date.parse(instant(order)) - limit, comparator);
  }
  if (name === 'name') return (order) => `#${order.number}` === value || `${order.number}` === value;
  if (name === 'id') return (order) => order.id === value;
  if (name === 'status' && value === 'any') return () => true;
  return null;
}

function compares(difference: number, comparator: string): boolean {
  switch (comparator) {
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    default:
      return difference === 0;
  }
}
