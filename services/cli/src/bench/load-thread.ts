/**
 * A thread that plays the channels: keeps a number of connections busy with signed webhooks and measures the answers.
 * Plain sockets, because a full HTTP client would cost more than the intake it measures on the machine they share.
 */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import type { Load, LoadResult } from './load.ts';
import { quantile } from './rounds.ts';
import { eventIdHeaders, orderRequest } from './webhook.ts';

type NextRequest = () => { head: string; body: Buffer } | null;

parentPort?.on('message', async (load: Load) => {
  try {
    parentPort?.postMessage({ result: await drive(load) });
  } catch (error) {
    parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
});

async function drive(load: Load): Promise<LoadResult> {
  const requests = load.orders === undefined ? sameOrder(load) : prepared(load, load.orders);
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)));
  const startedAt = performance.timeOrigin + performance.now();
  try {
    const answers = await (load.perSecond === undefined
      ? closedLoop(sockets, requests, load.forMs)
      : openLoop(sockets, requests, load.perSecond, load.forMs));
    return { ...answers, startedAt };
  } finally {
    for (const socket of sockets) socket.end();
  }
}

/** The same bytes again and again, each under an event id of its own. */
function sameOrder(load: Load): NextRequest {
  const { headers, body } = orderRequest(load.template, load.url, load.firstSerial);
  let serial = load.firstSerial;
  return () => {
    serial += 1;
    return { head: headOf(load, { ...headers, ...eventIdHeaders(load.template, serial) }, body), body };
  };
}

/** A fixed number of different orders, made before the clock runs. */
function prepared(load: Load, count: number): NextRequest {
  const ready = Array.from({ length: count }, (_, index) => {
    const { headers, body } = orderRequest(load.template, load.url, load.firstSerial + index);
    return { head: headOf(load, headers, body), body };
  });
  let next = 0;
  return () => ready[next++] ?? null;
}

function headOf(load: Load, headers: Record<string, string>, body: Buffer): string {
  const { host, pathname } = new URL(load.url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n`;
}

function open(load: Load): Promise<Socket> {
  const { hostname, port } = new URL(load.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

/** As fast as they are answered, until the time is up or the requests run out. */
async function closedLoop(sockets: Socket[], requests: NextRequest, forMs: number): Promise<Answers> {
  const started = performance.now();
  const tally = newTally();
  const drain = async (socket: Socket) => {
    while (performance.now() - started < forMs) {
      const request = requests();
      if (!request) return;
      const sent = performance.now();
      tally.note(await exchange(socket, request), performance.now() - sent);
    }
  };
  await Promise.all(sockets.map(drain));
  return tally.answers(performance.now() - started);
}

/** At a fixed rate whatever the answers; a request that finds every connection busy waits, and its wait counts. */
async function openLoop(sockets: Socket[], requests: NextRequest, perSecond: number, forMs: number): Promise<Answers> {
  const started = performance.now();
  const tally = newTally();
  const free = [...sockets];
  const dueAt: number[] = [];
  const flights = new Set<Promise<void>>();
  const launch = () => {
    while (free.length > 0 && dueAt.length > 0) {
      const socket = free.pop() as Socket;
      const due = dueAt.shift() as number;
      const request = requests();
      if (!request) return;
      const flight: Promise<void> = exchange(socket, request).then((status) => {
        tally.note(status, performance.now() - due);
        free.push(socket);
        flights.delete(flight);
        launch();
      });
      flights.add(flight);
    }
  };
  for (let sent = 0; sent < (forMs * perSecond) / 1000; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const due = Math.min(((performance.now() - started) * perSecond) / 1000, (forMs * perSecond) / 1000);
    for (; sent < due; sent += 1) dueAt.push(started + (sent * 1000) / perSecond);
    launch();
  }
  while (flights.size > 0) await Promise.all(flights);
  return tally.answers(performance.now() - started);
}

type Answers = Omit<LoadResult, 'startedAt'>;

function newTally() {
  const waits: number[] = [];
  let accepted = 0;
  const refused = new Map<number, number>();
  return {
    note(status: number, ms: number) {
      waits.push(ms);
      if (status === 200) accepted += 1;
      else refused.set(status, (refused.get(status) ?? 0) + 1);
    },
    answers: (elapsedMs: number): Answers => ({
      accepted,
      refused: Object.fromEntries(refused),
      elapsedMs,
      p50Ms: quantile(waits, 0.5),
      p99Ms: quantile(waits, 0.99),
    }),
  };
}

/** Sends one request and answers the status once the whole response is there. */
function exchange(socket: Socket, { head, body }: { head: string; body: Buffer }): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = () => {
      socket.off('data', take);
      socket.off('close', lost);
    };
    const lost = () => {
      settle();
      reject(new Error('The server closed the connection during a request.'));
    };
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      settle();
      resolve(Number(text.slice(9, 12)));
    };
    socket.on('data', take);
    socket.on('close', lost);
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  });
}
