import type { IQueueBackend, Processor, Queue, Worker } from 'bullmq';

export const QUEUES = ['deliveries', 'events', 'documents', 'imports', 'maintenance'] as const;
export type QueueName = (typeof QUEUES)[number];

/** BullMQ's classes, whatever stands behind them. `never`: nobody opens further connections from their options. */
export type BullQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend, never>;
export type BullWorker = Worker<unknown, void, string, IQueueBackend, never>;
export type BullProcessor = Processor<unknown, void, string>;

export interface WorkerLimits {
  concurrency: number;
  /** Milliseconds after which the job of a worker that went silent is given to another. Renewed while it works. */
  lockDuration: number;
  /** Milliseconds between two looks for such jobs. */
  stalledInterval: number;
  /** How often one job may go silent before BullMQ drops it. */
  maxStalledCount: number;
  /** Milliseconds to wait after losing the connection. */
  runRetryDelay: number;
}

/** What the two backends have to supply; everything else is the same for both. */
export interface QueueBackend {
  name: 'postgresql' | 'redis';
  openQueue(name: QueueName): BullQueue;
  openWorker(name: QueueName, processor: BullProcessor, limits: WorkerLimits): BullWorker;
  /** Ends the connections it opened; called after all queues and workers are closed. */
  close(): Promise<void>;
}

/** The queue cannot be opened, or a command did not reach it. The message says which backend and what to do. */
export class QueueUnreachable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'QueueUnreachable';
  }
}

/** BullMQ keeps its own event log, which nobody here reads; this keeps it short. */
export const EVENT_LOG_LENGTH = 100;
