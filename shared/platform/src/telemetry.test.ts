import { expect, test } from 'vitest';
import { createTelemetry } from './telemetry.ts';

const idle = { waiting: 0, active: 0, delayed: 0, failed: 0, oldestAgeMs: null };

test('work is counted by stage, connector and outcome, with its duration and its events', async () => {
  const telemetry = createTelemetry();
  telemetry.worked({ stage: 'post', connector: 'demo', outcome: 'ok', seconds: 0.2, events: 300 });
  telemetry.worked({ stage: 'post', connector: 'demo', outcome: 'ok', seconds: 0.3 });
  telemetry.worked({ stage: 'push', connector: 'demo', outcome: 'retry', seconds: 2 });
  const text = await telemetry.metricsText();
  expect(text).toContain('daybook_work_seconds_sum{stage="post",connector="demo",outcome="ok"} 0.5');
  expect(text).toContain('daybook_work_seconds_count{stage="post",connector="demo",outcome="ok"} 2');
  expect(text).toContain('daybook_work_seconds_bucket{le="0.25",stage="post",connector="demo",outcome="ok"} 1');
  expect(text).toContain('daybook_work_events_total{stage="post",connector="demo",outcome="ok"} 301');
  expect(text).toContain('daybook_work_seconds_count{stage="push",connector="demo",outcome="retry"} 1');
});

test('webhook requests are counted by outcome', async () => {
  const telemetry = createTelemetry();
  telemetry.delivered('demo', 'stored');
  telemetry.delivered('demo', 'stored');
  telemetry.delivered('demo', 'duplicate');
  const text = await telemetry.metricsText();
  expect(text).toContain('daybook_deliveries_total{connector="demo",outcome="stored"} 2');
  expect(text).toContain('daybook_deliveries_total{connector="demo",outcome="duplicate"} 1');
});

test('the queue is asked at each scrape', async () => {
  let waiting = 4;
  const telemetry = createTelemetry({
    queueDepth: async () => ({ events: { ...idle, waiting, oldestAgeMs: waiting > 0 ? 1_500 : null } }),
  });
  const busy = await telemetry.metricsText();
  expect(busy).toContain('daybook_queue_jobs{queue="events",state="waiting"} 4');
  expect(busy).toContain('daybook_queue_oldest_seconds{queue="events"} 1.5');
  waiting = 0;
  const quiet = await telemetry.metricsText();
  expect(quiet).toContain('daybook_queue_jobs{queue="events",state="waiting"} 0');
  expect(quiet).toContain('daybook_queue_oldest_seconds{queue="events"} 0');
  expect(quiet).toContain('daybook_queue_up 1');
});

test('a queue that is away does not take the other numbers with it', async () => {
  let away = false;
  const telemetry = createTelemetry({
    queueDepth: async () => {
      if (away) throw new Error('connection refused');
      return { events: { ...idle, waiting: 4 } };
    },
  });
  telemetry.delivered('demo', 'stored');
  await telemetry.metricsText();
  away = true;
  const text = await telemetry.metricsText();
  expect(text).toContain('daybook_queue_up 0');
  expect(text).toContain('daybook_deliveries_total{connector="demo",outcome="stored"} 1');
  expect(text, 'no stale numbers').not.toContain('queue="events"');
});

test('two hubs in one process do not share numbers', async () => {
  const [one, other] = [createTelemetry(), createTelemetry()];
  one.delivered('demo', 'stored');
  expect(await other.metricsText()).not.toContain('connector="demo"');
});
