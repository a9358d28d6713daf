import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ConnectedAccount, KeyFlow } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { STORE_PATTERN, storeAddress } from './account.ts';
import { call } from './client.ts';

const systemStatus = z.object({
  environment: z.object({ home_url: z.string().min(1) }),
  settings: z.object({ currency: z.string().nullish() }).nullish(),
});

/**
 * Whose keys are these? The system status is only told to keys of somebody who manages the store, and says what the
 * store calls itself: the very address its webhooks name as their source. Two fields of it are asked for, because the
 * whole report is slow. Throws `unauthorized` for wrong keys, `rejected` when the store goes by another address.
 */
async function verify(api: Api): Promise<ConnectedAccount> {
  const query = { _fields: 'environment.home_url,settings.currency' };
  const { body } = await call(api, 'GET', '/system_status', { query });
  const status = systemStatus.safeParse(body);
  if (!status.success) {
    const message = `The store ${api.account} answers, but its system status does not say its home address. Is WooCommerce up to date?`;
    throw new ConnectorError('rejected', message, { code: 'CHANNEL_REFUSED' });
  }
  const account = storeAddress(status.data.environment.home_url);
  if (account !== storeAddress(api.account)) {
    const message = `You named ${api.account}, but that store calls itself ${account}, and so will its webhooks. Connect it under that address.`;
    throw new ConnectorError('rejected', message, { code: 'OAUTH_FIELD_INVALID', subject: 'store' });
  }
  const currency = status.data.settings?.currency;
  return { account, label: account, settings: currency ? { currency } : {} };
}

const handedOver = z.object({
  user_id: z.string().min(1),
  consumer_key: z.string().min(1),
  consumer_secret: z.string().min(1),
  key_permissions: z.string(),
});

/**
 * The store posts its keys to us without a signature and without saying who it is: all that binds them to somebody is
 * `user_id`, where our state comes back. Throws `rejected` naming the field, also for keys that could not subscribe.
 */
function receive(body: Buffer): { state: string; credentials: Record<string, string> } {
  const posted = handedOver.safeParse(parseJson(body));
  if (!posted.success) throw unusable(posted.error.issues[0]?.path.join('.') || 'body', 'is missing');
  const { user_id: state, consumer_key, consumer_secret, key_permissions } = posted.data;
  if (key_permissions !== 'read_write') {
    throw unusable('key_permissions', `is "${key_permissions}", but webhooks can only be made with "read_write"`);
  }
  return { state, credentials: { consumerKey: consumer_key, consumerSecret: consumer_secret } };
}

function unusable(field: string, why: string): ConnectorError {
  const message = `What the store handed over cannot be used: ${field} ${why}. Start connecting again and approve everything.`;
  return new ConnectorError('rejected', message, { code: 'OAUTH_CALLBACK_INVALID', subject: field });
}

/** Connecting: keys pasted by hand, or made on the store's own consent page (`/wc-auth/v1`). */
export const keys: KeyFlow = {
  verify,
  handover: {
    fields: [{ name: 'store', label: 'Address of your store', pattern: STORE_PATTERN, example: 'books.example.com' }],
    account: (fields) => storeAddress(fields.store ?? ''),
    authorizeUrl: ({ hosts, callbackUrl, returnUrl, state }) => {
      const query = new URLSearchParams({
        app_name: 'Daybook',
        scope: 'read_write',
        user_id: state,
        return_url: returnUrl,
        callback_url: callbackUrl,
      });
      return `${hosts.auth}/wc-auth/v1/authorize?${query}`;
    },
    receive,
  },
};
