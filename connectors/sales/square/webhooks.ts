import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, EventHeader, HeaderMap, Subscribed, WebhookTarget } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { type Answer, API_VERSION, type Caller, get, send } from './client.ts';
import { utcInstant } from './money.ts';

/** What we subscribe to: everything that is, or leads to, a fact. Others that are understood are in normalize.ts. */
export const TOPICS: readonly string[] = [
  'payment.created',
  'payment.updated',
  'refund.created',
  'refund.updated',
  'order.created',
  'order.updated',
  'dispute.created',
  'dispute.state.updated',
  'payout.paid',
  'payout.failed',
  'gift_card.activity.created',
  'oauth.authorization.revoked',
];

const envelope = z.object({
  type: z.string().min(1),
  event_id: z.string().min(1),
  merchant_id: z.string().nullish(),
  created_at: z.string().nullish(),
});

/** What the envelope tells; the signature covers all of it. Throws `rejected` when type or event id is missing. */
export function header(_headers: HeaderMap, body: Buffer): EventHeader {
  const parsed = envelope.safeParse(parseJson(body));
  if (!parsed.success) {
    const missing = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ') || 'type';
    throw new ConnectorError('rejected', `The body lacks ${missing}; it did not come from Square.`, {
      code: 'HEADER_MISSING',
      subject: missing,
    });
  }
  const { type, event_id, merchant_id, created_at } = parsed.data;
  return { topic: type, eventId: event_id, account: merchant_id ?? null, triggeredAt: utcInstant(created_at) ?? null };
}

const subscription = z.object({
  id: z.string(),
  enabled: z.boolean().nullish(),
  event_types: z.array(z.string()).nullish(),
  notification_url: z.string().nullish(),
  api_version: z.string().nullish(),
  signature_key: z.string().min(1).nullish(),
});
type Subscription = z.output<typeof subscription>;

const PATH = '/v2/webhooks/subscriptions';

/**
 * Makes the application's one subscription what it should be: at our address, with all topics, switched on. It carries
 * every seller of the application, and only the application's own access token may manage it; without one nothing is
 * created and the account is read by polling alone. Safe to repeat. Throws what `get` throws, and `rejected` where that
 * token is wrong.
 */
export async function registerWebhooks(target: WebhookTarget, api: Api): Promise<Subscribed> {
  if (!api.app?.token) {
    api.log(
      'Square webhooks are off: they belong to the application, and no access token of the application is configured. ' +
        'Sales arrive by polling, a few minutes later.',
    );
    return { created: [], kept: [] };
  }
  const caller: Caller = { http: api.http, api: api.hosts.api, accessToken: api.app.token };
  try {
    return await subscribed(target, api.now(), caller);
  } catch (error) {
    throw isUnauthorized(error) ? tokenRefused(error) : error;
  }
}

async function subscribed(target: WebhookTarget, now: Date, caller: Caller): Promise<Subscribed> {
  const all = await allSubscriptions(caller);
  const present = all.find((each) => each.notification_url === target.appUrl) ?? (await movedFrom(all, target, caller));
  if (present && isGood(present, target)) return keptAs(present, caller);
  const changed = present ? await mended(present, target, caller) : await created(target.appUrl, now, caller);
  const before = present?.event_types ?? [];
  return {
    created: TOPICS.filter((topic) => !before.includes(topic)),
    kept: TOPICS.filter((topic) => before.includes(topic)),
    ...secretOf(changed.signature_key ? changed : await whole(changed.id, caller)),
  };
}

function isUnauthorized(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.kind === 'unauthorized';
}

/** It is the operator's token that is wrong: no seller can mend that by reconnecting. */
function tokenRefused(cause: ConnectorError): ConnectorError {
  const message =
    "Square does not accept the application's own access token, so webhooks cannot be managed and sales arrive by " +
    'polling. Copy the token again from the developer console into DAYBOOK_APP_SQUARE_TOKEN.';
  return new ConnectorError('rejected', message, { code: 'OAUTH_APP_REFUSED', subject: 'app token', cause });
}

/** Its key is read every time: whoever renews it in the developer console does not tell us. */
async function keptAs(present: Subscription, caller: Caller): Promise<Subscribed> {
  return { created: [], kept: [...TOPICS], ...secretOf(await whole(present.id, caller)) };
}

function isGood(present: Subscription, { appUrl }: WebhookTarget): boolean {
  const { enabled, event_types: types, api_version: version, notification_url: url } = present;
  return (
    enabled !== false && url === appUrl && version === API_VERSION && TOPICS.every((topic) => types?.includes(topic))
  );
}

function secretOf({ signature_key: value }: Subscription): Pick<Subscribed, 'secret'> {
  return value ? { secret: { value, scope: 'app' } } : {};
}

/** The application's subscriptions, switched off or not. */
async function allSubscriptions(caller: Caller): Promise<Subscription[]> {
  const all: Subscription[] = [];
  let cursor: string | undefined;
  do {
    const answer = await get(caller, PATH, { include_disabled: 'true', cursor });
    const page = z.object({ subscriptions: z.array(subscription).nullish(), cursor: z.string().nullish() });
    const read = readAnswer(page, answer);
    all.push(...(read.subscriptions ?? []));
    cursor = read.cursor ?? undefined;
  } while (cursor !== undefined && cursor !== '');
  return all;
}

/**
 * Ours from when we had another public address: the same path there, signed with a key that we hold. Another
 * installation that shares the application has a key of its own.
 */
async function movedFrom(
  all: readonly Subscription[],
  target: WebhookTarget,
  caller: Caller,
): Promise<Subscription | undefined> {
  const path = new URL(target.appUrl).pathname;
  for (const { id, notification_url: url } of all) {
    if (!url || !URL.canParse(url) || new URL(url).pathname !== path) continue;
    const found = await whole(id, caller);
    if (found.signature_key && target.holds?.(found.signature_key)) return found;
  }
  return undefined;
}

/** Only reading one subscription shows its signature key; the list does not. */
async function whole(id: string, caller: Caller): Promise<Subscription> {
  return oneIn(await get(caller, `${PATH}/${encodeURIComponent(id)}`));
}

async function created(url: string, now: Date, caller: Caller): Promise<Subscription> {
  const wanted = { name: 'Daybook', event_types: TOPICS, notification_url: url, api_version: API_VERSION };
  // A reply that is lost is found by its address the next time; the key stops a repeat within the same minute.
  const minute = now.toISOString().slice(0, 16);
  const key = createHash('sha256').update(`${url} ${minute}`).digest('hex').slice(0, 40);
  return oneIn(await send(caller, 'POST', PATH, { idempotency_key: key, subscription: wanted }));
}

/** Topics that somebody else added stay. */
async function mended(present: Subscription, { appUrl }: WebhookTarget, caller: Caller): Promise<Subscription> {
  const types = [...new Set([...(present.event_types ?? []), ...TOPICS])];
  const moved = present.notification_url === appUrl ? {} : { notification_url: appUrl };
  const wanted = { enabled: true, event_types: types, api_version: API_VERSION, ...moved };
  return oneIn(await send(caller, 'PUT', `${PATH}/${encodeURIComponent(present.id)}`, { subscription: wanted }));
}

function oneIn(answer: Answer): Subscription {
  return readAnswer(z.object({ subscription }), answer).subscription;
}

function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ConnectorError(
    'retryable',
    'Square did not describe its webhook subscriptions as documented; we try again.',
    {
      code: 'CHANNEL_ANSWER_UNREADABLE',
    },
  );
}
