import { putDatevSettings } from '@daybook/ledger/exports/datev/settings';
import { EXPORT_FORMATS, exportedBytes, exportRun, listExports, makeExport } from '@daybook/ledger/exports/runs';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyNamed } from './companies.ts';
import { fileAnswer, givenDay, givenId, idText, instantText, type Route, route } from './route.ts';

const ofCompany = z.object({ company: z.string().min(1) });

const run = z.object({
  id: idText,
  format: z.string(),
  number: z.number(),
  from: z.string(),
  to: z.string(),
  scope: z.string(),
  entries: z.number(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
  contentHash: z.string(),
  createdAt: instantText,
  createdBy: z.string(),
});

/** Exports of the journal: docs/exports.md. */
export const exportRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/exports',
    summary: 'Exports of the journal that were made, newest first, each with its files',
    query: ofCompany,
    answer: z.object({ exports: z.array(run) }),
    handle: async ({ query }, { sql }) => ({ exports: await listExports(sql, await companyNamed(sql, query.company)) }),
  }),
  route({
    method: 'post',
    path: '/exports',
    summary: 'Export the journal of some days, or give back the export that already says the same',
    body: z.strictObject({
      company: z.string().min(1),
      format: z.enum(EXPORT_FORMATS),
      from: givenDay,
      to: givenDay,
      /** All entries of the days, or those no export of the format has told; datev takes the new ones by itself. */
      scope: z.enum(['all', 'new']).optional(),
      by: z.string().min(1).max(200).default('api'),
    }),
    answer: run.extend({ isNew: z.boolean() }),
    async handle({ body }, { sql, clock }) {
      const { company, by, ...request } = body;
      if (request.from > request.to)
        throw new ApiError(400, 'INPUT_INVALID', '"from" is after "to".', 'Turn the days round.');
      const made = await makeExport(sql, await companyNamed(sql, company), request, { now: clock(), by });
      return { ...made.run, isNew: made.isNew };
    },
  }),
  route({
    method: 'get',
    path: '/exports/{id}/files/{name}',
    summary: 'A file of an export, byte for byte as it was made',
    params: z.object({ id: givenId, name: z.string().min(1) }),
    media: 'application/octet-stream',
    answer: fileAnswer,
    async handle({ params }, { sql }) {
      const found = await exportRun(sql, BigInt(params.id));
      const file = found?.files.find(({ name }) => name === params.name);
      if (!found || !file)
        throw new ApiError(404, 'NOT_FOUND', 'There is no such export or file.', 'See GET /api/v1/exports.');
      return { ...file, content: exportedBytes(sql, found.companyId, found, file.name) };
    },
  }),
  route({
    method: 'put',
    path: '/exports/settings',
    summary: "Keep what the tax adviser's files must know of a company; empty text takes a setting away",
    body: z.strictObject({ company: z.string().min(1), settings: z.record(z.string(), z.string().max(40)) }),
    answer: z.object({ kept: z.boolean() }),
    async handle({ body }, { sql }) {
      await putDatevSettings(sql, await companyNamed(sql, body.company), body.settings);
      return { kept: true };
    },
  }),
];
