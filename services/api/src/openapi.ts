import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Route } from './routes/route.ts';

const problem = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });

/** The OpenAPI description, made from the very schemas that check requests and answers. */
export function openApiDocument(routes: readonly Route[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const each of routes) {
    const path = `/api/v1${each.path}`;
    paths[path] = { ...paths[path], [each.method]: operation(each) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Daybook',
      version: '1',
      description: 'Ids and amounts in minor units are text, because they are 64 bit.',
    },
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    paths,
  });
}

function operation(route: Route): ZodOpenApiOperationObject {
  return {
    summary: route.summary,
    requestParams: { ...(route.params && { path: route.params }), ...(route.query && { query: route.query }) },
    ...(route.body && { requestBody: { content: { 'application/json': { schema: route.body } } } }),
    responses: {
      '200': { description: 'Done', content: contentOf(route) },
      default: { description: 'Refused', content: { 'application/json': { schema: problem } } },
    },
  };
}

function contentOf({ media, answer }: Route) {
  if (media === undefined) return { 'application/json': { schema: answer } };
  return { [media]: { schema: { type: 'string' as const, format: 'binary' } } };
}
