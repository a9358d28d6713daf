import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpClient, type HttpClientOptions, type OutboundFailure } from './http-client.ts';

class Failed extends Error {
  readonly failure: OutboundFailure;
  constructor(message: string, failure: OutboundFailure) {
    super(message);
    this.failure = failure;
  }
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(options: Partial<HttpClientOptions>) {
  const opened = createHttpClient({
    allowedOrigins: [],
    timeoutMs: 5_000,
    fail: (message, failure) => new Failed(message, failure),
    ...options,
  });
  closers.push(() => opened.close());
  return opened;
}

async function failureOf(work: Promise<unknown>): Promise<Failed> {
  return work.then(
    () => expect.unreachable('the request was answered'),
    (error) => {
      expect(error).toBeInstanceOf(Failed);
      return error;
    },
  );
}

/** Resolves any name to these addresses, one answer after the other. */
function resolvesTo(...answers: string[][]): LookupFunction & { asked: number } {
  const lookup = ((_hostname, _options, callback) => {
    const addresses = answers[Math.min(lookup.asked, answers.length - 1)] ?? [];
    lookup.asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as LookupFunction & { asked: number };
  lookup.asked = 0;
  return lookup;
}

describe('an exchange', () => {
  test('sends method, headers and body as they are and answers status, headers and text', async () => {
    const origin = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.writeHead(201, { 'X-Request-Id': 'r1', 'Content-Type': 'application/json' });
        response.end(
          JSON.stringify({ method, url, key: headers['idempotency-key'], body: Buffer.concat(chunks).toString() }),
        );
      });
    });
    const answer = await client({ configuredOrigins: [origin] }).request({
      method: 'POST',
      url: `${origin}/invoices?unitdp=4`,
      headers: { 'Idempotency-Key': 'k-1' },
      body: '{"name":"Café"}',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['x-request-id']).toBe('r1');
    expect(JSON.parse(answer.text)).toEqual({
      method: 'POST',
      url: '/invoices?unitdp=4',
      key: 'k-1',
      body: '{"name":"Café"}',
    });
  });

  test('a redirect is answered, not followed', async () => {
    let visits = 0;
    const origin = await serve((_request, response) => {
      visits += 1;
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
    });
    const answer = await client({ configuredOrigins: [origin] }).request({ method: 'GET', url: `${origin}/` });
    expect([answer.status, visits]).toEqual([302, 1]);
  });

  test('a packed answer is unpacked', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"total":"10.00"}'));
    });
    const answer = await client({ configuredOrigins: [origin] }).request({ method: 'GET', url: `${origin}/` });
    expect(answer.text).toBe('{"total":"10.00"}');
  });

  test('the declared character set is used', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml; charset=iso-8859-1' }).end(Buffer.from([0x43, 0xe9]));
    });
    const answer = await client({ configuredOrigins: [origin] }).request({ method: 'GET', url: `${origin}/` });
    expect(answer.text).toBe('Cé');
  });
});

describe('where a request may go', () => {
  const refused = [
    ['another origin', 'https://evil.example.com/'],
    ['the allowed name on another port', 'https://api.example.com:8443/'],
    ['the allowed name without encryption', 'http://api.example.com/'],
    ['a name that only begins like the allowed one', 'https://api.example.com.evil.net/'],
    ['an address with a user name', 'https://user:pw@api.example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['no address at all', 'not an address'],
  ] as const;
  test.each(refused)('%s is refused without asking the network', async (_what, url) => {
    const lookup = resolvesTo(['1.1.1.1']);
    const error = await failureOf(
      client({ allowedOrigins: ['https://api.example.com'], lookup }).request({ method: 'GET', url }),
    );
    expect(error.failure).toMatchObject({ code: 'HTTP_NOT_ALLOWED', ambiguous: false });
    expect(lookup.asked).toBe(0);
  });

  const literals = ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:10.0.0.1]', '169.254.169.254'];
  test.each(literals)('an allowed origin that is the private address %s is refused', async (host) => {
    const origin = `http://${host}`;
    const error = await failureOf(client({ allowedOrigins: [origin] }).request({ method: 'GET', url: origin }));
    expect(error.failure).toMatchObject({ code: 'HTTP_NOT_ALLOWED', ambiguous: false });
    expect(error.message).toContain('is not a public address');
  });

  test.each([[['127.0.0.1']], [['8.8.8.8', '10.0.0.1']], [['::ffff:169.254.169.254']], [[]]])(
    'an allowed name that resolves to %j is refused',
    async (addresses) => {
      const options = { allowedOrigins: ['https://shop.example.com'], lookup: resolvesTo(addresses) };
      const error = await failureOf(client(options).request({ method: 'GET', url: 'https://shop.example.com/' }));
      expect(error.failure).toMatchObject({ code: 'HTTP_NOT_ALLOWED', ambiguous: false });
    },
  );

  test('a name that changes to a private address after the check gains nothing', async () => {
    let reached = 0;
    const origin = await serve((_request, response) => {
      reached += 1;
      response.end('secret');
    });
    // A public address that serves nothing on this port stands for the attacker's first answer.
    const lookup = resolvesTo(['1.1.1.1'], ['127.0.0.1']);
    const name = `http://rebind.example.com:${new URL(origin).port}`;
    const rebinding = client({ allowedOrigins: [name], lookup, timeoutMs: 300 });
    const first = await failureOf(rebinding.request({ method: 'GET', url: name }));
    expect(lookup.asked, 'the name is asked once per connection').toBe(1);
    const second = await failureOf(rebinding.request({ method: 'GET', url: name }));
    expect([first.failure.ambiguous, second.failure.code, reached]).toEqual([false, 'HTTP_NOT_ALLOWED', 0]);
  });

  test('the very origin the operator configured may be private', async () => {
    const origin = await serve((_request, response) => void response.end('ok'));
    const options = { allowedOrigins: [], configuredOrigins: [`${origin}/base/path`] };
    expect((await client(options).request({ method: 'GET', url: `${origin}/x` })).text).toBe('ok');
  });

  test('a header that would split the request is refused', async () => {
    const origin = await serve((_request, response) => void response.end('ok'));
    const headers = { 'x-name': 'a\r\nx-admin: 1' };
    const request = { method: 'GET', url: origin, headers } as const;
    const error = await failureOf(client({ configuredOrigins: [origin] }).request(request));
    expect(error.failure).toMatchObject({ code: 'HTTP_NOT_ALLOWED', ambiguous: false });
  });
});

describe('a request without an answer', () => {
  test('that was refused was certainly not carried out', async () => {
    const origin = await serve(() => {});
    for (const close of closers.splice(0)) close();
    const error = await failureOf(
      client({ configuredOrigins: [origin] }).request({ method: 'POST', url: `${origin}/invoices?token=abc` }),
    );
    expect(error.failure).toMatchObject({ code: 'HTTP_UNREACHABLE', ambiguous: false });
    expect(error.message).toContain(`POST ${origin}/invoices did not reach the server`);
    expect(error.message).not.toContain('abc');
  });

  test('whose name does not resolve was certainly not carried out', async () => {
    const lookup = ((_hostname, _options, callback) =>
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '')) as LookupFunction;
    const options = { allowedOrigins: ['https://api.example.com'], lookup };
    const error = await failureOf(client(options).request({ method: 'POST', url: 'https://api.example.com/' }));
    expect(error.failure).toMatchObject({ code: 'HTTP_UNREACHABLE', ambiguous: false });
  });

  test('whose connection was cut after sending may have been carried out', async () => {
    const origin = await serve((request) => request.socket.destroy());
    const request = { method: 'POST', url: origin, body: '{}' } as const;
    const error = await failureOf(client({ configuredOrigins: [origin] }).request(request));
    expect(error.failure).toMatchObject({ code: 'HTTP_NO_ANSWER', ambiguous: true });
  });

  test('that was never answered may have been carried out', async () => {
    const origin = await serve(() => {});
    const request = { method: 'POST', url: origin, timeoutMs: 100 } as const;
    const error = await failureOf(client({ configuredOrigins: [origin] }).request(request));
    expect(error.failure).toMatchObject({ code: 'HTTP_TIMEOUT', ambiguous: true });
    expect(error.message).toContain('within 100 ms');
  });

  test('that trickles its answer byte by byte runs into the time limit', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const request = { method: 'POST', url: origin, timeoutMs: 200 } as const;
    const error = await failureOf(client({ configuredOrigins: [origin] }).request(request));
    expect(error.failure).toMatchObject({ code: 'HTTP_TIMEOUT', ambiguous: true });
  });

  test('that stalls before the encrypted connection stands was certainly not carried out', async () => {
    const server = createTcpServer(() => {});
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    closers.push(() => server.close());
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const request = { method: 'POST', url: origin, timeoutMs: 200 } as const;
    const error = await failureOf(client({ configuredOrigins: [origin] }).request(request));
    expect(error.failure).toMatchObject({ code: 'HTTP_TIMEOUT', ambiguous: false });
  });

  test('that ends in the middle of the answer may have been carried out', async () => {
    const origin = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    });
    const error = await failureOf(client({ configuredOrigins: [origin] }).request({ method: 'POST', url: origin }));
    expect(error.failure).toMatchObject({ code: 'HTTP_NO_ANSWER', ambiguous: true });
  });
});

describe('an answer that is too much', () => {
  test('is cut off at the limit', async () => {
    const origin = await serve((_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1_000))) {}
        response.once('drain', more);
      };
      more();
    });
    const error = await failureOf(
      client({ configuredOrigins: [origin], maxBytes: 10_000 }).request({ method: 'GET', url: origin }),
    );
    expect(error.failure).toMatchObject({ code: 'HTTP_ANSWER_TOO_LARGE', ambiguous: true });
  });

  test('is cut off at the limit after unpacking, too', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    });
    const error = await failureOf(
      client({ configuredOrigins: [origin], maxBytes: 10_000 }).request({ method: 'GET', url: origin }),
    );
    expect(error.failure.code).toBe('HTTP_ANSWER_TOO_LARGE');
  });

  test.each([
    ['is not packed as it says', 'gzip'],
    ['is packed as "zstd"', 'zstd'],
  ])('or that %s is unreadable', async (said, encoding) => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end('plain');
    });
    const error = await failureOf(client({ configuredOrigins: [origin] }).request({ method: 'GET', url: origin }));
    expect(error.failure.code).toBe('HTTP_ANSWER_UNREADABLE');
    expect(error.message).toContain(said);
  });
});

describe('a kept connection that the provider has closed', () => {
  async function servesOnce() {
    const seen: string[] = [];
    const perSocket = new WeakMap<object, number>();
    const origin = await serve((request, response) => {
      const earlier = perSocket.get(request.socket) ?? 0;
      perSocket.set(request.socket, earlier + 1);
      seen.push(`${request.method} ${earlier}`);
      if (earlier === 0) response.end('ok');
      else request.socket.destroy();
    });
    return { origin, seen };
  }

  test('is replaced when reading', async () => {
    const { origin, seen } = await servesOnce();
    const reading = client({ configuredOrigins: [origin] });
    await reading.request({ method: 'GET', url: origin });
    expect((await reading.request({ method: 'GET', url: origin })).text).toBe('ok');
    expect(seen).toEqual(['GET 0', 'GET 1', 'GET 0']);
  });

  test('leaves a write unknown, never sent twice', async () => {
    const { origin, seen } = await servesOnce();
    const writing = client({ configuredOrigins: [origin] });
    await writing.request({ method: 'POST', url: origin });
    const error = await failureOf(writing.request({ method: 'POST', url: origin }));
    expect(error.failure).toMatchObject({ code: 'HTTP_NO_ANSWER', ambiguous: true });
    expect(seen).toEqual(['POST 0', 'POST 1']);
  });
});
