import express, { type ErrorRequestHandler } from 'express';
import { random } from '../../kit/random.ts';
import { listen, type SalesSimulator, type SimulatorOptions } from '../../kit/simulator.ts';
import { consent } from '../../kit/simulator-consent.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { badRequest } from './simulator/answers.ts';
import { apiRoutes, type Limits, standardLimits } from './simulator/api.ts';
import { type Cafe, simulatedCafe } from './simulator/cafe.ts';
import { balancesOf, totalsOf } from './simulator/figures.ts';
import { oauthRoutes } from './simulator/oauth.ts';
import { playStep } from './simulator/programme.ts';
import { revocation } from './simulator/revocation.ts';
import { type Objects, openStore, type Store } from './simulator/state.ts';
import { tokens } from './simulator/tokens.ts';
import { type Webhooks, webhooks } from './simulator/webhooks.ts';

export const label = 'Square';

/**
 * Square retries a webhook for 24 hours with growing gaps; here the hours are minutes. Milliseconds between one failed
 * attempt and the next.
 */
const LADDER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 120_000];
/** Square waits 10 seconds for a webhook's answer. */
const ANSWER_WITHIN_MS = 10_000;

export interface SquareSimulatorOptions extends SimulatorOptions {
  answerWithinMs?: number;
  limits?: Partial<Limits>;
  /** Redirect addresses registered for the application; any http(s) address when left out. */
  redirectUris?: readonly string[];
}

export interface SquareSimulator extends SalesSimulator {
  /** The seller takes the application's access away: tokens die, oauth.authorization.revoked is delivered. */
  disconnect(account: string): Promise<void>;
  /** How many webhooks wait for their acknowledgement. */
  unacknowledged(): number;
  /** Everything of the seller as it stands; for tests that prove what the café did. */
  objects(account: string): Objects;
  /** Resolves when every webhook that was waiting at the start has been acknowledged or given up. */
  caughtUp: Promise<void>;
}

/**
 * Starts a Square with one seller on 127.0.0.1. What was confirmed before a stop is remembered in `stateFile`: sales,
 * tokens, subscriptions, and webhooks nobody acknowledged, which are sent again.
 */
export async function start(options: SquareSimulatorOptions): Promise<SquareSimulator> {
  const { seed, ladderMs = LADDER_MS, answerWithinMs = ANSWER_WITHIN_MS, redirectUris = null } = options;
  const now = options.now ?? (() => new Date());
  const cafe = simulatedCafe(seed);
  const { merchantId } = cafe;
  const store = openStore(options.stateFile);
  const post = webhooks({ store, now, ladderMs, answerWithinMs });
  const faults = simulatorFaults();
  const app = () => options.app;
  const granted = tokens({ seed, store, merchantId, app, now });
  const trading: Trading = { seed, cafe, store, post, now };
  const revoked = (by: 'APPLICATION' | 'MERCHANT') => void tellRevoked(trading, by);
  const square = express();
  square.disable('x-powered-by');
  square.use(faults.middleware);
  square.use(oauthRoutes({ seed, store, tokens: granted, merchantId, app, redirectUris, now, revoked }));
  square.use(apiRoutes({ ...trading, tokens: granted, limits: { ...standardLimits, ...options.limits } }));
  square.use(unreadable);
  const { url, close } = await listen(square, options.port);
  const ours = <Value>(account: string, value: () => Value): Value => {
    if (account !== merchantId) throw new Error(`This Square has no seller ${account}.`);
    return value();
  };
  const { objects } = store.state;
  return {
    url,
    hosts: { api: url, auth: url },
    redelivers: true,
    accounts: [
      {
        account: merchantId,
        label: cafe.name,
        country: cafe.country,
        currency: cafe.currency,
        timeZone: cafe.timeZone,
      },
    ],
    inject: faults.inject,
    consent,
    keys: (account) => ours(account, () => sellersKey(store, granted.sellersOwn)),
    trade: (account) => ours(account, () => trade(trading)),
    webhookUrl: (account) => ours(account, () => addressOf(store)),
    totals: (account) => ours(account, () => totalsOf(objects)),
    balances: (account) =>
      ours(account, () => [{ processor: 'square', currency: cafe.currency, ...balancesOf(objects) }]),
    disconnect: (account) =>
      ours(account, () => {
        store.record({ kind: 'revoked', merchantId, token: null });
        return tellRevoked(trading, 'MERCHANT');
      }),
    unacknowledged: () => store.state.pending.size,
    objects: (account) => ours(account, () => objects),
    caughtUp: post.send([...store.state.pending.values()]),
    close: () => {
      post.close();
      return close();
    },
  };
}

interface Trading {
  seed: number;
  cafe: Cafe;
  store: Store;
  post: Webhooks;
  now(): Date;
}

/** Plays a step, remembers it with the webhooks it owes, then sends them. */
async function trade({ seed, cafe, store, post, now }: Trading): Promise<{ what: string }> {
  const { steps: step, objects } = store.state;
  const { what, ...left } = playStep({ seed, cafe, step, now: now().getTime(), objects });
  const deliveries = post.address(left.events);
  // What nobody is told and nobody can search for is forgotten at once.
  const told = new Set(deliveries.map(({ eventId }) => eventId));
  const events = left.events.filter(({ id }) => store.state.searchable || told.has(id));
  store.record({ kind: 'step', step, ...left, events, deliveries });
  await post.send(deliveries);
  return { what };
}

async function tellRevoked({ seed, cafe, store, post, now }: Trading, by: 'APPLICATION' | 'MERCHANT'): Promise<void> {
  const event = revocation(cafe, random(seed, 'revoked', store.state.made), now(), by);
  store.record({ kind: 'made' });
  const deliveries = post.address([event]);
  store.record({ kind: 'told', events: [event], deliveries });
  await post.send(deliveries);
}

/** A personal access token of the seller's own account may do everything, and its owner is told everything. */
function sellersKey(store: Store, accessToken: string): Record<string, string> {
  if (!store.state.keyed) store.record({ kind: 'keyed' });
  return { accessToken };
}

/** The first subscription that is switched on; they belong to the application and carry every seller. */
function addressOf({ state }: Store): string | null {
  return [...state.subscriptions.values()].find(({ enabled }) => enabled)?.notification_url ?? null;
}

/** A body that is no JSON. */
const unreadable: ErrorRequestHandler = (_error, _request, response, _next) => {
  const { status, body } = badRequest('BAD_REQUEST', 'The request body could not be decoded.');
  response.status(status).json(body);
};
