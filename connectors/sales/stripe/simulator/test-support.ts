import { type StripeSimulator, type StripeSimulatorOptions, start } from '../simulator.ts';

export const APP = { clientId: 'ca_platform', clientSecret: 'sk_live_platform_secret_of_the_test' };
export const REDIRECT_URI = 'https://daybook.example/oauth/callback';

/** A Stripe whose clock moves only when it is told to. */
export interface Stand {
  stripe: StripeSimulator;
  account: string;
  clock: { now: Date };
  /** A key of the merchant's own. */
  key: string;
  /** Plays steps, 21 seconds apart, and gives what they were. */
  trade(steps: number): Promise<string[]>;
  /** Calls the API; the merchant's own key unless headers say otherwise. Answers parsed JSON. */
  call(path: string, more?: { method?: string; form?: string; headers?: Record<string, string> }): Promise<Reply>;
  /** Connects the merchant to the platform, and gives the token answer. */
  connect(): Promise<Record<string, string>>;
}

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever shape the API documents
  body: any;
}

/** Starts a simulator for a test; the test closes it. */
export async function stand(options: Partial<StripeSimulatorOptions> = {}): Promise<Stand> {
  const clock = { now: new Date('2026-11-10T09:00:00Z') };
  const stripe = await start({
    seed: 7,
    app: APP,
    now: () => clock.now,
    ladderMs: [2, 2, 2],
    answerWithinMs: 500,
    limits: { account: 10_000, endpoint: 10_000 },
    ...options,
  });
  const account = stripe.accounts[0]?.account ?? '';
  const { apiKey: key } = stripe.keys(account);
  const call: Stand['call'] = async (path, { method, form, headers } = {}) => {
    const answer = await fetch(stripe.url + path, {
      method: method ?? (form === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${key}`,
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form === undefined ? {} : { body: form }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const connect = async () => {
    const back = new URL(await stripe.consent(authorizeUrl(stripe.url)));
    const form = `grant_type=authorization_code&code=${back.searchParams.get('code')}`;
    const headers = { authorization: `Bearer ${APP.clientSecret}` };
    return (await call('/oauth/token', { form, headers })).body;
  };
  const trade = async (steps: number) => {
    const played: string[] = [];
    for (let step = 0; step < steps; step += 1) {
      played.push((await stripe.trade(account)).what);
      clock.now = new Date(clock.now.getTime() + 21_000);
    }
    return played;
  };
  return { stripe, account, clock, key, trade, call, connect };
}

/** The page a platform sends the merchant to. */
export function authorizeUrl(url: string, changes: Record<string, string> = {}): string {
  const query = { response_type: 'code', client_id: APP.clientId, scope: 'read_write', state: 'the-state' };
  return `${url}/oauth/authorize?${new URLSearchParams({ ...query, redirect_uri: REDIRECT_URI, ...changes })}`;
}
