import { request } from 'node:http';

interface Answer {
  status: number;
  location: string | undefined;
  text: string;
}

/**
 * Plays the merchant at a simulator's consent page whose form asks again what the address asked: opens it, presses the
 * button, answers the redirect URL without following it. A request that is sent back with an error ends there. Throws
 * with the page's text when it shows one.
 */
export async function consent(authorizeUrl: string): Promise<string> {
  const url = new URL(authorizeUrl);
  const shown = await call(url, 'GET', '');
  if (shown.status === 302 && shown.location !== undefined) return shown.location;
  if (shown.status !== 200) throw new Error(`The consent page answered ${shown.status}: ${textOf(shown.text)}`);
  const form = new URL(url.origin + url.pathname);
  const approved = await call(form, 'POST', url.searchParams.toString());
  if (approved.status !== 302 || approved.location === undefined) {
    throw new Error(`Approving answered ${approved.status}: ${textOf(approved.text)}`);
  }
  return approved.location;
}

function call(url: URL, method: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const outgoing = request(url, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          location: answer.headers.location,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
