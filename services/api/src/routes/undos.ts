import { DriftRefused, listDrifts as readDrifts, settleDrift } from '@daybook/workers/drift/settle-drift';
import {
  planUndo,
  listUndos as readUndos,
  repost,
  resumeUndo,
  startUndo,
  UndoRefused,
} from '@daybook/workers/undo/undos';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { toApiError } from '../connect.ts';
import { companyIdOf } from './companies.ts';
import { givenDay, givenId, idText, instantText, minorText, ofCompany, route } from './route.ts';

const ofUndo = z.object({ id: z.guid() });
const undoAnswer = z.object({
  id: z.string(),
  connectionId: z.string(),
  fromDate: z.string().nullable(),
  toDate: z.string().nullable(),
  eventId: idText.nullable(),
  state: z.string(),
  reason: z.string().nullable(),
  startedAt: instantText,
  finishedAt: instantText.nullable(),
  repostedAt: instantText.nullable(),
  left: z.number(),
  undone: z.number(),
});
const scope = z.strictObject({
  connection: z.guid(),
  from: givenDay.optional(),
  to: givenDay.optional(),
  eventId: givenId.transform(BigInt).optional(),
  dryRun: z.boolean().default(false),
});

/** Takes pushed documents out of the books again, or says what that would take out. */
export const addUndo = route({
  method: 'post',
  path: '/undos',
  summary:
    'Take pushed documents of one set of books out again (void or delete): those dated in a range or those of one event; dryRun only counts',
  body: scope,
  answer: z.object({
    plan: z.object({
      documents: z.number(),
      amounts: z.array(z.object({ kind: z.string(), currency: z.string(), count: z.number(), amount: minorText })),
    }),
    undo: undoAnswer.nullable(),
  }),
  async handle({ body }, { deps }) {
    const { connection: connectionId, dryRun, ...rest } = body;
    return refusing(async () => {
      const plan = await planUndo(deps.sql, { connectionId, ...rest });
      return { plan, undo: dryRun ? null : await startUndo({ connectionId, ...rest }, deps) };
    });
  },
});

/** Undos and how far they are. */
export const listUndos = route({
  method: 'get',
  path: '/undos',
  summary: 'Undos, newest first: what is left in the books, what was taken out, whether it was pushed again',
  query: ofCompany,
  answer: z.object({ undos: z.array(undoAnswer) }),
  async handle({ query }, { sql }) {
    return { undos: await readUndos(sql, await companyIdOf(sql, query.company)) };
  },
});

/** Goes on after a refusal was mended. */
export const continueUndo = route({
  method: 'post',
  path: '/undos/{id}/resume',
  summary: 'Go on with an undo that a refusal stopped',
  params: ofUndo,
  answer: undoAnswer,
  handle: ({ params }, { deps }) => refusing(() => resumeUndo(params.id, deps)),
});

/** Pushes everything again that was taken out. */
export const repostUndo = route({
  method: 'post',
  path: '/undos/{id}/repost',
  summary:
    'Push everything again that was taken out, with the mapping of today; the scope is pushed as always from then on',
  params: ofUndo,
  answer: undoAnswer,
  handle: ({ params }, { deps }) => refusing(() => repost(params.id, deps)),
});

const driftAnswer = z.object({
  id: z.string(),
  connectionId: z.string(),
  documentId: idText,
  documentKind: z.string(),
  number: z.string(),
  kind: z.string(),
  ours: z.unknown(),
  theirs: z.unknown(),
  state: z.string(),
  seenAt: instantText,
  settledAt: instantText.nullable(),
});

/** What somebody changed in the books by hand. */
export const listDrifts = route({
  method: 'get',
  path: '/drifts',
  summary:
    'Pushed documents that were changed, voided or deleted in the books, ours and theirs side by side; open ones first',
  query: ofCompany,
  answer: z.object({ drifts: z.array(driftAnswer) }),
  async handle({ query }, { sql }) {
    return { drifts: await readDrifts(sql, await companyIdOf(sql, query.company)) };
  },
});

/** Accepts, restores or ignores a difference. */
export const putDrift = route({
  method: 'post',
  path: '/drifts/{id}/{how}',
  summary: 'Settle a difference: accept what stands there, restore ours, or ignore it',
  params: z.object({ id: z.guid(), how: z.enum(['accept', 'restore', 'ignore']) }),
  answer: driftAnswer,
  handle: ({ params }, { deps }) => refusing(() => settleDrift(params.id, params.how, deps)),
});

async function refusing<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UndoRefused) throw new ApiError(409, 'UNDO_REFUSED', error.message, 'See GET /api/v1/undos.');
    if (error instanceof DriftRefused)
      throw new ApiError(409, 'DRIFT_REFUSED', error.message, 'See GET /api/v1/drifts.');
    throw toApiError(error);
  }
}
