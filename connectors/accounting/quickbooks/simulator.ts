import type { HttpClient } from '../../kit/contract.ts';
import { type AccountingSimulator, listen, type SimulatorOptions } from '../../kit/simulator.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { createApp } from './simulator/app.ts';
import type { CompanyApi } from './simulator/company-api.ts';
import { type Codes, chosenCompany, grant, readAuthorize } from './simulator/consent.ts';
import type { Fact } from './simulator/facts.ts';
import { tamper } from './simulator/hand.ts';
import { DEFAULT_LIFETIMES, endConsent, type Identity, type TokenLifetimes } from './simulator/identity.ts';
import { createLimiter, DEFAULT_LIMITS, type Limits } from './simulator/limits.ts';
import { accountCode, type BookRow, bookRows } from './simulator/rows.ts';
import { openStore, type Store } from './simulator/store.ts';
import { webhooks } from './simulator/webhooks.ts';
import { type Company, type CompanyPlan, DEFAULT_COMPANIES, newWorld, rowKey } from './simulator/world.ts';

export interface QuickBooksSimulatorOptions extends SimulatorOptions {
  /** The administrator's companies; two American ones and a British one unless said otherwise. */
  companies?: readonly CompanyPlan[];
  limits?: Partial<Limits>;
  lifetimes?: Partial<TokenLifetimes>;
  /** Delivers webhooks; the machine's network without it. */
  http?: HttpClient;
}

/** The simulated QuickBooks Online, with what only a test or a person at the keyboard could do to it. */
export interface QuickBooksSimulator extends AccountingSimulator {
  /** As `Simulator.consent`; the administrator picks this company (realm id) instead of the next one. */
  consent(authorizeUrl: string, account?: string): Promise<string>;
  /** The administrator disconnects our app from a company: its tokens are dead. */
  disconnect(account: string): void;
  /** The company's subscription ends, or is paid again. */
  suspend(account: string, isSuspended: boolean): void;
  /** Makes an account, item, customer or vendor inactive. */
  deactivate(account: string, entity: 'Account' | 'Item' | 'Customer' | 'Vendor', id: string): void;
  /** Posts every change of a company to an address from now on, signed with the verifier token. */
  notify(account: string, url: string, verifierToken: string): void;
  /** Resolves when every webhook so far was taken or given up. */
  notified(): Promise<void>;
  /** Balances of accounts kept in another currency, in that one: minor units, debit positive, by code. */
  foreignBalances(account: string): Record<string, bigint>;
  /** Everything in the books, oldest first. */
  documents(account: string): BookRow[];
}

/** Starts a QuickBooks on 127.0.0.1. With a state file it continues where the last one was, even when that was killed. */
export async function start(options: QuickBooksSimulatorOptions): Promise<QuickBooksSimulator> {
  const world = newWorld(options.seed, options.companies ?? DEFAULT_COMPANIES);
  const store = openStore(world, options.stateFile);
  const now = options.now ?? (() => new Date());
  const codes: Codes = new Map();
  const lifetimes = { ...DEFAULT_LIFETIMES, ...options.lifetimes };
  const identity: Identity = { store, app: options.app, codes, lifetimes };
  const api: CompanyApi = { identity, limiter: createLimiter({ ...DEFAULT_LIMITS, ...options.limits }), now };
  const post = webhooks({ world, now, http: options.http, ladderMs: options.ladderMs });
  store.onCommit(post.tell);
  const faults = simulatorFaults();
  const { url, close } = await listen(createApp(api, faults), options.port);
  return {
    url,
    hosts: { api: url, auth: url },
    accounts: [...world.companies.values()].map(({ realm, name, country, currency, currencies = [] }) => ({
      account: realm,
      label: name,
      country,
      currency,
      currencies,
    })),
    inject: faults.inject,
    consent: async (authorizeUrl, account) => {
      const asked = readAuthorize(new URL(authorizeUrl).searchParams, options.app);
      if (!('scope' in asked)) {
        if (asked.redirect === undefined)
          throw new Error(`The simulated QuickBooks shows an error page: ${asked.problem}`);
        return asked.redirect;
      }
      const company = chosenCompany(world, account ?? asked.realm);
      if (!company) throw new Error(`The administrator has no company ${account ?? asked.realm}.`);
      return grant(store, codes, asked, company, now().getTime());
    },
    totals: (account) => ({ ...companyOf(store, account).totals }),
    balances: (account) => balancesByCode(companyOf(store, account)),
    foreignBalances: (account) => foreignByCode(companyOf(store, account)),
    documents: (account) => bookRows(companyOf(store, account)),
    ...handles(store, now),
    notify: (account, address, token) => post.subscribe(companyOf(store, account).realm, address, token),
    notified: post.settled,
    close: () => {
      post.close();
      return close();
    },
  };
}

type Handles = Pick<QuickBooksSimulator, 'lock' | 'tamper' | 'disconnect' | 'suspend' | 'deactivate'>;

function handles(store: Store, now: () => Date): Handles {
  const record = (fact: Fact) => {
    const change = store.begin();
    change.put(fact);
    change.commit();
  };
  return {
    lock: (account, lastLockedDay) => record({ type: 'closed', realm: account, value: lastLockedDay }),
    tamper: (account, remoteId, how) => tamper(store, companyOf(store, account), remoteId, how, now().getTime()),
    disconnect: (account) => {
      for (const consent of store.world.consents.values()) {
        if (consent.realm === account && !consent.ended) endConsent(store, consent);
      }
    },
    suspend: (account, isSuspended) => record({ type: 'suspended', realm: account, value: isSuspended }),
    deactivate: (account, entity, id) => {
      const row = companyOf(store, account).rows.get(rowKey(entity, id));
      if (!row) throw new Error(`The simulated QuickBooks has no ${entity} ${id}.`);
      const next = { active: false, syncToken: row.syncToken + 1, updatedAt: now().getTime() };
      const body = { ...row.body, ...('Active' in row.body ? { Active: false } : {}) };
      record({ type: 'row', realm: account, value: { ...row, ...next, body } });
    },
  };
}

/** By account number, which is what people call an account by; by name where it has none. */
function balancesByCode(company: Company): Record<string, bigint> {
  return Object.fromEntries([...company.balances].map(([id, balance]) => [accountCode(company, id), balance]));
}

function foreignByCode(company: Company): Record<string, bigint> {
  return Object.fromEntries([...company.foreignBalances].map(([id, amount]) => [accountCode(company, id), amount]));
}

function companyOf(store: Store, account: string): Company {
  const company = store.world.companies.get(account);
  if (!company) throw new Error(`The simulated QuickBooks has no company ${account}.`);
  return company;
}
