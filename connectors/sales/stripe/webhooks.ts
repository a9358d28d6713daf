import type Stripe from 'stripe';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, Subscribed, WebhookTarget } from '../../kit/contract.ts';
import { API_VERSION, type Caller, callerOf, listAll, post, remove } from './client.ts';

/** What we subscribe to, by the spelling that npm `stripe` knows, so that a typing error does not compile. */
export const TOPICS = [
  'account.application.deauthorized',
  'charge.captured',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.expired',
  'charge.failed',
  'charge.pending',
  'charge.refund.updated',
  'charge.refunded',
  'charge.succeeded',
  'charge.updated',
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'credit_note.created',
  'credit_note.voided',
  'invoice.finalized',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.voided',
  'payment_intent.succeeded',
  'payout.canceled',
  'payout.created',
  'payout.failed',
  'payout.paid',
  'payout.reconciliation_completed',
  'payout.updated',
  'refund.created',
  'refund.failed',
  'refund.updated',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];

const endpoint = z.object({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  api_version: z.string().nullish(),
  enabled_events: z.array(z.string()),
});
type Endpoint = z.output<typeof endpoint>;
const created = z.object({ id: z.string(), secret: z.string().min(1) });

const ENDPOINTS = '/v1/webhook_endpoints';

/**
 * One endpoint at our address: of the seller's own account where a key was pasted, of the whole application where the
 * seller gave consent. It is made anew when its secret is not known any more, because Stripe shows a secret only once,
 * or when it renders another version of the API, which cannot be changed. Others are left alone; safe to repeat.
 */
export async function registerWebhooks(target: WebhookTarget, api: Api): Promise<Subscribed> {
  const isConsent = 'accessToken' in ((api.credentials ?? {}) as object);
  const scope = isConsent ? 'app' : 'connection';
  const url = isConsent ? target.appUrl : target.url;
  const caller = isConsent ? applicationCaller(api) : callerOf(api);
  const present = (await allEndpoints(caller)).filter((each) => isOurs(each, url, scope));
  const known = present.filter((each) => target.known[scope] && each.api_version === API_VERSION);
  const usable = known.find((each) => each.url === url) ?? known[0];
  for (const each of present) if (each !== usable) await remove(caller, `${ENDPOINTS}/${each.id}`);
  if (usable) return mended(usable, url, caller);
  const fields = { url, enabled_events: TOPICS, api_version: API_VERSION, description: 'Daybook' };
  const answer = created.safeParse(await post(caller, ENDPOINTS, isConsent ? { ...fields, connect: 'true' } : fields));
  if (!answer.success) {
    const message = 'Stripe made a webhook endpoint, but did not tell its secret; it is made anew next time.';
    throw new ConnectorError('retryable', message, { code: 'CHANNEL_ANSWER_UNREADABLE' });
  }
  return { created: [...TOPICS], kept: [], secret: { value: answer.data.secret, scope } };
}

/** Connect endpoints belong to the platform, so its own key makes them. */
function applicationCaller(api: Api): Caller {
  if (api.app) return { http: api.http, api: api.hosts.api, key: api.app.clientSecret };
  const message = "Webhooks of Stripe accounts connected by consent are made with the platform's key, and none is set.";
  throw new ConnectorError('rejected', message, { code: 'OAUTH_APP_MISSING' });
}

/**
 * At our address, or where this connection had its own under another public address before: the path carries its id.
 * The application's path is the same for every installation, so elsewhere it may be another's.
 */
function isOurs(present: Endpoint, url: string, scope: 'app' | 'connection'): boolean {
  if (scope === 'app' || !URL.canParse(present.url)) return present.url === url;
  return new URL(present.url).pathname === new URL(url).pathname;
}

async function allEndpoints(caller: Caller): Promise<Endpoint[]> {
  const parsed = z.array(endpoint).safeParse(await listAll(caller, ENDPOINTS));
  if (parsed.success) return parsed.data;
  throw new ConnectorError('retryable', 'Stripe listed webhook endpoints in a form it does not document.', {
    code: 'CHANNEL_ANSWER_UNREADABLE',
  });
}

/** Adds what is missing, switches it on again and points it here. */
async function mended(present: Endpoint, url: string, caller: Caller): Promise<Subscribed> {
  const enabled = new Set(present.enabled_events);
  const has = (topic: string) => enabled.has(topic) || enabled.has('*');
  const [kept, missing] = [TOPICS.filter(has), TOPICS.filter((topic) => !has(topic))];
  if (missing.length > 0 || present.status !== 'enabled' || present.url !== url)
    await post(caller, `${ENDPOINTS}/${present.id}`, { url, enabled_events: TOPICS, disabled: 'false' });
  return { created: missing, kept };
}
