import { createHash } from 'node:crypto';
import type { OAuthApp } from '../../../kit/contract.ts';
import { sameText } from '../../../kit/signature.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { withParameters } from '../../../kit/simulator-pages.ts';
import { scopeProblem } from './scopes.ts';
import type { Store } from './store.ts';

/** What the authorize URL asks for. */
export interface AuthorizeRequest {
  redirectUri: string;
  scopes: string[];
  state: string;
  codeChallenge: string | null;
}

interface IssuedCode extends AuthorizeRequest {
  authEventId: string;
  issuedAt: number;
}

/** Codes that were handed out and not used yet. */
export type Codes = Map<string, IssuedCode>;

const CODE_LIFETIME_MS = 5 * 60_000;

/** Reads the authorize URL's query. A `problem` is shown to the person, or sent back where there is a `redirect`. */
export function readAuthorize(
  query: URLSearchParams,
  app: OAuthApp,
): AuthorizeRequest | { problem: string; redirect?: string } {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== app.clientId)
    return { problem: 'unauthorized_client : Unknown client or client not enabled' };
  if (!/^https?:\/\//.test(redirectUri) || !URL.canParse(redirectUri))
    return { problem: 'invalid_request : Invalid redirect_uri' };
  const refuse = (error: string, description: string) => ({
    problem: `${error} : ${description}`,
    redirect: withParameters(redirectUri, { error, error_description: description, state: query.get('state') ?? '' }),
  });
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'response_type must be code');
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const wrong = scopeProblem(scopes);
  if (wrong !== null || scopes.length === 0) return refuse('invalid_scope', wrong ?? 'missing scope');
  const codeChallenge = query.get('code_challenge');
  if (codeChallenge !== null && query.get('code_challenge_method') !== 'S256') {
    return refuse('invalid_request', 'Transform algorithm not supported');
  }
  return { redirectUri, scopes, state: query.get('state') ?? '', codeChallenge };
}

/**
 * The person agreed for these organisations. Answers the redirect with the code. An organisation that was connected
 * before keeps the authEventId of its FIRST consent, as Xero's /connections does.
 */
export function grant(
  store: Store,
  codes: Codes,
  request: AuthorizeRequest,
  tenantIds: readonly string[],
  now: number,
): string {
  const change = store.begin();
  const authEventId = change.newId('consent');
  for (const tenantId of tenantIds) {
    const known = [...store.world.connections.values()].find((each) => each.tenantId === tenantId);
    const value = known
      ? { ...known, updatedAt: now }
      : { id: change.newId('connection'), tenantId, authEventId, createdAt: now, updatedAt: now };
    change.put({ type: 'connection', value });
  }
  change.commit();
  const code = opaqueFrom(store.world.seed, 'code', authEventId);
  codes.set(code, { ...request, authEventId, issuedAt: now });
  return withParameters(request.redirectUri, { code, scope: request.scopes.join(' '), state: request.state });
}

/** The person said no. */
export function deny(request: AuthorizeRequest): string {
  return withParameters(request.redirectUri, { error: 'access_denied', state: request.state });
}

/** Spends a code: once, within five minutes, for the same redirect URI and by whoever holds the verifier. */
export function spendCode(codes: Codes, form: URLSearchParams, now: number): IssuedCode | null {
  const code = form.get('code') ?? '';
  const issued = codes.get(code);
  codes.delete(code);
  if (!issued || now - issued.issuedAt >= CODE_LIFETIME_MS || form.get('redirect_uri') !== issued.redirectUri)
    return null;
  const verifier = form.get('code_verifier') ?? '';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return issued.codeChallenge === null || sameText(challenge, issued.codeChallenge) ? issued : null;
}
