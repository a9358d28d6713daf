import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen } from './simulator.ts';
import { type Faults, simulatorFaults } from './simulator-faults.ts';

describe('faults of a simulator', () => {
  let faults: Faults;
  let base: string;
  let worked: string[];
  let close: () => Promise<void>;

  beforeEach(async () => {
    faults = simulatorFaults();
    worked = [];
    const app = express();
    app.use(faults.middleware);
    app.use((request, response) => {
      worked.push(request.path);
      response.json({ done: request.path });
    });
    const listening = await listen(app);
    base = listening.url;
    close = listening.close;
  });
  afterEach(() => close());

  test('a status fault answers as told and the work is not done', async () => {
    faults.inject({ kind: 'status', count: 1, status: 429, headers: { 'retry-after': '2' }, body: '{"no":1}' });
    const answer = await fetch(`${base}/a`);
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([429, '2', '{"no":1}']);
    expect(worked).toEqual([]);
    expect(await (await fetch(`${base}/a`)).json()).toEqual({ done: '/a' });
  });

  test('html and empty faults answer something that is not the expected JSON', async () => {
    faults.inject({ kind: 'html', count: 1 });
    faults.inject({ kind: 'empty', count: 1 });
    const html = await fetch(base);
    expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
    const empty = await fetch(base);
    expect([empty.status, await empty.text()]).toEqual([200, '']);
    expect(worked).toEqual([]);
  });

  test('a lost reply does the work, a dropped request does not, and both break the connection', async () => {
    faults.inject({ kind: 'lost_reply', count: 1, path: '/lost' });
    faults.inject({ kind: 'drop_before', count: 1, path: '/dropped' });
    await expect(fetch(`${base}/lost`)).rejects.toThrow();
    await expect(fetch(`${base}/dropped`)).rejects.toThrow();
    expect(worked).toEqual(['/lost']);
  });

  test('a slow fault does the work after its delay', async () => {
    faults.inject({ kind: 'slow', count: 1, delayMs: 60 });
    const before = performance.now();
    expect(await (await fetch(`${base}/late`)).json()).toEqual({ done: '/late' });
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  test('path and method narrow a fault, and count says how many requests it hits', async () => {
    faults.inject({ kind: 'status', count: 2, path: '/orders', method: 'post' });
    const statuses: number[] = [];
    for (const [path, method] of [
      ['/orders', 'GET'],
      ['/shop', 'POST'],
      ['/orders', 'POST'],
      ['/v1/orders/1', 'POST'],
      ['/orders', 'POST'],
    ] as const) {
      statuses.push((await fetch(base + path, { method })).status);
    }
    expect(statuses).toEqual([200, 200, 500, 500, 200]);
  });
});
