import { type Request, type Response, Router } from 'express';
import { random } from '../../../kit/random.ts';
import type { Site } from './site.ts';
import type { ApiKey, Store } from './state.ts';

export interface ConsentOptions {
  seed: number;
  site: Site;
  store: Store;
}

const PARAMETERS = ['app_name', 'user_id', 'return_url', 'callback_url', 'scope'] as const;
const SCOPES = ['read', 'write', 'read_write'];

/**
 * The store's own consent page, below `/wc-auth/v1`, for a shop manager who is logged in. Approving makes a pair of
 * keys, posts it to `callback_url` and, unless that answers exactly 200, deletes it again. Plain http is taken for this
 * machine only, where no store would post to.
 */
export function consentRoutes(options: ConsentOptions): Router {
  const router = Router();
  router.get('/authorize', (request, response) => {
    const problem = refusal(request);
    if (problem !== null) return denied(response, problem);
    const granted = new URLSearchParams(request.query as Record<string, string>);
    granted.set('wc_auth_nonce', nonceOf(options, request));
    const refuse = withAnswer(String(request.query.return_url), '0', String(request.query.user_id));
    response.type('html').send(
      `<!doctype html><html><head><title>Application authentication request</title></head><body>
<p>${escaped(request.query.app_name)} would like to view and manage orders, and to create webhooks.</p>
<a class="wc-auth-approve" href="access_granted?${escaped(granted)}">Approve</a>
<a class="wc-auth-deny" href="${escaped(refuse)}">Deny</a></body></html>`,
    );
  });
  router.get('/access_granted', (request, response) => void grant(options, request, response));
  return router;
}

function refusal(request: Request): string | null {
  const missing = PARAMETERS.find((name) => typeof request.query[name] !== 'string' || request.query[name] === '');
  if (missing !== undefined) return `Missing parameter ${missing}`;
  if (!SCOPES.includes(String(request.query.scope))) return `Invalid scope ${String(request.query.scope)}`;
  for (const name of ['return_url', 'callback_url']) {
    if (!URL.canParse(String(request.query[name]))) return `The ${String(request.query[name])} is not a valid URL`;
  }
  const { protocol, hostname } = new URL(String(request.query.callback_url));
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return protocol === 'https:' || isLocal ? null : 'The callback_url needs to be over SSL';
}

/** Bound to what was shown: another application cannot borrow the approval. */
function nonceOf({ seed, site }: ConsentOptions, request: Request): string {
  return random(seed, site.account, 'nonce', ...PARAMETERS.map((name) => String(request.query[name]))).hex(10);
}

async function grant(options: ConsentOptions, request: Request, response: Response): Promise<void> {
  const problem = refusal(request);
  if (problem !== null) return denied(response, problem);
  if (request.query.wc_auth_nonce !== nonceOf(options, request)) return denied(response, 'Invalid nonce verification');
  const { store } = options;
  const user = String(request.query.user_id);
  const key = makeKey(options, String(request.query.scope) as ApiKey['permissions']);
  store.record({ kind: 'key', key });
  const posted = {
    key_id: key.id,
    user_id: user,
    consumer_key: key.consumerKey,
    consumer_secret: key.consumerSecret,
    key_permissions: key.permissions,
  };
  if ((await handOver(String(request.query.callback_url), JSON.stringify(posted))) !== 200) {
    store.record({ kind: 'key_deleted', id: key.id });
    const message = 'An error occurred in the request and at the time were unable to send the consumer data';
    return denied(response, message);
  }
  response.redirect(302, withAnswer(String(request.query.return_url), '1', user));
}

/** A new pair; the seed and the next free id make it, so that a run can be repeated. */
export function makeKey({ seed, site, store }: ConsentOptions, permissions: ApiKey['permissions']): ApiKey {
  const id = store.state.nextId;
  const chance = random(seed, site.account, 'key', id);
  return { id, consumerKey: `ck_${chance.hex(40)}`, consumerSecret: `cs_${chance.hex(40)}`, permissions };
}

function withAnswer(returnUrl: string, success: '0' | '1', user: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set('success', success);
  url.searchParams.set('user_id', user);
  return url.toString();
}

async function handOver(url: string, body: string): Promise<number> {
  try {
    const headers = { 'content-type': 'application/json;charset=UTF-8' };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(60_000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

function denied(response: Response, message: string): void {
  response
    .status(401)
    .type('html')
    .send(`<!doctype html><title>Access denied</title><p>Error: ${escaped(message)}.</p>`);
}

function escaped(text: unknown): string {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** Plays the shop manager: opens the page, approves or denies, and answers where the browser is sent. */
export async function decide(authorizeUrl: string, decision: 'approve' | 'deny'): Promise<string> {
  const page = await fetch(authorizeUrl);
  const text = await page.text();
  if (!page.ok) throw new Error(`The store's consent page answered ${page.status}: ${text}`);
  const [, link = ''] = new RegExp(`class="wc-auth-${decision}" href="([^"]+)"`).exec(text) ?? [];
  const target = new URL(link.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&'), authorizeUrl);
  if (decision === 'deny') return target.toString();
  const granted = await fetch(target, { redirect: 'manual' });
  const location = granted.headers.get('location');
  if (granted.status !== 302 || location === null) {
    throw new Error(`The store did not grant access: ${granted.status} ${await granted.text()}`);
  }
  return location;
}
