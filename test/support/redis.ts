import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOCAL_REDIS = 'redis://127.0.0.1:6379';

/** Address of a Redis that tests may use under a prefix of their own: REDIS_URL, else one on this machine, else null. */
export async function findRedis(): Promise<string | null> {
  const url = process.env.REDIS_URL || LOCAL_REDIS;
  const { hostname, port } = new URL(url);
  return (await answers(hostname, Number(port || 6379))) ? url : null;
}

/** A Redis of a test's own, to be killed and started again. Nothing survives its end. */
export interface OwnRedis {
  url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** Prepares one on a free port, not started yet; null where `redis-server` is not installed. */
export async function prepareOwnRedis(): Promise<OwnRedis | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null;
  const folder = await mkdtemp(join(tmpdir(), 'daybook-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((settle) => child?.once('exit', settle));
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
      child = spawn('redis-server', flags, { stdio: 'ignore' });
      while (!(await answers('127.0.0.1', port))) await pause(20);
    },
    kill,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a Redis is there. One that asks for a password is. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (found: boolean) => {
      socket.destroy();
      settle(found);
    };
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (answer) => end(/^(\+PONG|-NOAUTH)/.test(String(answer))));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => settle(port));
    });
  });
}
