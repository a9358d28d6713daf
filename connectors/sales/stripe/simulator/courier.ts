import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What is sent to a webhook address; the body byte for byte. */
export interface Parcel {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface CourierOptions {
  /** Milliseconds between one failed attempt and the next. */
  ladderMs: readonly number[];
  /** Milliseconds in which the receiver must have answered. */
  answerWithinMs: number;
}

export type Outcome = 'delivered' | 'given up' | 'stopped';

export interface Courier {
  /**
   * Tries at once, then by the ladder, with a parcel packed anew for each attempt; null = there is nobody to bring it
   * to any more. Resolves with the outcome, `stopped` when the courier was closed before.
   */
  send(pack: () => Parcel | null): { first: Promise<boolean>; outcome: Promise<Outcome> };
  close(): void;
}

/** Brings webhooks. Anything but a 2xx answer within the time is a failure, redirects included. */
export function courier({ ladderMs, answerWithinMs }: CourierOptions): Courier {
  const stop = new AbortController();
  const attempt = (parcel: Parcel) => post(parcel, AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)]));
  return {
    send: (pack) => {
      const parcel = pack();
      const first = parcel === null ? Promise.resolve(false) : attempt(parcel);
      const climb = async (): Promise<Outcome> => {
        if (await first) return 'delivered';
        for (const wait of ladderMs) {
          await pause(wait, stop.signal);
          if (stop.signal.aborted) return 'stopped';
          const again = pack();
          if (again === null) return 'given up';
          if (await attempt(again)) return 'delivered';
        }
        return stop.signal.aborted ? 'stopped' : 'given up';
      };
      return { first, outcome: climb() };
    },
    close: () => stop.abort(),
  };
}

function post({ url, headers, body }: Parcel, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body);
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = send(url, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': `${bytes.length}`, ...headers },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.on('error', () => resolve(false));
      answer.on('end', () => resolve(answer.statusCode! >= 200 && answer.statusCode! < 300));
    });
    outgoing.on('error', () => resolve(false));
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
