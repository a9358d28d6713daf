import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ChangePage, ChangeRange } from '../../kit/contract.ts';
import { callerOf } from './client.ts';
import { FEEDS, lastChange } from './feeds.ts';

/** Square's lists are eventually consistent, so every window starts this much before the end of the last one. */
const OVERLAP_MS = 5 * 60_000;

/** Where reading goes on. */
interface Position {
  /** Start of the window, UTC ISO. */
  from: string;
  /** Places before this one are done; '' = none is. */
  place: string;
  /** How far that place was read; '' = from the start of the window. */
  at: string;
}

/**
 * Objects of a feed changed since the cursor, place by place, oldest first where Square can list them so. The cursor
 * of a page in the middle says in which place and how far, so that a run that is throttled or killed goes on there;
 * that of the last page is the end of the window. Throws ConnectorError `unsupported` for a feed there is none of, and
 * what the calls throw, after handing over what was read before.
 */
export async function* changesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const feed = FEEDS[range.feed];
  if (!feed) {
    const message = `Square has nothing called "${range.feed}" to poll.`;
    throw new ConnectorError('unsupported', message, { code: 'CHANNEL_REFUSED' });
  }
  const caller = callerOf(api);
  const position = positionOf(range);
  const places = (await feed.places(caller)).filter((place) => place >= position.place);
  let held: ChangePage | undefined;
  try {
    for (const place of places) {
      const from = place === position.place && position.at !== '' ? position.at : position.from;
      for await (const page of feed.pages({ place, from, to: range.to }, caller)) {
        const deliveries = await feed.dressed(page, place, caller);
        if (deliveries.length === 0) continue;
        if (held) yield held;
        const at = feed.inOrder ? lastChange(page) : '';
        held = { deliveries, cursor: [position.from, place, at].join(SEPARATOR) };
      }
    }
  } catch (failure) {
    if (held) yield held;
    throw failure;
  }
  if (held) yield { ...held, cursor: range.to };
}

const SEPARATOR = '|';

function positionOf({ cursor, from }: ChangeRange): Position {
  if (cursor === null) return { from, place: '', at: '' };
  const [start = from, place, at = ''] = cursor.split(SEPARATOR);
  if (place !== undefined) return { from: start, place, at };
  return { from: new Date(Date.parse(start) - OVERLAP_MS).toISOString(), place: '', at: '' };
}
