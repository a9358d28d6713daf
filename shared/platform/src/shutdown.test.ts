import { expect, test } from 'vitest';
import { silentLog } from './logger.ts';
import { createShutdown } from './shutdown.ts';

test('what was opened last is closed first, one after the other', async () => {
  const order: string[] = [];
  const shutdown = createShutdown({ log: silentLog, limitMs: 1_000 });
  for (const name of ['database', 'queues', 'server']) {
    shutdown.add(name, async () => {
      order.push(`${name} begins`);
      await new Promise((later) => setImmediate(later));
      order.push(`${name} ends`);
    });
  }
  expect(await shutdown.run('SIGTERM')).toEqual({ failed: [], unfinished: [] });
  expect(order).toEqual([
    'server begins',
    'server ends',
    'queues begins',
    'queues ends',
    'database begins',
    'database ends',
  ]);
});

test('a second signal does not close anything twice', async () => {
  let closed = 0;
  const shutdown = createShutdown({ log: silentLog, limitMs: 1_000 });
  shutdown.add('server', () => {
    closed += 1;
  });
  const outcomes = await Promise.all([shutdown.run('SIGINT'), shutdown.run('SIGTERM')]);
  expect([closed, outcomes[0] === outcomes[1]]).toEqual([1, true]);
});

test('a part that fails does not keep the others open', async () => {
  const closed: string[] = [];
  const shutdown = createShutdown({ log: silentLog, limitMs: 1_000 });
  shutdown.add('database', () => void closed.push('database'));
  shutdown.add('queues', () => {
    throw new Error('connection lost');
  });
  shutdown.add('server', () => Promise.reject(new Error('stuck')));
  expect(await shutdown.run('SIGTERM')).toEqual({ failed: ['server', 'queues'], unfinished: [] });
  expect(closed).toEqual(['database']);
});

test('a part that hangs ends the wait at the limit and is named first', async () => {
  const said: object[] = [];
  const log = { ...silentLog, error: (fields: object) => void said.push(fields) };
  const shutdown = createShutdown({ log, limitMs: 50 });
  shutdown.add('database', () => {});
  shutdown.add('workers', () => new Promise(() => {}));
  expect(await shutdown.run('SIGTERM')).toEqual({ failed: [], unfinished: ['workers', 'database'] });
  expect(said).toEqual([{ unfinished: ['workers', 'database'], limitMs: 50 }]);
});
