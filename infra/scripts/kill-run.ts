import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '@daybook/platform/db';
import { findRunning } from '@daybook/platform/embedded-postgres';

/**
 * Trades with random kills and proves afterwards that nothing was lost or doubled:
 * `node infra/scripts/kill-run.ts [--sales 1000] [--kills 20] [--seed 1]`. Kills hit the hub (and the simulators in it) or
 * its PostgreSQL, by SIGKILL, at moments drawn from the seed. Ends with `daybook verify` and the proof of the sandbox.
 */
const { values } = parseArgs({
  options: {
    sales: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const SALES = Number(values.sales);
const KILLS = Number(values.kills);
const MAIN = resolve(import.meta.dirname, '../../services/cli/src/main.ts');

let state = Number(values.seed) >>> 0;
/** mulberry32: the same seed kills at the same draws. */
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const dataDir = await mkdtemp(join(tmpdir(), 'daybook-kill-'));
const port = await freePort();
const env = { ...process.env, DAYBOOK_DATA_DIR: dataDir, DATABASE_URL: '', REDIS_URL: '' };
const say = (text: string) => process.stdout.write(`${text}\n`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port: found } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return found;
}

interface Hub {
  process: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
}

function start(trades: number | null): Hub {
  const args = [MAIN, 'start', '--sandbox', '--port', String(port), '--every', '15', '--seed', String(values.seed)];
  const child = spawn(process.execPath, trades === null ? args : [...args, '--sales', String(trades)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      text += String(chunk);
    });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  return { process: child, ended, output: () => text };
}

async function command(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      text += String(chunk);
    });
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  return { code, text };
}

interface Company {
  company: string;
  deliveries: Record<string, number>;
  events: Record<string, number>;
  documents: Record<string, number>;
  entries: number;
  issues: number;
}

async function companies(): Promise<Company[]> {
  const { text } = await command('status', '--json');
  try {
    return (JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as { companies: Company[] }).companies;
  } catch {
    return [];
  }
}

/** Distinct sales the hub has heard of; null while its database cannot be asked. */
async function salesSoFar(): Promise<number | null> {
  const running = await findRunning(dataDir).catch(() => null);
  if (!running) return null;
  const database = openDatabase(running.url, { max: 1, name: 'kill-run' });
  try {
    const [row] = await database.sql<{ count: number }[]>`
      select count(distinct source_id)::int as count from events where type = 'sale'`;
    return row?.count ?? 0;
  } catch {
    return null;
  } finally {
    await database.close();
  }
}

/** Lets the hub trade until so many sales are in; throws when it ends by itself. */
async function runUntil(hub: Hub, sales: number): Promise<number> {
  for (;;) {
    await pause(500);
    if (hub.process.exitCode !== null) throw new Error(`the hub ended by itself:\n${hub.output().slice(-2000)}`);
    const found = await salesSoFar();
    if (found !== null && found >= sales) return found;
  }
}

/** SIGKILL for the hub, or for its PostgreSQL and a moment later for the hub. */
async function killOnce(hub: Hub, number: number, sales: number): Promise<void> {
  await pause(random() * 1_500);
  const victim = (random() < 0.3 ? await postmaster() : undefined) ?? hub.process.pid ?? 0;
  const what = victim === hub.process.pid ? 'hub' : 'PostgreSQL, then hub';
  process.kill(victim, 'SIGKILL');
  say(`kill ${number} after ${sales} sales: ${what}`);
  if (victim !== hub.process.pid) await pause(random() * 3_000);
  if (hub.process.exitCode === null) hub.process.kill('SIGKILL');
  await hub.ended;
}

async function postmaster(): Promise<number | undefined> {
  try {
    return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  } catch {
    return undefined;
  }
}

/** The lines of the newest summary that say whether the money matches. */
function lastProof(running: Hub): string[] {
  const summary = running.output().split('── follow it').at(-1) ?? '';
  const lines = summary.split('\n').filter((line) => line.includes('trial balance'));
  return lines.length > 0 ? lines : ['nothing yet'];
}

say(`seed ${values.seed}: ${SALES} sales, ${KILLS} kills, data in ${dataDir}`);
for (let kill = 1; kill <= KILLS; kill += 1) {
  const victim = start(null);
  await killOnce(victim, kill, await runUntil(victim, Math.floor((SALES * kill) / (KILLS + 1))));
}
let hub = start(null);
say(`${await runUntil(hub, SALES)} sales are in; the shops fall silent`);
hub.process.kill('SIGINT');
say(`stopped with exit code ${await hub.ended}`);
hub = start(0);
for (let waited = 0; ; waited += 1) {
  await pause(3_000);
  const all = await companies();
  const open = all.some(
    (each) =>
      Object.keys(each.documents).some((name) => name !== 'pushed') ||
      (each.deliveries.received ?? 0) +
        (each.deliveries.failed ?? 0) +
        (each.events.pending ?? 0) +
        (each.events.waiting ?? 0) >
        0,
  );
  if ((all.length > 0 && !open && lastProof(hub).every((line) => line.includes('proven'))) || waited > 150) break;
}
await pause(11_000);
const proof = lastProof(hub);
say(hub.output().split('\n').slice(-6).join('\n'));
hub.process.kill('SIGINT');
say(`stopped with exit code ${await hub.ended}`);
const verified = await command('verify');
say(verified.text);
say(`verify exit code ${verified.code}`);
const proven = proof.every((line) => line.includes('proven'));
say(proven ? 'every shop is proven to the cent' : 'NOT proven');
process.exitCode = verified.code === 0 && proven ? 0 : 1;
