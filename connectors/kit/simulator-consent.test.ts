import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen } from './simulator.ts';
import { consent } from './simulator-consent.ts';

describe('the person at the consent page', () => {
  let base: string;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const app = express();
    app.get('/authorize', (request, response) => {
      if (request.query.scope === 'unknown') return response.redirect(302, 'https://hub.example/back?error=scope');
      if (request.query.client !== 'ours') return response.status(400).send('<h1>Sorry</h1> <p>No such app.</p>');
      return response.send('<button>Approve</button>');
    });
    app.post('/authorize', express.urlencoded({ extended: false }), (request, response) => {
      if (request.body.scope === 'refused') return response.status(403).send('<p>Not for\n you.</p>');
      return response.redirect(302, `https://hub.example/back?code=1&state=${request.body.state}`);
    });
    const listening = await listen(app);
    base = `${listening.url}/authorize`;
    close = listening.close;
  });
  afterEach(() => close());

  test('approves what the address asks for and answers the redirect', async () => {
    expect(await consent(`${base}?client=ours&state=s1`)).toBe('https://hub.example/back?code=1&state=s1');
  });

  test('a request that is sent back with an error ends there', async () => {
    expect(await consent(`${base}?scope=unknown`)).toBe('https://hub.example/back?error=scope');
  });

  test('a page that shows an error throws with its text', async () => {
    await expect(consent(`${base}?client=other`)).rejects.toThrow('answered 400: Sorry No such app.');
    await expect(consent(`${base}?client=ours&scope=refused`)).rejects.toThrow('answered 403: Not for you.');
  });
});
