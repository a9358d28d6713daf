import { program } from './program.ts';
import { runBench, QUICK } from './bench/run.ts';
import { printed } from './bench/print.ts';
const tiny = { ...QUICK, rounds: 1, loadMs: 100, steadyMs: 100, steadyPerSecond: 200, batch: 20, batches: 2, orders: 40, naiveOrders: 20 };
const r = await runBench({ databaseUrl: process.env.DATABASE_URL, size: tiny, seed: 1, parts: (process.argv[2] ?? 'ingest,posting,path,report').split(',') as any, tell: (l) => console.error(l), signal: new AbortController().signal });
console.log(printed(r));
