import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One piece of work done by a stage. Connector is the id of its folder, or `none`. */
export interface Worked {
  /** Which step of the way: normalize, post, push, poll, refresh … */
  stage: string;
  connector: string;
  /** How it ended: ok, retry, issue, ignored … A fixed set of words, never a message. */
  outcome: string;
  seconds: number;
  /** Events in the batch; 1 when not given. */
  events?: number;
}

/** What a queue reports, as `Queues.depth()` answers it. */
export interface QueueLoad {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  oldestAgeMs: number | null;
}

export interface Telemetry {
  worked(work: Worked): void;
  /** A webhook was answered; outcome stored, duplicate, refused_signature … */
  delivered(connector: string, outcome: string): void;
  /** What `/metrics` answers, in Prometheus text format. */
  metricsText(): Promise<string>;
  contentType: string;
}

/** From a millisecond to five minutes: a posted batch takes milliseconds, a push waits for the provider. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/**
 * Opens a registry of its own, so that two hubs in one test do not share numbers. `queueDepth` is asked at each scrape;
 * when it fails, the scrape still answers, without queue numbers and with `daybook_queue_up 0`.
 */
export function createTelemetry(options: { queueDepth?: () => Promise<Record<string, QueueLoad>> } = {}): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ['stage', 'connector', 'outcome'];
  const seconds = new Histogram({
    name: 'daybook_work_seconds',
    help: 'Time one piece of work took, batches as a whole.',
    labelNames,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const events = new Counter({
    name: 'daybook_work_events_total',
    help: 'Events that went through a stage.',
    labelNames,
    registers,
  });
  const deliveries = new Counter({
    name: 'daybook_deliveries_total',
    help: 'Webhook requests by outcome.',
    labelNames: ['connector', 'outcome'],
    registers,
  });
  const refresh = options.queueDepth ? queueGauges(registers, options.queueDepth) : async () => {};
  return {
    contentType: registry.contentType,
    worked({ stage, connector, outcome, seconds: took, events: count = 1 }) {
      const labels = { stage, connector, outcome };
      seconds.observe(labels, took);
      events.inc(labels, count);
    },
    delivered(connector, outcome) {
      deliveries.inc({ connector, outcome });
    },
    async metricsText() {
      await refresh();
      return registry.metrics();
    },
  };
}

function queueGauges(registers: Registry[], queueDepth: () => Promise<Record<string, QueueLoad>>) {
  const up = new Gauge({ name: 'daybook_queue_up', help: '1 when the queue answers.', registers });
  const jobs = new Gauge({
    name: 'daybook_queue_jobs',
    help: 'Jobs in the queue by state.',
    labelNames: ['queue', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'daybook_queue_oldest_seconds',
    help: 'Age of the longest waiting job; 0 when none waits.',
    labelNames: ['queue'],
    registers,
  });
  return async () => {
    const depth = await queueDepth().catch(() => null);
    up.set(depth ? 1 : 0);
    jobs.reset();
    oldest.reset();
    for (const [queue, { oldestAgeMs, ...states }] of Object.entries(depth ?? {})) {
      for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
      oldest.set({ queue }, (oldestAgeMs ?? 0) / 1_000);
    }
  };
}
