import express from 'express';
import { listen, type SalesSimulator, type SimulatorOptions } from '../../kit/simulator.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { consentRoutes, decide, makeKey } from './simulator/consent.ts';
import { type Deliveries, deliveries } from './simulator/deliveries.ts';
import type { Order } from './simulator/order.ts';
import { playAdministration, playStep, type StepContext, type StepResult } from './simulator/programme.ts';
import { noRoute, restRoutes } from './simulator/rest.ts';
import type { administration } from './simulator/scripts.ts';
import { BOOKSHOP, type Site } from './simulator/site.ts';
import { type ApiKey, openStore, type Store, type Webhook } from './simulator/state.ts';
import { totalsOf } from './simulator/totals.ts';

export const label = 'WooCommerce';

/** A site waits a minute for the answer to a webhook; here seconds. */
const ANSWER_WITHIN_MS = 5_000;

export interface WooCommerceSimulatorOptions extends SimulatorOptions {
  answerWithinMs?: number;
}

export interface WooCommerceSimulator extends SalesSimulator {
  /** The shop manager says no at the consent page; answers where the browser is sent. */
  deny(authorizeUrl: string): Promise<string>;
  /** Every order as it stands, oldest first; for tests that prove what the store did. */
  orders(): readonly Order[];
  webhooks(): readonly Webhook[];
  /** An administrator makes a pair of keys by hand. */
  makeKeys(permissions: ApiKey['permissions']): { consumerKey: string; consumerSecret: string };
  /** An administrator deletes all keys. */
  deleteKeys(): void;
  /** An administrator works on the order that came last; its webhooks follow. */
  administer(what: keyof typeof administration): Promise<void>;
  /** Resolves when the background work that was left over from the last run is done. */
  caughtUp: Promise<void>;
}

interface Running {
  seed: number;
  site: Site;
  store: Store;
  deliver: Deliveries;
  now(): Date;
}

/**
 * Starts a WordPress site with WooCommerce on 127.0.0.1, below `/{account}`. What happened before a stop is remembered
 * in `stateFile`: orders, keys, webhooks, and background work that had not run.
 */
export async function start(options: WooCommerceSimulatorOptions): Promise<WooCommerceSimulator> {
  const { seed, now = () => new Date(), answerWithinMs = ANSWER_WITHIN_MS } = options;
  const site = BOOKSHOP;
  const store = openStore(options.stateFile);
  const deliver = deliveries({ store, site, now, answerWithinMs });
  const running: Running = { seed, site, store, deliver, now };
  const faults = simulatorFaults();
  const app = express();
  app.disable('x-powered-by');
  app.use(faults.middleware);
  app.use(`/${site.account}/wc-auth/v1`, consentRoutes(running));
  app.use(`/${site.account}/wp-json/wc/v3`, restRoutes(running));
  app.use((_request, response) => noRoute(response));
  const { url, close } = await listen(app, options.port);
  const known = (account: string) => {
    if (account !== site.account) throw new Error(`There is no store ${account} here.`);
  };
  const { account, name, country, currency, timeZone } = site;
  const caughtUp = runBeats(running);
  /** Steps happen one after the other, whoever asks for them. */
  let before: Promise<unknown> = caughtUp;
  const next = (play: (context: StepContext) => StepResult) => {
    const step = before.then(() => takeStep(running, play));
    before = step.catch(() => undefined);
    return step;
  };
  return {
    url,
    hosts: { api: `${url}/{account}`, auth: `${url}/{account}` },
    accounts: [{ account, label: name, country, currency, timeZone }],
    redelivers: false,
    inject: faults.inject,
    consent: (authorizeUrl) => decide(authorizeUrl, 'approve'),
    deny: (authorizeUrl) => decide(authorizeUrl, 'deny'),
    keys: (of) => {
      known(of);
      const first = [...store.state.keys.values()].find((each) => each.permissions === 'read_write');
      const { consumerKey, consumerSecret } = first ?? newKey(running, 'read_write');
      return { consumerKey, consumerSecret };
    },
    makeKeys: (permissions) => {
      const { consumerKey, consumerSecret } = newKey(running, permissions);
      return { consumerKey, consumerSecret };
    },
    deleteKeys: () => {
      for (const id of [...store.state.keys.keys()]) store.record({ kind: 'key_deleted', id });
    },
    trade: async (of) => {
      known(of);
      return next(playStep);
    },
    administer: async (what) => void (await next((context) => playAdministration(context, what))),
    webhookUrl: (of) => {
      known(of);
      return [...store.state.webhooks.values()].find((each) => each.status === 'active')?.deliveryUrl ?? null;
    },
    totals: (of) => {
      known(of);
      return totalsOf(store.state.orders.values());
    },
    // The store is no processor: its gateways are.
    balances: () => [],
    orders: () => [...store.state.orders.values()],
    webhooks: () => [...store.state.webhooks.values()],
    caughtUp,
    close,
  };
}

function newKey(running: Running, permissions: ApiKey['permissions']): ApiKey {
  const key = makeKey(running, permissions);
  running.store.record({ kind: 'key', key });
  return key;
}

/** Plans a step, remembers it, then lets it happen beat by beat. */
async function takeStep(running: Running, play: (context: StepContext) => StepResult): Promise<{ what: string }> {
  const { seed, site, store, now } = running;
  const { steps: step, nextId, orders } = store.state;
  const { what, ...played } = play({
    seed,
    site,
    step,
    now: now().getTime(),
    orders: [...orders.values()],
    nextId,
  });
  store.record({ kind: 'step', step, ...played });
  await runBeats(running);
  return { what };
}

/** Each beat changes the orders, then the background work sends what that fired. */
async function runBeats({ store, deliver }: Running): Promise<void> {
  while (store.state.beats.length > 0) {
    const [beat] = store.state.beats;
    store.record({ kind: 'beat' });
    await deliver.send(beat?.hooks ?? []);
    store.record({ kind: 'beat_sent' });
  }
  await deliver.flush();
}
