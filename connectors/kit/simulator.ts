import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Express } from 'express';
import { LosslessNumber } from 'lossless-json';
import type { HttpClient, OAuthApp } from './contract.ts';

/** Options every simulator takes. Same seed, same calls: same answers. */
export interface SimulatorOptions {
  port?: number;
  seed: number;
  /** File that keeps the simulator's state over restarts, one JSON object a line; none = memory only. */
  stateFile?: string | undefined;
  app: OAuthApp;
  now?: () => Date;
  /** Milliseconds between one failed attempt at a webhook and the next, in place of the provider's own. */
  ladderMs?: readonly number[];
}

/** What a provider can be told to do wrong. `count` = how many requests from now on. */
export interface Fault {
  kind: 'status' | 'html' | 'empty' | 'lost_reply' | 'slow' | 'drop_before';
  count: number;
  /** Only requests whose path contains this text. */
  path?: string;
  method?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  delayMs?: number;
}

export interface Simulator {
  /** http://127.0.0.1:port */
  url: string;
  /** Base URLs to configure the connector with. */
  hosts: { api: string; auth: string };
  inject(fault: Fault): void;
  /** Keys that a person would copy from the provider's settings and paste here; absent where only OAuth connects. */
  keys?(account: string): Record<string, string>;
  /**
   * Plays the person at the provider's consent page: follows the authorize URL, answers the redirect with code and
   * state. `account` is the tenant the person picks, where one consent covers one of several.
   */
  consent(authorizeUrl: string, account?: string): Promise<string>;
  close(): Promise<void>;
}

/** One figure of the proof "shop = ledger = books": minor units per currency, from the simulator's own state. */
export interface Totals {
  count: number;
  total: bigint;
  tax: bigint;
}

/** A shop that trades by itself in the sandbox. */
export interface SalesSimulator extends Simulator {
  /** Whether the provider sends a webhook again that was not taken; where it does not, only polling finds it. */
  redelivers: boolean;
  /** Tenants that can be connected, e.g. two shops in two currencies. */
  accounts: {
    account: string;
    label: string;
    country: string;
    currency: string;
    timeZone: string;
    /** Other currencies it takes money in, with the rate (of the account's per one of theirs) that is about right. */
    alsoTakes?: { processor: string; currency: string; rate: string }[];
  }[];
  /**
   * Does the next thing of its seeded programme (an order, a refund, an edit …) and delivers the webhooks that follow,
   * duplicated and shuffled now and then, through `deliver`. Resolves when all were acknowledged or given up.
   */
  trade(account: string): Promise<{ what: string }>;
  /** Where webhooks go for an account; set when the hub registers them, or by hand in the sandbox. */
  webhookUrl(account: string): string | null;
  /** Net of all sales less refunds as the shop itself counts them, shop currency. */
  totals(account: string): Totals;
  /**
   * What the processors still owe the shop, minor units: sales less refunds, fees, disputes and payouts; adjustments
   * once they were paid out, because the payout is what tells of them. Processors whose money this channel does not
   * move are left out. Clearing and reserve accounts must come to the same (accounting.md T11).
   */
  balances(account: string): { processor: string; currency: string; clearing: bigint; reserve: bigint }[];
}

/** Books that documents arrive in. */
export interface AccountingSimulator extends Simulator {
  /** `currencies`: those it keeps beside its own. */
  accounts: { account: string; label: string; country: string; currency: string; currencies?: readonly string[] }[];
  /** Invoices less credit notes as the books count them. `count` = how many of both. */
  totals(account: string): Totals;
  /** Closes the books up to and including a day, YYYY-MM-DD. */
  lock(account: string, lastLockedDay: string): void;
  /** Balance of every account that has moved, in the books' own currency, minor units, debit positive, by code. */
  balances(account: string): Record<string, bigint>;
  /** A person works on a document by hand: voids or deletes it, or changes an amount on it. Throws when it cannot be. */
  tamper(account: string, remoteId: string, how: 'void' | 'edit'): void;
}

export interface SimulatorModule {
  start(options: SimulatorOptions & { http?: HttpClient }): Promise<SalesSimulator | AccountingSimulator>;
}

/** Listens on 127.0.0.1; port 0 picks a free one. `close` cuts the connections that are still open. */
export async function listen(app: Express, port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/**
 * Append-only memory of a simulator: what was recorded before is replayed on start, so that killing the process loses
 * nothing the provider had confirmed. Entries are JSON of plain objects and lists, in which bigint and LosslessNumber
 * keep every digit.
 */
export function durableLog<Entry>(file: string | undefined): { past: Entry[]; append(entry: Entry): void } {
  if (file === undefined) return { past: [], append: () => undefined };
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // A line cut off by a crash was never confirmed to anyone, so it is dropped.
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  if (complete !== text) writeFileSync(file, complete);
  const past = complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => thaw(JSON.parse(line)) as Entry);
  return { past, append: (entry) => appendFileSync(file, `${JSON.stringify(freeze(entry))}\n`) };
}

/**
 * JSON knows no bigint, and a number read from it would lose digits: amounts are written as `{"minor":"10825"}`, exact
 * numbers as `{"number":"108.25"}`, shapes that nothing else in an entry has.
 */
function freeze(value: unknown): unknown {
  if (typeof value === 'bigint') return { minor: value.toString() };
  if (value instanceof LosslessNumber) return { number: value.toString() };
  if (Array.isArray(value)) return value.map(freeze);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, freeze(member)]));
}

function thaw(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(thaw);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value);
  const [only] = members.length === 1 ? members : [];
  if (only?.[0] === 'minor') return BigInt(String(only[1]));
  if (only?.[0] === 'number') return new LosslessNumber(String(only[1]));
  return Object.fromEntries(members.map(([name, member]) => [name, thaw(member)]));
}
