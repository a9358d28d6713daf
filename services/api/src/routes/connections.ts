import type { Connector } from '@daybook/connectors/kit/contract';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { connectByKeys, toApiError } from '../connect.ts';
import { type ApiContext, connectorOf } from '../context.ts';
import { companyIdOf, companyNamed } from './companies.ts';
import { instantText, ofCompany, route } from './route.ts';

const text = z.string().min(1).max(300);

interface ConnectionRow {
  id: string;
  company: string;
  connector: string;
  kind: string;
  label: string;
  account: string;
  state: string;
  pausedUntil: Date | null;
}

/** Connections with the address their webhooks go to and the one that connects them anew. */
export const listConnections = route({
  method: 'get',
  path: '/connections',
  summary: 'Connected channels and books',
  query: ofCompany,
  answer: z.object({
    connections: z.array(
      z.object({
        id: z.string(),
        company: z.string(),
        connector: z.string(),
        connectorLabel: z.string(),
        kind: z.string(),
        label: z.string(),
        account: z.string(),
        state: z.string(),
        pausedUntil: instantText.nullable(),
        webhookUrl: z.string().nullable(),
        reconnectUrl: z.string().nullable(),
      }),
    ),
  }),
  async handle({ query }, context) {
    const companyId = await companyIdOf(context.sql, query.company);
    const rows = await context.sql<ConnectionRow[]>`
      select c.id, m.slug as company, c.connector, c.kind, c.label, c.account, c.state, c.paused_until as "pausedUntil"
      from connections c join companies m on m.id = c.company_id
      where true ${companyId ? context.sql`and c.company_id = ${companyId}` : context.sql``} order by m.slug, c.kind desc, c.label`;
    return {
      connections: rows.map((row) => {
        const connector = connectorOf(context, row.connector);
        return {
          ...row,
          connectorLabel: connector?.label ?? row.connector,
          webhookUrl: webhookUrl(context, row.kind, row.connector, row.id),
          reconnectUrl: connector ? reconnectUrl(context, connector, row) : null,
        };
      }),
    };
  },
});

function webhookUrl(context: ApiContext, kind: string, connector: string, id: string): string | null {
  return kind === 'sales' ? `${context.publicUrl()}/webhooks/${connector}/${id}` : null;
}

function reconnectUrl(context: ApiContext, connector: Connector, row: ConnectionRow): string | null {
  const fields = connector.oauth?.fields ?? connector.keys?.handover?.fields;
  if (!fields) return null;
  const query = new URLSearchParams({ company: row.company });
  const [field] = fields;
  if (field) query.set(field.name, row.account);
  return `${context.publicUrl()}/oauth/${connector.id}/start?${query}`;
}

/** Connects a system by keys instead of OAuth. Credentials are checked by the connector's own schema and stored sealed. */
export const addConnection = route({
  method: 'post',
  path: '/connections',
  summary: 'Connect a channel or books by keys; OAuth connections start at /oauth/{connector}/start?company={slug}',
  body: z.strictObject({
    company: text,
    connector: text,
    /** The tenant at the provider. May be left out where the keys alone tell. */
    account: z.string().max(300).default(''),
    label: text.optional(),
    credentials: z.record(z.string(), z.unknown()).default({}),
    webhookSecrets: z.array(z.string().min(8).max(500)).max(2).default([]),
    settings: z.record(z.string(), z.string()).default({}),
  }),
  answer: z.object({ id: z.string(), webhookUrl: z.string().nullable(), problem: z.string().nullable() }),
  async handle({ body }, context) {
    const connector = connectorOf(context, body.connector);
    if (!connector) throw new ApiError(404, 'CONNECTOR_UNKNOWN', `There is no connector "${body.connector}".`);
    const companyId = await companyNamed(context.sql, body.company);
    const account = tenantOf(context, connector, body);
    const { label, credentials, webhookSecrets, settings } = body;
    const given = { companyId, connector, account, label, credentials, webhookSecrets, settings };
    const { connectionId: id, problem } = await connectByKeys(context, given).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { id, webhookUrl: webhookUrl(context, connector.kind, connector.id, id), problem };
  },
});

/** The tenant as the connector spells it. Throws ApiError where these keys, or keys at all, cannot connect one. */
function tenantOf(
  context: ApiContext,
  connector: Connector,
  { account, credentials, company }: { account: string; credentials: Record<string, unknown>; company: string },
): string {
  const named = Object.keys(credentials).length > 0;
  if (!connector.keys && (named || connector.kind === 'accounting')) {
    const hint = `Open ${context.publicUrl()}/oauth/${connector.id}/start?company=${company} in a browser.`;
    throw new ApiError(400, 'INPUT_INVALID', `${connector.label} is connected by consent, not by keys.`, hint);
  }
  const handover = connector.keys?.handover;
  const [field] = handover?.fields ?? connector.oauth?.fields ?? [];
  const isNeeded = field !== undefined || !named;
  if ((isNeeded && account === '') || (field && !field.pattern.test(account))) {
    const what = field?.label ?? `The account at ${connector.label}`;
    const hint = field ? `It looks like ${field.example}.` : 'Name it in "account".';
    throw new ApiError(400, 'OAUTH_FIELD_INVALID', `${what} "${account}" is not valid.`, hint);
  }
  return field && handover ? handover.account({ [field.name]: account }) : account;
}
