import type { Order } from './order.ts';
import { type Fields, search } from './search.ts';

/** Keys that sort orders. */
export const SORT_KEYS: Readonly<Record<string, (order: Order) => string>> = {
  CREATED_AT: (order) => order.createdAt,
  PROCESSED_AT: (order) => order.createdAt,
  UPDATED_AT: (order) => order.updatedAt,
  ID: (order) => order.id.padStart(20, '0'),
  ORDER_NUMBER: (order) => `${order.number}`.padStart(12, '0'),
};

const FIELDS: Fields<Order> = {
  instants: {
    created_at: (order) => order.createdAt,
    processed_at: (order) => order.createdAt,
    updated_at: (order) => order.updatedAt,
  },
  words: {
    name: (order, value) => `#${order.number}` === value || `${order.number}` === value,
    id: (order, value) => order.id === value,
    // Any other status is a filter that is not known here, and finds everything.
    status: () => true,
  },
};

/** The test a search query makes of an order, and the filters it left out. */
export function orderSearch(query: string | null | undefined) {
  return search(query, FIELDS);
}
