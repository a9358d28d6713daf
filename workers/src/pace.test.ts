import type { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { HttpClient, HttpRequest } from '@daybook/connectors/kit/contract';
import { describe, expect, test } from 'vitest';
import { paced } from './pace.ts';

const CALL: HttpRequest = { method: 'GET', url: 'https://books.example/' };

function network(): { http: HttpClient; times: number[] } {
  const times: number[] = [];
  const http = {
    request: async () => {
      times.push(Date.now());
      return { status: 200, headers: {}, text: '' };
    },
  };
  return { http, times };
}

describe('the pace of calls to one tenant', () => {
  test('no second sees more calls than the limit per second, and none is refused for it', async () => {
    const { http, times } = network();
    const pace = paced(http, { requestsPerMinute: 600, requestsPerSecond: 40 }, { now: () => new Date() });
    await Promise.all(Array.from({ length: 60 }, () => pace.http.request(CALL)));
    expect(times).toHaveLength(60);
    for (const from of times)
      expect(times.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(41);
  });

  test('what exceeds the minute is refused with the time to wait', async () => {
    const { http, times } = network();
    const now = new Date('2026-11-10T09:00:00Z');
    const pace = paced(http, { requestsPerMinute: 60 }, { now: () => now });
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => pace.http.request(CALL)));
    expect(times).toHaveLength(24);
    const [refused] = results.filter((each) => each.status === 'rejected');
    expect((refused as PromiseRejectedResult).reason).toMatchObject({ kind: 'rate_limited', retryAfterMs: 26_667 });
  });

  test.each([1, 5, 6, 16])(
    'work of %i calls that starts anew when one is refused is done after one wait',
    async (calls) => {
      let now = Date.parse('2026-11-10T09:00:00Z');
      const { http } = network();
      const pace = paced(http, { requestsPerMinute: 60 }, { now: () => new Date(now) });
      const work = async () => {
        for (let call = 0; call < calls; call += 1) await pace.http.request(CALL);
      };
      let refused: ConnectorError | undefined;
      while (refused === undefined)
        refused = await work().then(
          () => undefined,
          (error: ConnectorError) => error,
        );
      now += refused.retryAfterMs ?? 0;
      await expect(work()).resolves.toBeUndefined();
    },
  );
});
