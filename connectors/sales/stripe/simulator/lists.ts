import { type Params, textParam, wholeParam } from './params.ts';
import { badParam, missing } from './refusals.ts';
import type { Json, JsonObject } from './wire.ts';

/** Parameters that every list takes. */
export const LIST_PARAMS = ['limit', 'starting_after', 'ending_before', 'expand'] as const;

const MOST = 100;
const USUAL = 10;

/**
 * A page of a list. `items` is the whole list in its order; a cursor is the id of one of its objects, also of one
 * that the filters leave out. Throws what Stripe answers to limits and cursors it does not take.
 */
export function page<Item extends { id: string }>(
  url: string,
  params: Params,
  { items, fits, what }: { items: readonly Item[]; fits: (item: Item) => boolean; what: string },
  render: (item: Item) => Json,
): JsonObject {
  const limit = limitOf(params);
  const after = textParam(params, 'starting_after');
  const before = textParam(params, 'ending_before');
  if (after !== undefined && before !== undefined)
    throw badParam(
      'ending_before',
      'Received both starting_after and ending_before parameters. Please pass in only one.',
    );
  const place = (cursor: string, param: string) => {
    const index = items.findIndex(({ id }) => id === cursor);
    if (index < 0) throw missing(what, cursor, param);
    return index;
  };
  const from = after === undefined ? 0 : place(after, 'starting_after') + 1;
  const to = before === undefined ? items.length : place(before, 'ending_before');
  const range = items.slice(from, to).filter(fits);
  // Before a cursor the page is the part of the list that ends at it.
  const shown = before === undefined ? range.slice(0, limit) : range.slice(Math.max(0, range.length - limit));
  return { object: 'list', data: shown.map(render), has_more: range.length > shown.length, url };
}

function limitOf(params: Params): number {
  const text = textParam(params, 'limit');
  if (text === undefined) return USUAL;
  const limit = wholeParam(text, 'limit');
  if (limit < 1) throw badParam('limit', 'This value must be greater than or equal to 1.', 'parameter_invalid_integer');
  if (limit > MOST)
    throw badParam('limit', `This value must be less than or equal to ${MOST}.`, 'parameter_invalid_integer');
  return limit;
}
