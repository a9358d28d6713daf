import type { Sql, Tx } from '@daybook/platform/db';

/** Something a person has to mend. Equal code, connection and subject are one issue however often it happens. */
export interface Finding {
  companyId: string;
  connectionId: string | null;
  /** Code of docs/errors.md. */
  code: string;
  /** What happened, to which order and amount, why, and what to do. */
  message: string;
  /** The mapping, field or key to mend. */
  subject: string;
}

/** The text two findings of one cause share; held work remembers it to be released when the cause is gone. */
export function fingerprint(finding: Pick<Finding, 'code' | 'connectionId' | 'subject'>): string {
  return [finding.code, finding.connectionId ?? '', finding.subject].join('|');
}

/** Opens an issue or notes that an open one was seen again. */
export async function openIssue(sql: Sql | Tx, finding: Finding, now: Date): Promise<string> {
  const print = fingerprint(finding);
  await sql`
    insert into issues (company_id, connection_id, code, fingerprint, message, subject, opened_at, last_seen_at)
    values (${finding.companyId}, ${finding.connectionId}, ${finding.code}, ${print}, ${finding.message},
            ${finding.subject}, ${now}, ${now})
    on conflict (company_id, fingerprint) where state = 'open'
    do update set last_seen_at = excluded.last_seen_at, message = excluded.message`;
  return print;
}

/** Closes the issue and sets free what waited for it; answers how many pieces of work that was. */
export async function resolveIssue(sql: Sql | Tx, companyId: string, print: string, now: Date): Promise<number> {
  await sql`
    update issues set state = 'resolved', resolved_at = ${now}
    where company_id = ${companyId} and fingerprint = ${print} and state = 'open'`;
  const freed = await sql`
    update todo set held = null, due_at = ${now}, attempts = 0 where company_id = ${companyId} and held = ${print} returning ref`;
  return freed.length;
}

/** Closes those of the issues that hold nothing any more. */
export async function closeIdle(
  tx: Tx,
  freed: readonly { companyId: string; held: string | null }[],
  now: Date,
): Promise<void> {
  for (const { companyId, held: print } of freed) {
    if (print === null) continue;
    await tx`
      update issues set state = 'resolved', resolved_at = ${now}
      where company_id = ${companyId} and fingerprint = ${print} and state = 'open'
        and not exists (select 1 from todo where company_id = ${companyId} and held = ${print})`;
  }
}
