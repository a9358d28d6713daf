import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WebhookTemplate } from './sample.ts';

/** Webhooks to send. */
export interface Load {
  url: string;
  template: WebhookTemplate;
  connections: number;
  /** Milliseconds after which nothing new is sent. */
  forMs: number;
  /** Requests a second whatever the answers; as fast as they are answered without it. */
  perSecond?: number;
  /** So many different orders; without it the same order under ever new event ids. */
  orders?: number;
  /** Serial of the first order or event id: none is used twice in a run. */
  firstSerial: number;
}

export interface LoadResult {
  /** Answers of 200. */
  accepted: number;
  /** Other answers, counted by status. */
  refused: Record<string, number>;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  /** When the first request went out, milliseconds since 1970 with fractions. */
  startedAt: number;
}

/** Sends load from a thread of its own. */
export interface LoadGenerator {
  send(load: Omit<Load, 'firstSerial' | 'template'>): Promise<LoadResult>;
  close(): Promise<void>;
}

/** Starts the thread. `send` throws when a webhook was refused, because a shape that drops work is not comparable. */
export function startLoad(template: WebhookTemplate): LoadGenerator {
  const thread = new Worker(new URL('./load-thread.ts', import.meta.url));
  let serial = 0;
  return {
    async send(load) {
      const answer = once(thread, 'message') as Promise<[{ result?: LoadResult; failed?: string }]>;
      thread.postMessage({ ...load, template, firstSerial: serial } satisfies Load);
      const [{ result, failed }] = await answer;
      if (!result) throw new Error(`The load could not be sent: ${failed}`);
      const refused = Object.entries(result.refused).map(([status, count]) => `${count} × ${status}`);
      if (refused.length > 0) throw new Error(`${load.url} refused webhooks: ${refused.join(', ')}.`);
      serial += Math.max(load.orders ?? 0, result.accepted) + 1;
      return result;
    },
    close: async () => {
      await thread.terminate();
    },
  };
}
