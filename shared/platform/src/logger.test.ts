import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogger, openLogFile } from './logger.ts';

function collect() {
  const lines: string[] = [];
  return { lines, stream: { write: (line: string) => void lines.push(line) } };
}

test('a line carries level, time, sentence and fields as JSON', () => {
  const { lines, stream } = collect();
  createLogger('info', stream).warn({ company: 'harbour', count: 3 }, 'Three events wait');
  const line = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 'warn', msg: 'Three events wait', company: 'harbour', count: 3 });
  expect(new Date(line.time).toISOString()).toBe(line.time);
  expect(lines[0]?.endsWith('\n')).toBe(true);
});

test('what lies below the level is not written', () => {
  const { lines, stream } = collect();
  createLogger('warn', stream).info({}, 'chatter');
  expect(lines).toEqual([]);
});

test('secrets and bodies are hidden wherever they stand', () => {
  const { lines, stream } = collect();
  const secret = 'sk_live_5f';
  createLogger('info', stream).info(
    {
      token: secret,
      apiKey: secret,
      request: { headers: { authorization: secret, 'set-cookie': secret, 'x-api-key': secret, accept: 'text/xml' } },
      connection: { credentials: { consumerSecret: secret }, tokens: { accessToken: secret } },
      delivery: { body: `{"email":"${secret}"}`, id: 'd1' },
      headers: { 'proxy-authorization': secret },
      clientSecret: secret,
      databaseUrl: `postgres://u:${secret}@db/x`,
    },
    `Connecting to postgres://daybook:${secret}@db.example.com/daybook with Bearer ${secret}`,
  );
  expect(lines[0]).not.toContain(secret);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    request: { headers: { accept: 'text/xml' } },
    delivery: { id: 'd1' },
    msg: 'Connecting to postgres://daybook:[hidden]@db.example.com/daybook with Bearer [hidden]',
  });
});

test('an error is written with its cause, without what a client library hung onto it', () => {
  const { lines, stream } = collect();
  const cause = Object.assign(new Error('connect ECONNREFUSED postgres://u:pa55@db/x'), { code: 'ECONNREFUSED' });
  const error = Object.assign(new Error('The push failed', { cause }), {
    config: { headers: { Authorization: 'Bearer pa55' } },
    response: { data: 'pa55' },
  });
  createLogger('info', stream).error({ err: error }, 'Document DB-1 was not pushed');
  expect(lines[0]).not.toContain('pa55');
  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({
    type: 'Error',
    message: 'The push failed',
    cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED postgres://u:[hidden]@db/x' },
  });
});

test('what is thrown but is no error is still written', () => {
  const { lines, stream } = collect();
  createLogger('info', stream).error({ err: 'just words' }, 'Something threw a string');
  expect(JSON.parse(lines[0] ?? '').err).toEqual({ type: 'string', message: 'just words' });
});

test('a log file grows and belongs to its owner', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-log-'));
  try {
    const path = join(folder, 'logs', 'hub.log');
    for (const word of ['one', 'two']) {
      const file = openLogFile(path);
      createLogger('info', file).info({}, word);
      file.close();
    }
    const words = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(words).toEqual(['one', 'two']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
});
