import type { IncomingMessage } from 'node:http';

/** Largest webhook body taken, in bytes (design.md section 6). */
export const BODY_CAP = 5 * 1024 * 1024;

export type Body = { outcome: 'read'; body: Buffer } | { outcome: 'too_large' } | { outcome: 'aborted' };

/** Reads the raw bytes, never more than the cap; what lies beyond is drained unread so that the answer gets through. */
export function readBody(request: IncomingMessage, cap = BODY_CAP): Promise<Body> {
  const tooLarge = (resolve: (body: Body) => void): void => {
    request.removeAllListeners('data');
    request.resume();
    resolve({ outcome: 'too_large' });
  };
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('error', () => resolve({ outcome: 'aborted' }));
    request.on('close', () => resolve({ outcome: 'aborted' }));
    if (Number(request.headers['content-length'] ?? 0) > cap) return tooLarge(resolve);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > cap) tooLarge(resolve);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve({ outcome: 'read', body: Buffer.concat(chunks) }));
  });
}
