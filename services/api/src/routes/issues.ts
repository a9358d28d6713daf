import { ring, ringPush } from '@daybook/workers/doorbell';
import { resolveIssue } from '@daybook/workers/issues';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyIdOf } from './companies.ts';
import { instantText, ofCompany, route } from './route.ts';

const issueRow = z.object({
  id: z.string(),
  company: z.string(),
  connectionId: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  subject: z.string().nullable(),
  openedAt: instantText,
  lastSeenAt: instantText,
});

/** Open issues: one row per cause. */
export const listIssues = route({
  method: 'get',
  path: '/issues',
  summary: 'Open issues, one per cause, with what to do; the 500 seen last',
  query: ofCompany,
  answer: z.object({ issues: z.array(issueRow) }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const issues = await sql<z.input<typeof issueRow>[]>`
      select i.id, m.slug as company, i.connection_id as "connectionId", i.code, i.message, i.subject,
             i.opened_at as "openedAt", i.last_seen_at as "lastSeenAt"
      from issues i join companies m on m.id = i.company_id
      where i.state = 'open' ${companyId ? sql`and i.company_id = ${companyId}` : sql``}
      order by i.last_seen_at desc limit 500`;
    return { issues };
  },
});

interface Freed {
  stage: 'normalize' | 'post' | 'push';
  ref: bigint;
  connectionId: string | null;
}

/** A person has dealt with it: what it held goes on, and if the cause is still there the issue comes back. */
export const closeIssue = route({
  method: 'post',
  path: '/issues/{id}/close',
  summary: 'Close an issue that was dealt with; work it held goes on, and it comes back if the cause is still there',
  params: z.object({ id: z.guid() }),
  answer: z.object({ resumed: z.number() }),
  async handle({ params }, { sql, deps, clock }) {
    const [issue] = await sql<{ companyId: string; fingerprint: string }[]>`
      select company_id as "companyId", fingerprint from issues where id = ${params.id} and state = 'open'`;
    if (!issue) throw new ApiError(404, 'ISSUE_UNKNOWN', 'There is no such open issue.', 'See GET /api/v1/issues.');
    const freed = await sql.begin(async (tx) => {
      const held = await tx<Freed[]>`
        select stage, ref, connection_id as "connectionId" from todo
        where company_id = ${issue.companyId} and held = ${issue.fingerprint} for update`;
      await resolveIssue(tx, issue.companyId, issue.fingerprint, clock());
      return held;
    });
    for (const stage of ['normalize', 'post'] as const) {
      const refs = freed.filter((row) => row.stage === stage).map((row) => row.ref);
      await ring(deps, stage, issue.companyId, refs);
    }
    const books = freed.flatMap((row) => (row.connectionId === null ? [] : [row.connectionId]));
    for (const connectionId of new Set(books)) await ringPush(deps, connectionId);
    return { resumed: freed.length };
  },
});
