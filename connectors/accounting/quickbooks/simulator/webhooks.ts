import type { HttpClient } from '../../../kit/contract.ts';
import { type SignatureScheme, sign } from '../../../kit/signature.ts';
import { uuidFrom } from '../../../kit/simulator-ids.ts';
import type { Fact } from './facts.ts';
import type { World } from './world.ts';

/** base64 of HMAC-SHA256 over the raw body with the verifier token; nothing else is signed. */
const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'intuit-signature',
  encoding: 'base64',
  signs: 'body',
  secret: 'webhook',
};

const ANSWER_WITHIN_MS = 3_000;
/** Milliseconds between one failed attempt and the next; Intuit does not publish its own. */
const LADDER_MS = [2_000, 10_000, 30_000];

export interface Webhooks {
  /** Tells an address of every change of a company from now on. */
  subscribe(realm: string, url: string, verifierToken: string): void;
  /** Takes up what was committed. */
  tell(facts: readonly Fact[]): void;
  /** Resolves when everything so far was taken or given up. */
  settled(): Promise<void>;
  close(): void;
}

export interface WebhooksOptions {
  world: World;
  now(): Date;
  http?: HttpClient | undefined;
  ladderMs?: readonly number[] | undefined;
}

/** The way of changes to their subscribers, as CloudEvents: one POST per committed change, an array of events. */
export function webhooks({ world, now, http, ladderMs = LADDER_MS }: WebhooksOptions): Webhooks {
  const subscribers = new Map<string, { url: string; token: string }>();
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let told = 0;
  const post = async (url: string, body: string, headers: Record<string, string>): Promise<boolean> => {
    try {
      if (http)
        return (await http.request({ method: 'POST', url, headers, body, timeoutMs: ANSWER_WITHIN_MS })).status === 200;
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      return (await fetch(url, { method: 'POST', headers, body, signal })).status === 200;
    } catch {
      return false;
    }
  };
  const deliver = async (url: string, body: string, headers: Record<string, string>) => {
    for (const wait of [0, ...ladderMs]) {
      if (wait > 0) await pause(wait, stop.signal);
      if (stop.signal.aborted || (await post(url, body, headers))) return;
    }
  };
  return {
    subscribe: (realm, url, token) => void subscribers.set(realm, { url, token }),
    tell: (facts) => {
      for (const [realm, { url, token }] of subscribers) {
        const events = facts.flatMap((fact) => eventsOf(world, realm, fact, now(), () => (told += 1)));
        if (events.length === 0) continue;
        const body = JSON.stringify(events);
        const signature = sign(scheme, { body: Buffer.from(body), url, at: now() }, token);
        const delivery = deliver(url, body, { 'content-type': 'application/json', [scheme.header]: signature });
        underWay.add(delivery);
        void delivery.finally(() => underWay.delete(delivery));
      }
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () => stop.abort(),
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function eventsOf(world: World, realm: string, fact: Fact, at: Date, next: () => number): Record<string, unknown>[] {
  if ((fact.type !== 'document' && fact.type !== 'row') || fact.realm !== realm) return [];
  const { value } = fact;
  const state = 'state' in value ? value.state : 'live';
  const operation = state !== 'live' ? state : value.syncToken === 0 ? 'created' : 'updated';
  return [
    {
      specversion: '1.0',
      id: uuidFrom(world.seed, 'event', next()),
      source: `intuit.${uuidFrom(world.seed, 'source', realm).replaceAll('-', '')}`,
      type: `qbo.${value.entity.toLowerCase()}.${operation}.v1`,
      datacontenttype: 'application/json',
      time: at.toISOString(),
      intuitentityid: value.id,
      intuitaccountid: realm,
      data: {},
    },
  ];
}
