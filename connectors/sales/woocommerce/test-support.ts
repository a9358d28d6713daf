import type { Api, HttpRequest, HttpResponse } from '../../kit/contract.ts';

type Answering = (request: HttpRequest) => Partial<HttpResponse>;

/** A connection to a store that only answers what a test says; what was asked and logged is told. */
export function stubApi(answer: Answering): { api: Api; asked: HttpRequest[]; logged: string[] } {
  const asked: HttpRequest[] = [];
  const logged: string[] = [];
  const api: Api = {
    http: {
      request: async (request) => {
        asked.push(request);
        return { status: 200, headers: {}, text: '', ...answer(request) };
      },
    },
    hosts: { api: 'https://books.example.com', auth: 'https://books.example.com' },
    credentials: { consumerKey: 'ck_0123456789abcdef0123', consumerSecret: 'cs_0123456789abcdef0123' },
    settings: {},
    account: 'books.example.com',
    now: () => new Date('2026-11-21T10:00:00Z'),
    log: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
  };
  return { api, asked, logged };
}
