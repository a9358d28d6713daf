import { type SquareSimulator, type SquareSimulatorOptions, start } from '../simulator.ts';

/** The application registered with the simulated Square. */
export const APP = { clientId: 'sq0idp-test', clientSecret: 'sq0csp-secret', token: 'EAAA-application' };
export const REDIRECT = 'https://hub.example/oauth/callback';
/** Every scope the café's connector reads with. */
export const SCOPES =
  'ORDERS_READ PAYMENTS_READ DISPUTES_READ PAYOUTS_READ MERCHANT_PROFILE_READ ITEMS_READ INVENTORY_READ GIFTCARDS_READ CUSTOMERS_READ INVOICES_READ CASH_DRAWER_READ';

export interface Answered {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON comes
  body: any;
}

/** A running Square with a clock that only moves when it is told to, and ways to call it. */
export interface TestSquare {
  square: SquareSimulator;
  clock: { now: Date };
  account: string;
  call(method: string, path: string, token: string | null, body?: unknown, headers?: object): Promise<Answered>;
  /** Goes through the consent page and exchanges the code. */
  connect(scope?: string, extra?: Record<string, string>): Promise<Answered>;
  /** A code of the consent page, not exchanged. */
  codeOf(scope?: string, extra?: Record<string, string>): Promise<string>;
  token(request: object): Promise<Answered>;
  /** Plays steps, one every twenty minutes. */
  trade(steps: number): Promise<string[]>;
}

/** Starts it at a fixed morning; the caller closes `square`. */
export async function testSquare(more: Partial<SquareSimulatorOptions> = {}): Promise<TestSquare> {
  const clock = { now: new Date('2026-07-01T12:00:00Z') };
  const standard = { seed: 7, app: APP, now: () => clock.now, ladderMs: [5, 5, 5], answerWithinMs: 300 };
  const square = await start({ ...standard, ...more });
  const call: TestSquare['call'] = async (method, path, token, body, headers = {}) => {
    const answer = await fetch(`${square.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  };
  const token = (request: object) => call('POST', '/oauth2/token', null, { client_id: APP.clientId, ...request });
  const codeOf: TestSquare['codeOf'] = async (scope = SCOPES, extra = {}) => {
    const query = { client_id: APP.clientId, scope, session: 'false', state: 's1', redirect_uri: REDIRECT, ...extra };
    const back = new URL(await square.consent(`${square.url}/oauth2/authorize?${new URLSearchParams(query)}`));
    return back.searchParams.get('code') ?? '';
  };
  const client_secret = APP.clientSecret;
  return {
    square,
    clock,
    account: square.accounts[0]!.account,
    call,
    token,
    codeOf,
    connect: async (scope, extra) =>
      token({ grant_type: 'authorization_code', client_secret, code: await codeOf(scope, extra) }),
    trade: async (steps) => {
      const played: string[] = [];
      for (let step = 0; step < steps; step += 1) {
        played.push((await square.trade(square.accounts[0]!.account)).what);
        clock.now = new Date(clock.now.getTime() + 20 * 60_000);
      }
      return played;
    },
  };
}
