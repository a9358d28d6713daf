import { sign } from '@daybook/connectors/kit/signature';
import type { WebhookTemplate } from './sample.ts';

export interface WebhookRequest {
  headers: Record<string, string>;
  body: Buffer;
}

/** Order `serial` of a shop, signed for the address it is sent to; each is a sale of its own. */
export function orderRequest(template: WebhookTemplate, url: string, serial: number): WebhookRequest {
  const words = { id: String(7_000_000_000 + serial), number: String(10_000_000 + serial) };
  const body = Buffer.from(template.pieces.map(({ text, gap }) => (gap === null ? text : text + words[gap])).join(''));
  const headers = { ...template.headers, ...eventIdHeaders(template, serial) };
  headers[template.signature.header] = sign(template.signature, { body, url, at: new Date() }, template.secret);
  return { headers, body };
}

/** Headers that make a delivery a new one: the same bytes under another event id. */
export function eventIdHeaders(template: WebhookTemplate, serial: number): Record<string, string> {
  const id = `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`;
  return Object.fromEntries(template.idHeaders.map((name) => [name, id]));
}
