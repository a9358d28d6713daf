import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What is sent to a webhook address; the body byte for byte. JSON unless the headers say otherwise. */
export interface Parcel {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Status of the answer; null when there was none in time. */
export type Answered = number | null;

export interface CourierOptions {
  /** Milliseconds between one failed attempt and the next. */
  ladderMs: readonly number[];
  /** Milliseconds in which the receiver must have answered. */
  answerWithinMs: number;
}

/** Makes the parcel of an attempt, counted from 0, knowing how the one before went; null = nothing to send any more. */
export type Packing = (attempt: number, before: Answered) => Parcel | null;

/** How a delivery ended; `stopped` = the courier was closed before. */
export type Outcome = 'delivered' | 'given up' | 'stopped';

export interface Courier {
  /** Tries at once, then by the ladder. `first` resolves after the first attempt, `outcome` after the last. */
  send(pack: Packing): { first: Promise<Answered>; outcome: Promise<Outcome> };
  /** One attempt and no more. */
  attempt(parcel: Parcel): Promise<Answered>;
  close(): void;
}

/** Brings a simulator's webhooks. Anything but a 2xx answer within the time is a failure, redirects included. */
export function courier({ ladderMs, answerWithinMs }: CourierOptions): Courier {
  const stop = new AbortController();
  const attempt = (parcel: Parcel) => post(parcel, AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)]));
  const send = (pack: Packing) => {
    const parcel = pack(0, null);
    const first = parcel === null ? Promise.resolve(null) : attempt(parcel);
    const climb = async (): Promise<Outcome> => {
      let answered = await first;
      for (const [index, wait] of ladderMs.entries()) {
        if (isTaken(answered)) return 'delivered';
        await pause(wait, stop.signal);
        if (stop.signal.aborted) return 'stopped';
        const again = pack(index + 1, answered);
        if (again === null) return 'given up';
        answered = await attempt(again);
      }
      if (isTaken(answered)) return 'delivered';
      return stop.signal.aborted ? 'stopped' : 'given up';
    };
    return { first, outcome: climb() };
  };
  return { send, attempt, close: () => stop.abort() };
}

/** Sends in order, each first attempt after the other; resolves when every one was acknowledged or given up. */
export async function sendInOrder<Delivery>(
  deliveries: readonly Delivery[],
  bring: (delivery: Delivery) => { first: Promise<unknown>; finished: Promise<void> },
): Promise<void> {
  const outcomes: Promise<void>[] = [];
  for (const delivery of deliveries) {
    const { first, finished } = bring(delivery);
    outcomes.push(finished);
    await first;
  }
  await Promise.all(outcomes);
}

function isTaken(answered: Answered): boolean {
  return answered !== null && answered >= 200 && answered < 300;
}

function post({ url, headers, body }: Parcel, signal: AbortSignal): Promise<Answered> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body);
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = send(url, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', 'content-length': `${bytes.length}`, ...headers },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.on('error', () => resolve(null));
      answer.on('end', () => resolve(answer.statusCode ?? null));
    });
    outgoing.on('error', () => resolve(null));
    outgoing.end(bytes);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
