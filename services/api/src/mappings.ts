import type { MappingSuggestion, RemoteBooks } from '@daybook/connectors/kit/contract';
import { accountsOf, taxCodesOf } from '@daybook/ledger/company';
import { ringPush } from '@daybook/workers/doorbell';
import { fingerprint, resolveIssue } from '@daybook/workers/issues';
import { mappingAt, readMappings } from '@daybook/workers/push/mapping-rows';
import { remoteBooks } from '@daybook/workers/push/remote-books';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './context.ts';

/** A mapping a person chooses. */
export interface ChosenMapping {
  kind: 'account' | 'tax';
  ours: string;
  theirs: string;
  /** Connection of the channel it is for; '' = every other one. */
  channel: string;
  /** First document date it holds for, YYYY-MM-DD. */
  validFrom: string;
}

/**
 * Maps one role or tax of ours to theirs, remembers what stood there before, closes the issue that asked for it and
 * lets the waiting documents go on. Documents that are in the books already stay as they are.
 */
export async function setMapping(
  context: ApiContext,
  connectionId: string,
  mapping: ChosenMapping,
): Promise<{ resumed: number }> {
  const { companyId } = await booksConnection(context, connectionId);
  const subject = `${mapping.kind} ${mapping.ours}`;
  const print = fingerprint({ code: 'MAPPING_MISSING', connectionId, subject });
  const resumed = await context.sql.begin(async (tx) => {
    const { kind, ours, theirs, channel, validFrom } = mapping;
    await tx`
      insert into mapping_changes (connection_id, kind, ours, channel, valid_from, before, after, changed_at)
      select ${connectionId}, ${kind}, ${ours}, ${channel}, ${validFrom}, (
        select theirs from mappings where connection_id = ${connectionId} and kind = ${kind} and ours = ${ours}
          and channel = ${channel} and valid_from = ${validFrom}), ${theirs}, ${context.clock()}`;
    await tx`
      insert into mappings (connection_id, kind, ours, channel, valid_from, theirs)
      values (${connectionId}, ${kind}, ${ours}, ${channel}, ${validFrom}, ${theirs})
      on conflict (connection_id, kind, ours, channel, valid_from) do update set theirs = excluded.theirs`;
    await tx`
      update documents set state = 'pending', reason = null, code = null where connection_id = ${connectionId}
        and state = 'held' and id in (select ref from todo where stage = 'push' and held = ${print})`;
    return resolveIssue(tx, companyId, print, context.clock());
  });
  await ringPush(context.deps, connectionId);
  return { resumed };
}

/** A word of ours with what stands for it there, and what their chart suggests. */
export interface MappingLine {
  kind: 'account' | 'tax';
  ours: string;
  /** Our account or tax code in words. */
  label: string;
  theirs: string | null;
  theirsLabel: string | null;
  suggested: string | null;
  /** Lines of documents that carry it. */
  used: number;
}

/**
 * The whole mapping of a books connection as a person works on it: what is not mapped first, then what is used most;
 * with the accounts and taxes of the books to choose from, read from there when not known from a moment ago.
 */
export async function mappingTable(
  context: ApiContext,
  connectionId: string,
  moment: { channel: string | null; date: string },
): Promise<{ lines: MappingLine[]; books: RemoteBooks }> {
  const { companyId, connector } = await booksConnection(context, connectionId);
  const api = await context.access.api(connectionId);
  const books = await remoteBooks(connectionId, connector, api, context.deps);
  const accounts = await accountsOf(context.sql, companyId);
  const taxes = await taxCodesOf(context.sql, companyId);
  const suggested = suggestions(connector.suggestMapping(books, accounts, taxes));
  const lookUp = mappingAt(await readMappings(context.sql, connectionId))(moment);
  const used = await usage(context, connectionId);
  const line = (kind: 'account' | 'tax', ours: string, label: string): MappingLine => {
    const theirs = lookUp(kind, ours) ?? null;
    const known = kind === 'account' ? books.accounts : books.taxRates;
    return {
      kind,
      ours,
      label,
      theirs,
      theirsLabel: known.find(({ code }) => code === theirs)?.name ?? null,
      suggested: suggested.get(`${kind} ${ours}`) ?? null,
      used: used.get(`${kind} ${ours}`) ?? 0,
    };
  };
  const lines = [
    ...accounts.map(({ role, code, name }) => line('account', role, `${code} ${name}`)),
    line('tax', '', 'Lines without a tax code'),
    ...taxes.map(({ code, rate }) => line('tax', code, `${code} ${rate} %`)),
  ];
  return { lines: lines.sort(unmappedFirst), books };
}

function suggestions(list: readonly MappingSuggestion[]): Map<string, string> {
  return new Map(list.map(({ kind, ours, theirs }) => [`${kind} ${ours}`, theirs]));
}

function unmappedFirst(a: MappingLine, b: MappingLine): number {
  const urgency = (line: MappingLine) => (line.theirs !== null ? 0 : line.used > 0 ? 2 : 1);
  return urgency(b) - urgency(a) || b.used - a.used || (a.ours < b.ours ? -1 : 1);
}

/** How many lines of documents owed to these books carry each role and tax code. */
async function usage({ sql }: ApiContext, connectionId: string): Promise<Map<string, number>> {
  const rows = await sql<{ word: string; used: number }[]>`
    with lines as (
      select line->>'role' as role, coalesce(line->>'taxCode', '') as tax
      from documents d cross join lateral jsonb_array_elements(coalesce(d.payload->'lines', '[]')) as line
      where d.connection_id = ${connectionId}
      union all select d.payload->>'role', null from documents d where d.connection_id = ${connectionId} and d.payload ? 'role'
      union all select e->>'role', null from documents d
        cross join lateral (values (d.payload->'from'), (d.payload->'to')) as ends(e)
        where d.connection_id = ${connectionId} and d.kind = 'transfer'
    )
    select 'account ' || role as word, count(*)::int as used from lines where role is not null group by 1
    union all select 'tax ' || tax, count(*)::int from lines where tax is not null group by 1`;
  return new Map(rows.map(({ word, used }) => [word, used]));
}

async function booksConnection(context: ApiContext, id: string) {
  const [row] = await context.sql<{ companyId: string; connector: string }[]>`
    select company_id as "companyId", connector from connections where id = ${id} and kind = 'accounting'`;
  const connector = row && context.books.get(row.connector);
  if (!row || !connector)
    throw new ApiError(404, 'CONNECTION_UNKNOWN', 'There are no such books.', 'See GET /api/v1/connections.');
  return { companyId: row.companyId, connector };
}
