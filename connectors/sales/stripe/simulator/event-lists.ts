import { LIST_PARAMS, page } from './lists.ts';
import { flagParam, listParam, onlyKnown, rangeParam, textParam } from './params.ts';
import { badParam, inTestMode, missing } from './refusals.ts';
import { eventBody } from './render.ts';
import type { Answer } from './routes.ts';
import type { AccountState } from './state.ts';
import type { Announcement } from './things.ts';

/** Events can be asked for this long. */
const KEPT_SECONDS = 30 * 24 * 3600;
const MOST_TYPES = 20;

/** `GET /v1/events`: of live mode and of the last 30 days, newest first. */
export const eventList: Answer = ({ state, params, view }) => {
  onlyKnown(params, [...LIST_PARAMS, 'created', 'type', 'types', 'delivery_success']);
  const tests = [
    rangeTest(rangeParam(params, 'created')),
    typeTest(textParam(params, 'type'), listParam(params, 'types')),
    deliveryTest(state, flagParam(params, 'delivery_success')),
  ];
  const items = state.events.filter((event) => event.live && isKept(event, view.at)).reverse();
  const fits = (event: Announcement) => tests.every((test) => test(event));
  const waiting = waitingFor(state);
  return page('/v1/events', params, { items, fits, what: 'event' }, (event) =>
    eventBody(event, view.books, waiting.get(event.id) ?? 0),
  );
};

/** `GET /v1/events/:id`. */
export const eventAnswer: Answer = ({ state, ids: [id = ''], params, view }) => {
  onlyKnown(params, ['expand']);
  const event = state.eventById.get(id);
  if (event === undefined || !isKept(event, view.at)) throw missing('event', id);
  if (!event.live) throw inTestMode('event', id);
  return eventBody(event, view.books, waitingFor(state).get(id) ?? 0);
};

type Test = (event: Announcement) => boolean;

const isKept = ({ created }: Announcement, at: number) => created > at - KEPT_SECONDS;

function rangeTest(within: (seconds: number) => boolean): Test {
  return ({ created }) => within(created);
}

function typeTest(type: string | undefined, types: readonly string[]): Test {
  if (type !== undefined && types.length > 0)
    throw badParam('types', 'You may only specify one of these parameters: type, types.');
  if (types.length > MOST_TYPES) throw badParam('types', `You may only specify up to ${MOST_TYPES} types.`);
  const wanted = type === undefined ? types : [type];
  // "charge.*" asks for everything about charges.
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  return (event) => wanted.length === 0 || wanted.some((pattern) => matches(pattern, event.type));
}

/** False finds what no endpoint has acknowledged yet or what was given up for one; true finds the others. */
function deliveryTest(state: AccountState, delivered: boolean | undefined): Test {
  if (delivered === undefined) return () => true;
  const waiting = waitingFor(state);
  return ({ id }) => delivered === (!waiting.has(id) && !state.givenUp.has(id));
}

/** How many deliveries of each event are not acknowledged. */
function waitingFor(state: AccountState): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { event } of state.pending.values()) counts.set(event, (counts.get(event) ?? 0) + 1);
  return counts;
}
