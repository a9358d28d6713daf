import type { Json } from './answer.ts';
import { entityNamed } from './entities.ts';
import { type Operation, operate } from './operations.ts';
import { query } from './query.ts';
import { faultOf, missing, Refused } from './refusal.ts';
import { list, member, text } from './request.ts';
import type { Change } from './store.ts';
import type { Company } from './world.ts';

const MOST_ITEMS = 30;
/** With a requestid for the whole batch. */
const LONGEST_ITEM_ID = 10;

export interface BatchRequest {
  company: Company;
  now: number;
  hasRequestId: boolean;
  /** A change of its own for every item, committed when the item succeeded. */
  begin(): Change;
}

/**
 * Carries out each item by itself: one that is refused has a Fault where the others have their entity. Throws Refused
 * when the request as a whole is not one.
 */
export function batch(body: unknown, request: BatchRequest): Json {
  const items = list(body, 'BatchItemRequest');
  if (items.length === 0) throw missing('BatchItemRequest');
  if (items.length > MOST_ITEMS) {
    throw new Refused('1040', `The batch size exceeds the allowed limit of ${MOST_ITEMS} items.`);
  }
  for (const item of items) checkItem(item, request.hasRequestId);
  return { BatchItemResponse: items.map((item) => ({ ...answerItem(item, request), bId: text(item, 'bId') ?? '' })) };
}

function checkItem(item: unknown, hasRequestId: boolean): void {
  const id = text(item, 'bId');
  if (id === null) throw missing('bId');
  if (hasRequestId && id.length > LONGEST_ITEM_ID) {
    throw new Refused(
      '2130',
      `Invalid Request Id Format : with a requestid a bId has at most ${LONGEST_ITEM_ID} characters.`,
    );
  }
}

function answerItem(item: unknown, request: BatchRequest): Json {
  const change = request.begin();
  try {
    const answered = runItem(item, request, change);
    change.commit();
    return answered;
  } catch (problem) {
    change.rollback();
    if (problem instanceof Refused) return { Fault: faultOf(problem) };
    throw problem;
  }
}

const OPERATIONS: readonly Operation[] = ['create', 'update', 'delete', 'void'];

function runItem(item: unknown, { company, now }: BatchRequest, change: Change): Json {
  const statement = text(item, 'Query');
  if (statement !== null) return { QueryResponse: query(company, statement) };
  const entity = Object.keys(item as Json)
    .map((name) => entityNamed(name))
    .find((each) => each !== undefined);
  if (entity === undefined) throw new Refused('500', 'Operation null is not supported.');
  const include = new Set((text(item, 'optionsData') ?? '').split(',').map((word) => word.trim()));
  const said = OPERATIONS.find((each) => each === text(item, 'operation'));
  if (said === undefined) throw new Refused('500', `Operation ${text(item, 'operation') ?? 'null'} is not supported.`);
  const operation = said === 'update' && include.has('void') ? 'void' : said;
  const context = { company, change, now, include, byHand: false };
  return { [entity]: operate(entity, operation, member(item, entity), context) };
}
