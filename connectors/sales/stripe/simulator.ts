import express from 'express';
import { listen, type SalesSimulator, type SimulatorOptions } from '../../kit/simulator.ts';
import { consent } from '../../kit/simulator-consent.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { apiRoutes } from './simulator/api.ts';
import { MERCHANT } from './simulator/catalogue.ts';
import { connections } from './simulator/connections.ts';
import { merchantKey } from './simulator/keys.ts';
import { type Limits, standardLimits } from './simulator/limits.ts';
import { oauthRoutes } from './simulator/oauth.ts';
import { playStep } from './simulator/programme.ts';
import { type Endpoint, openStore, type Store } from './simulator/state.ts';
import type { Books } from './simulator/things.ts';
import { owedOf, totalsOf } from './simulator/totals.ts';
import { type Webhooks, webhooks } from './simulator/webhooks.ts';

export const label = 'Stripe';

/**
 * Stripe retries a webhook for up to 3 days with growing gaps; here the hours are minutes. Milliseconds between one
 * failed attempt and the next.
 */
const LADDER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000];
/** How long Stripe waits for a webhook's answer is not published. */
const ANSWER_WITHIN_MS = 10_000;

export interface StripeSimulatorOptions extends SimulatorOptions {
  answerWithinMs?: number;
  limits?: Partial<Limits>;
  /** Redirect addresses registered for the platform; any http(s) address when left out. */
  redirectUris?: readonly string[];
}

export interface StripeSimulator extends SalesSimulator {
  keys(account: string): { apiKey: string };
  /** The merchant disconnects the platform by hand: tokens die, account.application.deauthorized is delivered. */
  disconnect(account: string): Promise<void>;
  /** How many webhooks wait for their acknowledgement. */
  unacknowledged(account: string): number;
  /** Everything the account has, as it stands; for tests that prove what happened. */
  books(account: string): Books;
  /** Resolves when every webhook that was waiting at the start has been acknowledged or given up. */
  caughtUp: Promise<void>;
}

/**
 * Starts a Stripe with one merchant and one platform, the application it is started with, on 127.0.0.1. The platform's
 * secret key is `app.clientSecret`. What was confirmed before a stop is remembered in `stateFile`: payments, tokens,
 * endpoints, idempotency keys, and webhooks nobody acknowledged, which are sent again.
 */
export async function start(options: StripeSimulatorOptions): Promise<StripeSimulator> {
  const now = options.now ?? (() => new Date());
  const { seed, ladderMs = LADDER_MS, answerWithinMs = ANSWER_WITHIN_MS, redirectUris = null } = options;
  const store = openStore(options.stateFile);
  const post = webhooks({ seed, store, now, ladderMs, answerWithinMs });
  const faults = simulatorFaults();
  const links = connections({ seed, store, post, now, app: () => options.app });
  const limits = { ...standardLimits, ...options.limits };
  const app = express();
  app.disable('x-powered-by');
  app.use(faults.middleware);
  app.use(oauthRoutes({ seed, store, connections: links, now, redirectUris, app: () => options.app }));
  app.use(apiRoutes({ seed, store, limits, now, platformKey: () => options.app.clientSecret }));
  const { url, close } = await listen(app, options.port);
  const { account, name, country, currency, timeZone } = MERCHANT;
  const books = (asked: string) => stateOf(store, asked).books;
  return {
    url,
    hosts: { api: url, auth: url },
    redelivers: true,
    accounts: [{ account, label: name, country, currency, timeZone, alsoTakes: FOREIGN }],
    inject: faults.inject,
    consent,
    keys: (asked) => {
      stateOf(store, asked);
      return { apiKey: merchantKey(seed) };
    },
    trade: (asked) => trade({ seed, store, post, now }, asked),
    webhookUrl: (asked) => listening(store, asked)?.url ?? null,
    totals: (asked) => totalsOf(books(asked)),
    balances: (asked) => [{ processor: 'stripe', currency, ...owedOf(books(asked)) }],
    disconnect: async (asked) => {
      if (stateOf(store, asked).grant !== null) await links.disconnect();
    },
    unacknowledged: (asked) => stateOf(store, asked).pending.size,
    books,
    caughtUp: post.send([...store.merchant.pending.values()]),
    close: () => {
      post.close();
      return close();
    },
  };
}

/** What the programme also charges in; about the rates it settles at. */
const FOREIGN = [
  { processor: 'stripe', currency: 'EUR', rate: '1.085' },
  { processor: 'stripe', currency: 'JPY', rate: '0.0066' },
];

interface Trading {
  seed: number;
  store: Store;
  post: Webhooks;
  now(): Date;
}

/** Plays a step, remembers it with the webhooks it owes, then sends them. */
async function trade({ seed, store, post, now }: Trading, asked: string): Promise<{ what: string }> {
  const { account, steps: step, books, versions, last } = stateOf(store, asked);
  const seconds = Math.floor(now().getTime() / 1_000);
  const { what, made, told, sent } = playStep({ seed, account, step, now: seconds, last, books, versions });
  const deliveries = post.address(sent, `step-${step}`);
  store.record({ account, kind: 'step', step, made, told, deliveries });
  await post.send(deliveries);
  return { what };
}

/** The endpoint that hears of the account: its own, or the platform's. */
function listening({ merchant, platform }: Store, asked: string): Endpoint | undefined {
  const own = [...merchant.endpoints.values()].filter(() => asked === merchant.account);
  const connect = [...platform.endpoints.values()].filter((endpoint) => endpoint.connect);
  return [...own, ...connect].find((endpoint) => endpoint.isEnabled);
}

function stateOf({ merchant }: Store, asked: string) {
  if (asked !== merchant.account) throw new Error(`This Stripe has no account ${asked}.`);
  return merchant;
}
