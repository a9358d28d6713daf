import type { Request, Response } from 'express';
import type { Answer } from './answer.ts';

/**
 * Sends an answer. A caller who does not accept JSON is answered in XML, Xero's default; the simulator keeps that to
 * the bare envelope, enough to notice the missing header.
 */
export function send(request: Request, response: Response, answer: Answer): void {
  const json = answer.contentType.startsWith('application/json');
  const xml = json && request.path.startsWith('/api.xro/') && !/json/i.test(request.get('accept') ?? '');
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.body !== '') response.set('content-type', xml ? 'text/xml; charset=utf-8' : answer.contentType);
  response.end(xml ? `<Response><Status>${answer.status === 200 ? 'OK' : 'ERROR'}</Status></Response>` : answer.body);
}
