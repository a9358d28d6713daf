import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { prove, setMapping, toApiError } from '../connect.ts';
import { connectorOf } from '../context.ts';
import { companyIdOf } from './companies.ts';
import { instantText, route } from './route.ts';

/** Connections with the address their webhooks go to. */
export const listConnections = route({
  method: 'get',
  path: '/connections',
  summary: 'Connected channels and books',
  query: z.object({ company: z.string().optional() }),
  answer: z.object({
    connections: z.array(
      z.object({
        id: z.string(),
        company: z.string(),
        connector: z.string(),
        kind: z.string(),
        label: z.string(),
        account: z.string(),
        state: z.string(),
        pausedUntil: instantText.nullable(),
        webhookUrl: z.string().nullable(),
      }),
    ),
  }),
  async handle({ query }, context) {
    const companyId = await companyIdOf(context.sql, query.company);
    const rows = await context.sql<
      {
        id: string;
        company: string;
        connector: string;
        kind: string;
        label: string;
        account: string;
        state: string;
        pausedUntil: Date | null;
      }[]
    >`
      select c.id, m.slug as company, c.connector, c.kind, c.label, c.account, c.state, c.paused_until as "pausedUntil"
      from connections c join companies m on m.id = c.company_id
      where true ${companyId ? context.sql`and c.company_id = ${companyId}` : context.sql``} order by m.slug, c.kind, c.label`;
    return {
      connections: rows.map((row) => ({
        ...row,
        webhookUrl: row.kind === 'sales' ? `${context.publicUrl()}/webhooks/${row.connector}/${row.id}` : null,
      })),
    };
  },
});

/** Connects a system by keys instead of OAuth. Credentials are checked by the connector's own schema and stored sealed. */
export const addConnection = route({
  method: 'post',
  path: '/connections',
  summary: 'Connect a channel or books by keys; OAuth connections start at /oauth/{connector}/start?company={slug}',
  body: z.object({
    company: z.string(),
    connector: z.string(),
    account: z.string().min(1),
    label: z.string().optional(),
    credentials: z.record(z.string(), z.unknown()).default({}),
    webhookSecrets: z.array(z.string().min(8)).max(2).default([]),
    settings: z.record(z.string(), z.string()).default({}),
    test: z.boolean().default(true),
  }),
  answer: z.object({ id: z.string(), webhookUrl: z.string().nullable() }),
  async handle({ body }, context) {
    const connector = connectorOf(context, body.connector);
    if (!connector) throw new ApiError(404, 'CONNECTOR_UNKNOWN', `There is no connector "${body.connector}".`);
    const companyId = await companyIdOf(context.sql, body.company);
    const credentials =
      Object.keys(body.credentials).length === 0 ? {} : (connector.credentials.parse(body.credentials) as object);
    connector.settings.parse(body.settings);
    const { keyId, sealed } = context.sealer.seal(
      JSON.stringify({ ...credentials, webhookSecrets: body.webhookSecrets }),
    );
    const [row] = await context.sql<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account, settings, key_id, sealed)
      values (${companyId ?? ''}, ${connector.id}, ${connector.kind}, ${body.label ?? body.account}, ${body.account},
              ${JSON.stringify(body.settings)}, ${keyId}, ${sealed})
      on conflict (company_id, connector, account) do update set key_id = excluded.key_id, sealed = excluded.sealed, settings = excluded.settings, state = 'active'
      returning id`;
    const { id } = row as { id: string };
    if (body.test && Object.keys(credentials).length > 0) {
      await prove(context, id, companyId ?? '', connector).catch((error: unknown) => {
        throw toApiError(error);
      });
    }
    return {
      id,
      webhookUrl: connector.kind === 'sales' ? `${context.publicUrl()}/webhooks/${connector.id}/${id}` : null,
    };
  },
});

/** What of ours goes to what of theirs. */
export const listMappings = route({
  method: 'get',
  path: '/connections/{id}/mappings',
  summary: 'Mapped accounts and taxes of a books connection',
  answer: z.object({ mappings: z.array(z.object({ kind: z.string(), ours: z.string(), theirs: z.string() })) }),
  async handle({ params }, { sql }) {
    const mappings = await sql<{ kind: string; ours: string; theirs: string }[]>`
      select kind, ours, theirs from mappings where connection_id = ${params.id ?? ''} and kind <> 'party' order by kind, ours`;
    return { mappings };
  },
});

/** Maps one role or tax code; documents that waited for it go on at once. */
export const putMapping = route({
  method: 'put',
  path: '/connections/{id}/mappings',
  summary: 'Map one of our account roles or tax codes to theirs; documents that waited for it go on',
  body: z.object({ kind: z.enum(['account', 'tax']), ours: z.string().min(1), theirs: z.string().min(1) }),
  answer: z.object({ resumed: z.number() }),
  handle: ({ params, body }, context) => setMapping(context, params.id ?? '', body),
});
