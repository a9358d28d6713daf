import { escapeHtml } from './oauth-pages.ts';
import type { openApiDocument } from './openapi.ts';

type OpenApi = ReturnType<typeof openApiDocument>;

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  pattern?: string;
  format?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  additionalProperties?: Schema | boolean;
}

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses?: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** The routes as a page for people, made from the OpenAPI document and nothing else; no script, no foreign asset. */
export function docsPage(document: OpenApi): string {
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => section(path, method, operation)),
  );
  const title = 'Daybook API';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page/daybook.css"></head>
<body><main class="docs"><p><a href="/">Daybook</a></p><h1>${title}</h1>
<p>${escapeHtml(document.info.description ?? '')} Errors are <code>{ "error": { "code", "message", "hint" } }</code>.
Outside the sandbox send <code>Authorization: Bearer &lt;key&gt;</code>. For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}</main></body></html>`;
}

function section(path: string, method: string, operation: Operation): string {
  const id = `${method}${path.replaceAll(/[^a-z]+/gi, '-')}`;
  const body = operation.requestBody?.content['application/json']?.schema;
  const answer = operation.responses?.['200']?.content?.['application/json']?.schema;
  return `<section aria-labelledby="${id}"><h2 id="${id}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2>
<p>${escapeHtml(operation.summary ?? '')}</p>${parameters(operation)}
${body ? `<h3>Send</h3>${shown(body)}` : ''}${answer ? `<h3>Answer</h3>${shown(answer)}` : ''}</section>`;
}

function parameters({ parameters: list = [] }: Operation): string {
  if (list.length === 0) return '';
  const items = list.map(
    ({ name, in: where, required, schema = {} }) =>
      `<li><code>${escapeHtml(name)}</code> (${where}${required ? '' : ', optional'}): ${escapeHtml(kind(schema))}</li>`,
  );
  return `<ul>${items.join('')}</ul>`;
}

function shown(schema: Schema): string {
  return `<pre tabindex="0"><code>${escapeHtml(outline(schema, ''))}</code></pre>`;
}

/** A schema written like the JSON it describes. */
function outline(schema: Schema, indent: string): string {
  const deeper = `${indent}  `;
  if (schema.type === 'array' && schema.items) return `[ ${outline(schema.items, indent)} ]`;
  if (schema.properties) {
    const lines = Object.entries(schema.properties).map(([name, member]) => {
      const optional = schema.required?.includes(name) ? '' : '?';
      return `${deeper}${name}${optional}: ${outline(member, deeper)}`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  if (typeof schema.additionalProperties === 'object')
    return `{ <name>: ${outline(schema.additionalProperties, indent)} }`;
  if (schema.anyOf) return schema.anyOf.map((each) => outline(each, indent)).join(' | ');
  return kind(schema);
}

function kind(schema: Schema): string {
  const name = schema.enum?.map(String).join(' | ') ?? [schema.type ?? 'anything'].flat().join(' | ');
  const range = [
    schema.minimum === undefined ? '' : `from ${schema.minimum}`,
    schema.maximum === undefined || schema.maximum > 1e9 ? '' : `to ${schema.maximum}`,
    schema.format ?? '',
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ].filter((part) => part !== '');
  return range.length === 0 ? name : `${name} (${range.join(', ')})`;
}
