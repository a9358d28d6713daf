import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { AccountingConnector, RemoteChange } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';

/** One delivery mixes tenants; the probes of "intent to receive" carry no event at all (webhooks-openapi.yaml). */
const delivery = z.object({
  events: z.array(
    z.object({
      resourceId: z.string().min(1),
      tenantId: z.string().min(1),
      eventCategory: z.string(),
      eventType: z.string(),
    }),
  ),
});

/** Categories of what we push; there is none for payments, transfers and journals (provider section 6). */
const OURS: ReadonlySet<string> = new Set(['INVOICE', 'CREDITNOTE']);

/**
 * The provider's webhooks, signed with the key of the application. Its probes of "intent to receive" are signed rightly
 * and wrongly by turns and want 200 and 401, which is how every delivery is answered.
 */
export const webhooks: AccountingConnector['webhooks'] = {
  signature: { algorithm: 'sha256', header: 'x-xero-signature', encoding: 'base64', signs: 'body', secret: 'webhook' },
  changes,
};

/** A voided document comes as an update: only reading it tells. */
function changes(body: Buffer): RemoteChange[] {
  const parsed = delivery.safeParse(readJson(body));
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error), parsed.error);
  return parsed.data.events
    .filter(({ eventCategory }) => OURS.has(eventCategory))
    .map(({ tenantId, resourceId, eventType }) => ({
      account: tenantId,
      remoteId: resourceId,
      operation: eventType === 'CREATE' ? 'created' : 'updated',
    }));
}

function readJson(body: Buffer): unknown {
  try {
    return parseJson(body);
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
}

function unreadable(why: string, cause: unknown): ConnectorError {
  const message = `The webhook is not in the form Xero documents: ${why}. Nothing was noted; polling finds what changed.`;
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', cause });
}
