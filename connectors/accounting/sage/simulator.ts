import { type AccountingSimulator, listen, type SimulatorOptions, type Totals } from '../../kit/simulator.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { createApp, type SageApi } from './simulator/app.ts';
import { type Codes, grant, readAuthorize } from './simulator/consent.ts';
import { tampered } from './simulator/hand.ts';
import { DEFAULT_LIFETIMES, type TokenLifetimes } from './simulator/identity.ts';
import { createLimiter } from './simulator/limits.ts';
import { businessOf, type Fact, openStore, type Store } from './simulator/store.ts';
import { type Business, type BusinessPlan, DEFAULT_BUSINESSES, newWorld, type Row } from './simulator/world.ts';

/** The lowest figure in circulation is 100 a minute. */
const PER_MINUTE = 100;

export interface SageSimulatorOptions extends SimulatorOptions {
  /** The user's businesses; two British ones unless said otherwise. */
  businesses?: readonly BusinessPlan[];
  requestsPerMinute?: number;
  lifetimes?: Partial<TokenLifetimes>;
}

/** The simulated Sage Accounting, with what only a test or a person at the keyboard could do to it. */
export interface SageSimulator extends AccountingSimulator {
  /** The user withdraws the consent: every token is dead. */
  revoke(): void;
  /** The subscription of a business ends, or is paid again. */
  suspend(account: string, isSuspended: boolean): void;
  /** POSTs that arrived at a business while another one was under way there: Sage asks for one at a time. */
  overlaps(account: string): number;
  /** Everything in the books, oldest first. */
  documents(account: string): Row[];
}

/** Starts a Sage on 127.0.0.1. With a state file it continues where the last one was, even when that was killed. */
export async function start(options: SageSimulatorOptions): Promise<SageSimulator> {
  const world = newWorld(options.seed, options.businesses ?? DEFAULT_BUSINESSES);
  const store = openStore(world, options.stateFile);
  const now = options.now ?? (() => new Date());
  const codes: Codes = new Map();
  const api: SageApi = {
    identity: { store, app: options.app, codes, lifetimes: { ...DEFAULT_LIFETIMES, ...options.lifetimes } },
    limiter: createLimiter(options.requestsPerMinute ?? PER_MINUTE),
    now,
    overlaps: new Map(),
  };
  const faults = simulatorFaults();
  const { url, close } = await listen(createApp(api, faults), options.port);
  return {
    url,
    hosts: { api: url, auth: url },
    accounts: [...world.businesses.values()].map(({ id, name, country, currency, rates }) => ({
      account: id,
      label: name,
      country,
      currency,
      currencies: Object.keys(rates),
    })),
    inject: faults.inject,
    // One consent is for all businesses of the user, so there is nothing to pick.
    consent: async (authorizeUrl) => {
      const asked = readAuthorize(new URL(authorizeUrl).searchParams, options.app);
      if ('scope' in asked) return grant(store, codes, asked, now().getTime());
      if (asked.redirect !== undefined) return asked.redirect;
      throw new Error(`The simulated Sage shows an error page: ${asked.problem}`);
    },
    ...handles(store, now),
    overlaps: (account) => api.overlaps.get(account) ?? 0,
    close,
  };
}

type Handles = Pick<SageSimulator, 'totals' | 'balances' | 'documents' | 'lock' | 'tamper' | 'revoke' | 'suspend'>;

function handles(store: Store, now: () => Date): Handles {
  const business = (account: string) => businessOf(store.world, account);
  return {
    totals: (account) => totalsOf(business(account)),
    balances: (account) => balancesOf(business(account)),
    documents: (account) => [...business(account).rows.values()],
    lock: (account, lastLockedDay) => store.commit({ type: 'lockdown', business: account, value: lastLockedDay }),
    suspend: (account, isSuspended) => store.commit({ type: 'suspended', business: account, value: isSuspended }),
    tamper: (account, remoteId, how) => {
      const changed = tampered(business(account), remoteId, how, now().getTime());
      store.commit(...changed.map((value): Fact => ({ type: 'row', business: account, value })));
    },
    revoke: () => {
      for (const consent of store.world.consents.values()) {
        store.commit({ type: 'consent', value: { ...consent, ended: true } });
      }
    },
  };
}

/** Invoices less credit notes that count, of those in the books' own currency; quick entries are none. */
function totalsOf(business: Business): Totals {
  const totals: Totals = { count: 0, total: 0n, tax: 0n };
  for (const row of business.rows.values()) {
    if (row.state !== 'live' || (row.resource !== 'sales_invoices' && row.resource !== 'sales_credit_notes')) continue;
    totals.count += 1;
    if (row.currency !== business.currency) continue;
    const sign = row.resource === 'sales_invoices' ? 1n : -1n;
    totals.total += sign * row.total;
    totals.tax += sign * row.tax;
  }
  return totals;
}

function balancesOf(business: Business): Record<string, bigint> {
  const codes = new Map(business.ledgers.map(({ id, code }) => [id, code]));
  const balances: Record<string, bigint> = {};
  for (const row of business.rows.values()) {
    if (row.state !== 'live') continue;
    for (const { ledger, amount } of row.postings) {
      const code = codes.get(ledger) ?? ledger;
      balances[code] = (balances[code] ?? 0n) + amount;
    }
  }
  return Object.fromEntries(Object.entries(balances).filter(([, amount]) => amount !== 0n));
}
