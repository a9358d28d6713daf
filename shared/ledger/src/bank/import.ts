import { createHash } from 'node:crypto';
import {
  type BankFile,
  type BankStatement,
  type PlacedLine,
  placedLines,
  recognise,
  type SeenLine,
  unreadable,
} from '@daybook/domain';
import type { Queryable, Sql, Tx } from '@daybook/platform/db';
import { type BankAccount, isSameNumber, saveCsvMap } from './accounts.ts';

export interface ImportWish {
  bytes: Uint8Array;
  by: string;
  now: Date;
  /** Nothing is kept. */
  dryRun?: boolean | undefined;
  /** Told after each statement: how many lines are done, of how many. */
  tell?: ((done: number, of: number) => void) | undefined;
}

/** What became of a statement; `other_account` belongs to none of this account's. */
export interface ImportedStatement {
  outcome: 'imported' | 'exists' | 'other_account';
  account: string | null;
  number: string | null;
  closesOn: string | null;
  opening: bigint | null;
  closing: bigint | null;
  /** Lines in it, and how many of them no other statement had shown. */
  lines: number;
  fresh: number;
}

const PREVIEW = new Error('preview');
const CHUNK = 2000;

/**
 * Stores the statements of a file in one transaction: a statement that was imported before changes nothing, a line
 * that overlapping statements show is kept once. A CSV file's map is kept with the account. Throws
 * BANK_FILE_INVALID where no statement is of this account and its currency; then nothing is stored.
 */
export async function importStatements(sql: Sql, account: BankAccount, file: BankFile, wish: ImportWish) {
  const of = file.statements.reduce((sum, statement) => sum + statement.lines.length, 0);
  const hash = createHash('sha256').update(wish.bytes).digest('hex');
  const done: ImportedStatement[] = [];
  try {
    await sql.begin(async (tx) => {
      // Whoever imports into the same account waits here, and then sees these lines.
      await tx`select 1 from bank_accounts where id = ${account.id} for update`;
      refuseStrange(account, file.statements);
      for (const [index, statement] of file.statements.entries()) {
        const key = { hash: `${hash}/${index + 1}`, format: file.format };
        done.push(await importOne(tx, account, statement, { ...wish, ...key }));
        wish.tell?.(
          done.reduce((sum, each) => sum + each.lines, 0),
          of,
        );
      }
      if (file.map !== null) await saveCsvMap(tx, account, file.map);
      if (wish.dryRun) throw PREVIEW;
    });
  } catch (error) {
    if (error !== PREVIEW) throw error;
  }
  return done;
}

function isOther(account: BankAccount, statement: BankStatement): boolean {
  return account.number !== null && statement.account !== null && !isSameNumber(account.number, statement.account);
}

function refuseStrange(account: BankAccount, statements: readonly BankStatement[]): void {
  const own = statements.filter((each) => !isOther(account, each));
  if (own.length === 0) {
    const told = [...new Set(statements.map((each) => each.account))].join(', ');
    throw unreadable(`The file is of account ${told}, not of "${account.name}" (${account.number}). Name its account.`);
  }
  const foreign = own.find(({ currency }) => currency !== null && currency !== account.currency);
  if (foreign) {
    throw unreadable(
      `The statement is in ${foreign.currency}, the bank account "${account.name}" in ${account.currency}.`,
    );
  }
}

type Keyed = ImportWish & { hash: string; format: string };

async function importOne(
  tx: Tx,
  account: BankAccount,
  statement: BankStatement,
  wish: Keyed,
): Promise<ImportedStatement> {
  const { number, closesOn, opening, closing } = statement;
  const about = { account: statement.account, number, closesOn, opening, closing, lines: statement.lines.length };
  if (isOther(account, statement)) return { outcome: 'other_account', ...about, fresh: 0 };
  const placed = placedLines(statement).map((line) => ({
    ...line,
    content: createHash('sha256').update(line.content).digest('hex'),
  }));
  const opensOn = placed[0]?.bookedOn ?? null;
  const last = placed.at(-1)?.bookedOn ?? null;
  const [stored] = await tx<{ id: bigint }[]>`
    insert into bank_statements (bank_account_id, hash, format, number, opening, closing, opens_on, closes_on,
      imported_at, imported_by)
    values (${account.id}, ${wish.hash}, ${wish.format}, ${number}, ${opening}, ${closing}, ${opensOn}::date,
      ${closesOn ?? last}::date, ${wish.now}, ${wish.by})
    on conflict (bank_account_id, hash) do nothing returning id`;
  if (!stored) return { outcome: 'exists', ...about, fresh: 0 };
  if (account.number === null && statement.account !== null) {
    await tx`update bank_accounts set number = ${statement.account} where id = ${account.id} and number is null`;
  }
  const seen = opensOn === null ? [] : await seenLines(tx, account.id, opensOn, last as string);
  const found = recognise(placed, seen);
  const ids = await insertFresh(tx, account, placed, found, seen);
  await showLines(tx, stored.id, placed, ids);
  return { outcome: 'imported', ...about, fresh: found.filter((each) => each === null).length };
}

interface Stored extends SeenLine {
  occurrence: number;
}

async function seenLines(sql: Queryable, bankAccountId: string, from: string, to: string): Promise<Stored[]> {
  return sql<Stored[]>`
    select l.content_hash as content, l.id as "lineId", l.occurrence, l.booked_on as "bookedOn", s.before,
      s.day_opens as "dayOpens", s.day_closes as "dayCloses"
    from bank_lines l join bank_statement_lines s on s.line_id = l.id
    where l.bank_account_id = ${bankAccountId} and l.booked_on between ${from}::date and ${to}::date
    order by l.content_hash, l.occurrence, s.statement_id`;
}

/** Stores the lines that nobody has seen, each with the next number among those that look alike; answers all ids. */
async function insertFresh(
  tx: Tx,
  account: BankAccount,
  lines: readonly PlacedLine[],
  found: readonly (bigint | null)[],
  seen: readonly Stored[],
): Promise<bigint[]> {
  const counts = new Map<string, number>();
  for (const { content, occurrence } of seen) counts.set(content, Math.max(counts.get(content) ?? 0, occurrence));
  const fresh = lines.flatMap((line, index) => {
    if (found[index] !== null) return [];
    const occurrence = (counts.get(line.content) ?? 0) + 1;
    counts.set(line.content, occurrence);
    return [{ ...line, occurrence }];
  });
  const made: bigint[] = [];
  for (let at = 0; at < fresh.length; at += CHUNK) {
    made.push(...(await insertChunk(tx, account, fresh.slice(at, at + CHUNK))));
  }
  return found.map((id) => id ?? (made.shift() as bigint));
}

async function insertChunk(tx: Tx, account: BankAccount, lines: readonly (PlacedLine & { occurrence: number })[]) {
  const rows = JSON.stringify(lines, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const made = await tx<{ id: bigint }[]>`
    insert into bank_lines (bank_account_id, company_id, content_hash, occurrence, booked_on, value_on, amount,
      counterparty, counterparty_account, reference, text, bank_id, end_to_end_id)
    select ${account.id}, ${account.companyId}, g.content, g.occurrence, g."bookedOn", g."valueOn", g.amount,
      g.counterparty, g."counterpartyAccount", g.reference, g.text, g."bankId", g."endToEndId"
    from rows from (jsonb_to_recordset(${rows}::jsonb) as (content text, occurrence int, "bookedOn" date, "valueOn" date,
      amount bigint, counterparty text, "counterpartyAccount" text, reference text, text text, "bankId" text,
      "endToEndId" text)) with ordinality
      as g(content, occurrence, "bookedOn", "valueOn", amount, counterparty, "counterpartyAccount", reference, text,
        "bankId", "endToEndId", place)
    order by g.place returning id`;
  return made.map(({ id }) => id);
}

async function showLines(
  tx: Tx,
  statementId: bigint,
  lines: readonly PlacedLine[],
  ids: readonly bigint[],
): Promise<void> {
  const column = (pick: (line: PlacedLine) => bigint | null) => lines.map((line) => pick(line)?.toString() ?? null);
  await tx`
    insert into bank_statement_lines (statement_id, line_id, before, day_opens, day_closes)
    select ${statementId}, g.* from unnest(${ids.map(String)}::bigint[], ${column((line) => line.before)}::bigint[],
      ${column((line) => line.dayOpens)}::bigint[], ${column((line) => line.dayCloses)}::bigint[]) g`;
}
