import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { owedByProcessors } from '../../kit/conformance-money.ts';
import type { CanonicalEvent } from '@daybook/domain';
import { connector } from './connector.ts';
import { start } from './simulator.ts';
import { testHttp } from '../../../test/support/http.ts';

async function run(seed: number, steps: number) {
  let now = new Date('2026-11-10T09:00:00Z');
  const app = { clientId: 'c', clientSecret: 'sk_platform_0123456789' };
  const sim = await start({ seed, app, now: () => now, ladderMs: [3, 3, 3] });
  const account = sim.accounts[0]!.account;
  const net = testHttp([new URL(sim.url).origin], 2000);
  const http = { request: (r: any) => net.request(r).finally(() => { now = new Date(now.getTime() + 1000); }) };
  const received: { headers: any; body: Buffer }[] = [];
  let count = 0; const refused = new Set<string>();
  const server = createServer(async (q, r) => {
    const chunks: Buffer[] = []; for await (const c of q) chunks.push(c as Buffer);
    const body = Buffer.concat(chunks);
    received.push({ headers: q.headers, body });
    count++; const key = body.toString();
    if (count % 3 === 0 && !refused.has(key)) { refused.add(key); r.writeHead(503).end(); } else r.writeHead(200).end();
  });
  await new Promise<void>((res) => server.listen(0, '127.0.0.1', res));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hosts = sim.hosts;
  const api: any = { http, hosts, account, credentials: sim.keys(account), settings: {}, app, now: () => now, log: () => {} };
  await connector.registerWebhooks!({ url: origin + '/c', appUrl: origin + '/a', freshSecret: 'x'.repeat(30), known: { connection: false, app: false } }, api);
  for (let i = 0; i < steps; i++) { await sim.trade(account); now = new Date(now.getTime() + 20000); }
  const factsOf = async (deliveries: any[], settings: any) => {
    const facts = new Map<string, CanonicalEvent>();
    for (const d of deliveries) {
      const fetched: any = {};
      for (let round = 0; round < 6; round++) {
        const n = connector.normalize(d, { settings, fetched });
        if ('events' in n) { for (const e of n.events) {
          const key = `${e.type} ${e.id}${e.type === 'dispute' ? ' ' + e.status : ''}`;
          const k = facts.get(key); if (!k || k.revision <= e.revision) facts.set(key, e); } break; }
        if (!n.needs) break;
        fetched[n.needs] = await connector.fetch!(n.needs, d, api);
      }
    }
    return facts;
  };
  const check = (name: string, facts: Map<string, CanonicalEvent>) => {
    const all = [...facts.values()].filter((e) => e.currency === 'USD' && !e.test);
    const voided = new Set(all.flatMap((e) => (e.type === 'void' ? [e.sale.id] : [])));
    const sales = all.filter((e): e is any => e.type === 'sale' && !voided.has(e.id) && e.total !== 0n);
    const refunds = all.filter((e): e is any => e.type === 'refund');
    let total = 0n, tax = 0n;
    for (const s of sales) {
      const t = s.lines.flatMap((l: any) => l.taxes).reduce((a: bigint, x: any) => a + x.amount, 0n);
      const mine = refunds.filter((r) => r.sale?.id === s.id);
      const back = mine.reduce((a, r) => a + r.total, 0n);
      const unknown = mine.filter((r) => r.lines.some((l: any) => l.taxUnknown)).reduce((a, r) => a + r.total, 0n);
      const stated = mine.flatMap((r) => r.lines).flatMap((l: any) => l.taxes).reduce((a: bigint, x: any) => a + x.amount, 0n);
      total += s.total - back;
      tax += t - stated - (unknown === 0n ? 0n : (2n * unknown * t + s.total) / (2n * s.total));
    }
    const orphan = refunds.filter((r) => !facts.has(`sale ${r.sale?.id}`)).length;
    const want = sim.totals(account);
    const [owed] = sim.balances(account);
    const got = owedByProcessors(facts.values(), new Set(['stripe']));
    const wanted = owed!.clearing + owed!.reserve;
    total = sales.reduce((a, s) => a + s.total, 0n) - refunds.reduce((a, r) => a + r.total, 0n);
    const ok = total === want.total && (name !== 'webhooks+lookups' || tax === want.tax) && sales.length === want.count && orphan === 0 && (got['stripe USD'] ?? 0n) === wanted && Object.keys(got).every((k) => k === 'stripe USD');
    if (!ok) console.log('DIFF', seed, steps, name, { total, tax, n: sales.length, orphan }, want, got, wanted);
    return ok;
  };
  const hooks = received.map((r) => ({ topic: connector.header(r.headers, r.body).topic, ...r }));
  let good = check('webhooks', await factsOf(hooks, {}));
  good = check('webhooks+lookups', await factsOf(hooks, { lookups: 'on', account, livemode: 'true' })) && good;
  const polled: any[] = [];
  for (const feed of connector.feeds) for await (const page of connector.changesSince!({ feed, cursor: null, from: '2026-01-01T00:00:00Z', to: new Date(now.getTime() + 864e5).toISOString() }, api)) polled.push(...page.deliveries);
  good = check('backfill', await factsOf(polled, {})) && good;
  await sim.close(); server.closeAllConnections(); server.close();
  return good;
}
let ok = 0, bad = 0;
for (const steps of [60, 120]) for (let seed = 1; seed <= 25; seed++) (await run(seed, steps)) ? ok++ : bad++;
console.log({ ok, bad });
