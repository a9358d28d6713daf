import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { AccountingConnector, RemoteChange } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { NAMES } from './entities.ts';

/** CloudEvents, one array for any number of companies; since July 2026 (provider section 6). */
const cloudEvents = z.array(
  z.object({ type: z.string(), intuitentityid: z.string().min(1), intuitaccountid: z.string().min(1) }),
);
/** The shape before, still sent for replays. */
const legacy = z.object({
  eventNotifications: z.array(
    z.object({
      realmId: z.string().min(1),
      dataChangeEvent: z
        .object({ entities: z.array(z.object({ name: z.string(), id: z.string().min(1), operation: z.string() })) })
        .nullish(),
    }),
  ),
});

const OPERATIONS: Readonly<Record<string, RemoteChange['operation']>> = {
  create: 'created',
  created: 'created',
  update: 'updated',
  updated: 'updated',
  delete: 'deleted',
  deleted: 'deleted',
  void: 'voided',
  voided: 'voided',
  merge: 'merged',
  merged: 'merged',
};

/** Only what our documents become: customers and products have ids of their own that may equal an invoice's. */
const OURS: ReadonlySet<string> = new Set(Object.keys(NAMES));

/** The provider's webhooks, signed with the verifier token of the application. */
export const webhooks: AccountingConnector['webhooks'] = {
  signature: { algorithm: 'sha256', header: 'intuit-signature', encoding: 'base64', signs: 'body', secret: 'webhook' },
  changes,
};

function changes(body: Buffer): RemoteChange[] {
  const parsed = parseJson(body);
  const events = cloudEvents.safeParse(parsed);
  if (events.success) {
    return events.data.flatMap(({ type, intuitentityid, intuitaccountid }) => {
      const [, entity = '', operation = ''] = /^qbo\.([^.]+)\.([^.]+)\./.exec(type) ?? [];
      return change(intuitaccountid, entity, intuitentityid, operation);
    });
  }
  const notifications = legacy.safeParse(parsed);
  if (notifications.success) {
    return notifications.data.eventNotifications.flatMap(({ realmId, dataChangeEvent }) =>
      (dataChangeEvent?.entities ?? []).flatMap(({ name, id, operation }) => change(realmId, name, id, operation)),
    );
  }
  const message = `The webhook is in neither of the forms QuickBooks documents: ${z.prettifyError(events.error)}`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', cause: events.error });
}

function change(account: string, name: string, remoteId: string, operation: string): RemoteChange[] {
  const entity = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const known = OPERATIONS[operation.toLowerCase()];
  return OURS.has(entity) && known !== undefined ? [{ account, remoteId, operation: known }] : [];
}
