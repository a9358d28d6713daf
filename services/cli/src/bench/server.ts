import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What a server thread is told. */
export interface ServerOrder {
  shape: ServerShape;
  databaseUrl: string;
  /** Keys its connection's secrets are sealed with. */
  encryptionKeys: string;
  channel: string;
  companyId: string;
  connectionId: string;
  secret: string;
  /** Milliseconds its clock runs ahead, so that the sample's order is not of the future. */
  aheadMs: number;
  queuePrefix: string;
}

export type ServerShape = 'daybook' | 'no wake-up' | 'hub' | 'bare' | 'express' | 'insert each' | 'naive';

/** A stretch of time in which a job ran, milliseconds since 1970. */
export interface JobSpan {
  from: number;
  to: number;
}

/** A web server in a thread of its own. */
export interface BenchServer {
  /** Where its webhooks go. */
  url: string;
  /** Posting jobs that ended since the last call. */
  postings(): Promise<JobSpan[]>;
  close(): Promise<void>;
}

/** Starts one; threads of their own keep what one shape teaches the compiler from slowing down another. */
export async function startServer(order: ServerOrder, signal: AbortSignal): Promise<BenchServer> {
  const thread = new Worker(new URL('./server-thread.ts', import.meta.url), { workerData: order });
  const end = () => void thread.terminate();
  signal.addEventListener('abort', end);
  const ask = async <Answer>(question: string): Promise<Answer> => {
    const answer = once(thread, 'message') as Promise<[Answer]>;
    thread.postMessage(question);
    return (await answer)[0];
  };
  const [{ origin }] = (await once(thread, 'message')) as [{ origin: string }];
  return {
    url: `${origin}/webhooks/${order.channel}/${order.connectionId}`,
    postings: () => ask<JobSpan[]>('postings'),
    close: async () => {
      await ask('close');
      await thread.terminate();
      signal.removeEventListener('abort', end);
    },
  };
}
