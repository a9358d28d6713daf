import { type AccountingSimulator, listen, type SimulatorOptions } from '../../kit/simulator.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { uuidFrom } from '../../kit/simulator-ids.ts';
import type { AccountingApi } from './simulator/accounting.ts';
import { createApp } from './simulator/app.ts';
import { type Codes, grant, readAuthorize } from './simulator/consent.ts';
import { type HandEdit, handEdited, tampered } from './simulator/hand.ts';
import { endConsents, type Identity } from './simulator/identity.ts';
import { balancesOf } from './simulator/ledger.ts';
import { createLimiter, DEFAULT_LIMITS, type Limits } from './simulator/limits.ts';
import { type BookRow, bookRows } from './simulator/rows.ts';
import { openStore, type Store } from './simulator/store.ts';
import { DEFAULT_LIFETIMES, type TokenLifetimes } from './simulator/tokens.ts';
import {
  DEFAULT_ORGANISATIONS,
  type Locks,
  newWorld,
  type Organisation,
  type OrganisationPlan,
} from './simulator/world.ts';

export interface XeroSimulatorOptions extends SimulatorOptions {
  /** The person's organisations; a British and an American one unless said otherwise. */
  organisations?: readonly OrganisationPlan[];
  limits?: Partial<Limits>;
  lifetimes?: Partial<TokenLifetimes>;
}

/** The simulated Xero, with what only a test or a person at the keyboard could do to it. */
export interface XeroSimulator extends AccountingSimulator {
  /** As `Simulator.consent`; the person ticks all organisations, or only those of a list. */
  consent(authorizeUrl: string, picked?: string | readonly string[]): Promise<string>;
  /** Locks the books up to and including the days given. */
  lockDates(account: string, locks: Partial<Locks>): void;
  /** The merchant disconnects our app from one organisation. */
  revoke(account: string): void;
  /** The merchant withdraws the consent as a whole: every token is dead. */
  revokeAll(): void;
  archiveAccount(account: string, code: string): void;
  removeTaxRate(account: string, taxType: string): void;
  /** A person edits a document in Xero's own pages. */
  editByHand(account: string, number: string, edit: HandEdit): void;
  /** Everything in the books, oldest first. */
  documents(account: string): BookRow[];
}

/** Starts a Xero on 127.0.0.1. With a state file it continues where the last one was, even when that was killed. */
export async function start(options: XeroSimulatorOptions): Promise<XeroSimulator> {
  const world = newWorld(options.seed, options.organisations ?? DEFAULT_ORGANISATIONS);
  const store = openStore(world, options.stateFile);
  const now = options.now ?? (() => new Date());
  const codes: Codes = new Map();
  const identity: Identity = {
    store,
    app: options.app,
    codes,
    lifetimes: { ...DEFAULT_LIFETIMES, ...options.lifetimes },
  };
  let answers = 0;
  const api: AccountingApi = {
    identity,
    limiter: createLimiter({ ...DEFAULT_LIMITS, ...options.limits }),
    now,
    nextEnvelopeId: () => {
      answers += 1;
      return uuidFrom(options.seed, 'answer', answers);
    },
  };
  const faults = simulatorFaults();
  const { url, close } = await listen(createApp(api, faults), options.port);
  return {
    url,
    hosts: { api: url, auth: url },
    accounts: [...world.organisations.values()].map((each) => ({
      account: each.tenantId,
      label: each.name,
      country: each.country,
      currency: each.currency,
    })),
    inject: faults.inject,
    consent: async (authorizeUrl, picked) => {
      const organisations = typeof picked === 'string' ? undefined : picked;
      const asked = readAuthorize(new URL(authorizeUrl).searchParams, options.app);
      if (!('scopes' in asked)) {
        if (asked.redirect === undefined) throw new Error(`The simulated Xero shows an error page: ${asked.problem}`);
        return asked.redirect;
      }
      return grant(store, codes, asked, organisations ?? [...world.organisations.keys()], now().getTime());
    },
    totals: (account) => ({ ...organisationOf(store, account).totals }),
    balances: (account) => balancesOf(organisationOf(store, account)),
    documents: (account) => bookRows(organisationOf(store, account)),
    ...handles(store, now),
    close,
  };
}

type Handles = Pick<
  XeroSimulator,
  'lock' | 'tamper' | 'lockDates' | 'revoke' | 'revokeAll' | 'archiveAccount' | 'removeTaxRate' | 'editByHand'
>;

function handles(store: Store, now: () => Date): Handles {
  const record = (...facts: Parameters<ReturnType<Store['begin']>['put']>[0][]) => {
    const change = store.begin();
    for (const fact of facts) change.put(fact);
    change.commit();
  };
  const lockDates = (account: string, locks: Partial<Locks>) => {
    const before = organisationOf(store, account).locks;
    record({ type: 'locks', tenant: account, value: { ...before, ...locks } });
  };
  return {
    lockDates,
    lock: (account, lastLockedDay) => lockDates(account, { period: lastLockedDay }),
    tamper: (account, remoteId, how) =>
      record(tampered(organisationOf(store, account), remoteId, how, now().getTime())),
    revoke: (account) => {
      const ids = [...store.world.connections.values()].filter((each) => each.tenantId === account);
      record(...ids.map(({ id }) => ({ type: 'connection_removed' as const, value: { id } })));
    },
    revokeAll: () => endConsents(store),
    archiveAccount: (account, code) =>
      record({ type: 'account_status', tenant: account, value: { code, status: 'ARCHIVED' } }),
    removeTaxRate: (account, taxType) => record({ type: 'tax_rate_removed', tenant: account, value: { taxType } }),
    editByHand: (account, number, edit) => {
      const value = handEdited(organisationOf(store, account), number, edit, now().getTime());
      record({ type: 'document', tenant: account, value });
    },
  };
}

function organisationOf(store: Store, account: string): Organisation {
  const organisation = store.world.organisations.get(account);
  if (!organisation) throw new Error(`The simulated Xero has no organisation ${account}.`);
  return organisation;
}
