import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DomainError } from '@daybook/domain';
import type { Queryable, Sql, Tx } from '@daybook/platform/db';
import { countOf, type Extent } from './extent.ts';
import { type ExportFormat, FORMATS } from './format.ts';
import { addMoved, type Movement, tieOut } from './tie-out.ts';

export { EXPORT_FORMATS, type ExportFormat } from './format.ts';

/** A finished export. */
export interface ExportRun {
  id: bigint;
  format: ExportFormat;
  /** 1..N per company and format. */
  number: number;
  from: string;
  to: string;
  scope: 'all' | 'new';
  /** Entries it tells. */
  entries: number;
  files: ExportFile[];
  /** SHA-256 over names and bytes of all files. */
  contentHash: string;
  createdAt: Date;
  createdBy: string;
}

export interface ExportFile {
  name: string;
  bytes: number;
  sha256: string;
}

export interface ExportRequest {
  format: ExportFormat;
  /** Days, both included, YYYY-MM-DD. */
  from: string;
  to: string;
  /** Absent: only new entries for books that are added to, everything for files that stand alone. */
  scope?: 'all' | 'new' | undefined;
}

export interface ExportMaker {
  now: Date;
  by: string;
  /** Told after each piece. */
  progress?: (done: number, of: number) => void;
}

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/**
 * Makes files of the journal and keeps them as the next run of their format (accounting.md I). What would be byte for
 * byte an earlier run of the same days is that run: nothing is kept twice. New entries only, and there are none: the
 * last run of these days. Refused with EXPORT_REFUSED (nothing to tell, settings missing, another export under way) and
 * EXPORT_DIFFERS (the file would not say what the trial balance says).
 */
export async function makeExport(
  sql: Sql,
  companyId: string,
  request: ExportRequest,
  maker: ExportMaker,
): Promise<{ run: ExportRun; isNew: boolean }> {
  try {
    const run = await sql.begin('isolation level repeatable read', (tx) => make(tx, companyId, request, maker));
    return { run, isNew: true };
  } catch (error) {
    if (error instanceof Repeated) return { run: error.run, isNew: false };
    if ((error as { code?: string }).code === '23505') throw underWay(request.format);
    throw error;
  }
}

/** The runs of a company, newest first. */
export function listExports(sql: Queryable, companyId: string, limit = 200): Promise<ExportRun[]> {
  return sql<ExportRun[]>`
    select ${columns(sql)} from export_runs where company_id = ${companyId} order by id desc limit ${limit}`;
}

/** One run by its number. Throws EXPORT_REFUSED when there is none. */
export async function exportNumbered(
  sql: Queryable,
  companyId: string,
  format: ExportFormat,
  number: number,
): Promise<ExportRun> {
  const [run] = await sql<ExportRun[]>`
    select ${columns(sql)} from export_runs
    where company_id = ${companyId} and format = ${format} and number = ${number}`;
  if (run) return run;
  throw new DomainError('EXPORT_REFUSED', `There is no ${format} export number ${number}.`, `${format} ${number}`);
}

/** One run by its id, and whose it is; undefined when there is none. */
export async function exportRun(sql: Queryable, id: bigint): Promise<(ExportRun & { companyId: string }) | undefined> {
  const [run] = await sql<(ExportRun & { companyId: string })[]>`
    select company_id as "companyId", ${columns(sql)} from export_runs where id = ${id}`;
  return run;
}

/** The bytes of a file of a run, as they were made. */
export async function* exportedBytes(
  sql: Queryable,
  companyId: string,
  run: Pick<ExportRun, 'format' | 'number'>,
  file: string,
): AsyncGenerator<Buffer> {
  for (let part = 0; ; part += 1) {
    const [row] = await sql<{ content: Buffer }[]>`
      select content from export_parts where company_id = ${companyId} and format = ${run.format}
        and number = ${run.number} and file = ${file} and part = ${part}`;
    if (!row) return;
    yield await unpack(row.content);
  }
}

/** What was asked for is there already; thrown so that nothing of the attempt is kept. */
class Repeated extends Error {
  readonly run: ExportRun;

  constructor(run: ExportRun) {
    super(`run ${run.number}`);
    this.run = run;
  }
}

async function make(tx: Tx, companyId: string, request: ExportRequest, maker: ExportMaker): Promise<ExportRun> {
  const { format, from, to } = request;
  const how = FORMATS[format];
  const scope = request.scope ?? how.scope;
  if (scope === 'new' && !how.parts)
    throw refused(`A ${format} file stands alone: it opens every account once. Export the whole range.`);
  await lock(tx, companyId, format);
  const [last] = await lastRuns(tx, companyId, format);
  const through = await lastSequence(tx, companyId);
  const extent: Extent = { companyId, format, from, to, scope, through, flow: how.flow };
  const same = await sameDays(tx, companyId, request, scope);
  const of = await countOf(tx, extent);
  if (of === 0 && scope === 'new') throw same ? new Repeated(same) : nothingNew(request, last);
  const number = (last?.number ?? 0) + 1;
  const written = await write(tx, extent, { number, of }, maker);
  if (written.files.length === 0) throw refused(`No entry lies between ${from} and ${to}: there is nothing to export.`);
  await tieOut(tx, extent, written.movement, how.compares);
  if (same?.contentHash === written.contentHash) throw new Repeated(same);
  const [run] = await tx<ExportRun[]>`
    insert into export_runs (company_id, format, number, starts_on, ends_on, scope, through, entries, files, content_hash,
      created_at, created_by)
    values (${companyId}, ${format}, ${number}, ${from}, ${to}, ${scope}, ${through}, ${of},
      ${tx.json(written.files as never)}, ${written.contentHash}, ${maker.now}, ${maker.by})
    returning ${columns(tx)}`;
  return run as ExportRun;
}

interface Written {
  files: ExportFile[];
  contentHash: string;
  movement: Movement;
}

/** Makes the files piece by piece, keeping only sums in memory. */
async function write(
  tx: Tx,
  extent: Extent,
  { number, of }: { number: number; of: number },
  { progress }: ExportMaker,
): Promise<Written> {
  const { companyId, format } = extent;
  const files = new Map<string, { parts: number; bytes: number; hash: ReturnType<typeof createHash> }>();
  const whole = createHash('sha256');
  const movement: Movement = new Map();
  let done = 0;
  for await (const { file, bytes, moved, entries } of FORMATS[format as ExportFormat].files(tx, extent)) {
    const state = files.get(file) ?? { parts: 0, bytes: 0, hash: createHash('sha256') };
    await tx`
      insert into export_parts (company_id, format, number, file, part, content)
      values (${companyId}, ${format}, ${number}, ${file}, ${state.parts}, ${await pack(bytes)})`;
    state.hash.update(bytes);
    whole.update(state.parts === 0 ? `${file}\0` : '').update(bytes);
    files.set(file, { ...state, parts: state.parts + 1, bytes: state.bytes + bytes.length });
    addMoved(movement, moved);
    done += entries;
    progress?.(done, of);
  }
  const listed = [...files].map(([name, { bytes, hash }]) => ({ name, bytes, sha256: hash.digest('hex') }));
  return { files: listed, contentHash: whole.digest('hex'), movement };
}

/** One export of a format at a time: the numbers of runs and persons have no gap, and no entry is told twice. */
async function lock(tx: Tx, companyId: string, format: string): Promise<void> {
  const [row] = await tx<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`export ${format} ${companyId}`}, 0)) as taken`;
  if (!row?.taken) throw underWay(format);
}

async function lastSequence(tx: Tx, companyId: string): Promise<bigint> {
  const [head] = await tx<{ entries: bigint }[]>`select entries from journal_heads where company_id = ${companyId}`;
  return head?.entries ?? 0n;
}

function lastRuns(tx: Tx, companyId: string, format: string): Promise<ExportRun[]> {
  return tx<ExportRun[]>`
    select ${columns(tx)} from export_runs where company_id = ${companyId} and format = ${format}
    order by number desc limit 1`;
}

async function sameDays(tx: Tx, companyId: string, { format, from, to }: ExportRequest, scope: string) {
  const [run] = await tx<ExportRun[]>`
    select ${columns(tx)} from export_runs where company_id = ${companyId} and format = ${format}
      and starts_on = ${from} and ends_on = ${to} and scope = ${scope} order by number desc limit 1`;
  return run;
}

function columns(sql: Queryable) {
  return sql`id, format, number, starts_on as "from", ends_on as "to", scope, entries, files,
    content_hash as "contentHash", created_at as "createdAt", created_by as "createdBy"`;
}

function nothingNew({ format, from, to }: ExportRequest, last: ExportRun | undefined): DomainError {
  const told = last ? `earlier ${format} exports, the last of which is number ${last.number}, have told them all` : '';
  return refused(
    `No new entry lies between ${from} and ${to}${told === '' ? '' : `: ${told}`}. ` +
      'Export the whole range to have them again, or other days.',
  );
}

function underWay(format: string): DomainError {
  return refused(`Another ${format} export of this company is being made. Wait until it is done.`);
}

function refused(message: string): DomainError {
  return new DomainError('EXPORT_REFUSED', message);
}
