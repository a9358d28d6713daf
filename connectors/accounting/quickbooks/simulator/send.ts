import type { Request, Response } from 'express';
import type { Answer } from './answer.ts';

/**
 * Sends an answer. A caller of the API who does not accept JSON is answered in XML, QuickBooks' default; the simulator
 * keeps that to the bare envelope, enough to notice the missing header.
 */
export function send(request: Request, response: Response, answer: Answer): void {
  const isJson = answer.contentType.startsWith('application/json');
  const xml = isJson && request.path.startsWith('/v3/company/') && !/json/i.test(request.get('accept') ?? '');
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.body !== '') response.set('content-type', xml ? 'application/xml;charset=utf-8' : answer.contentType);
  const envelope =
    '<?xml version="1.0" encoding="UTF-8"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"/>';
  response.end(xml ? envelope : answer.body);
}
