import type { OAuthApp } from '../../../kit/contract.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { withParameters } from '../../../kit/simulator-pages.ts';
import type { Store } from './store.ts';

/** What the authorize URL asks for. */
export interface AuthorizeRequest {
  redirectUri: string;
  scope: string;
  state: string;
}

interface IssuedCode {
  redirectUri: string;
  consent: string;
  issuedAt: number;
}

/** Codes that were handed out and not used yet. */
export type Codes = Map<string, IssuedCode>;

const CODE_LIFETIME_MS = 60_000;

/** Reads the authorize URL's query. A `problem` is shown to the person, or sent back where there is a `redirect`. */
export function readAuthorize(
  query: URLSearchParams,
  app: OAuthApp,
): AuthorizeRequest | { problem: string; redirect?: string } {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== app.clientId) return { problem: 'invalid_client: the client_id is unknown.' };
  if (!/^https?:\/\//.test(redirectUri) || !URL.canParse(redirectUri)) {
    return { problem: 'invalid_request: the redirect_uri is not registered.' };
  }
  const state = query.get('state') ?? '';
  const refuse = (error: string, description: string) => ({
    problem: `${error}: ${description}`,
    redirect: withParameters(redirectUri, { error, error_description: description, state }),
  });
  if (query.get('filter') !== 'apiv3.1') return refuse('invalid_request', 'filter must be apiv3.1');
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'response_type must be code');
  const scope = query.get('scope') ?? '';
  if (scope !== 'full_access' && scope !== 'readonly') return refuse('invalid_scope', 'The scope is unknown.');
  return { redirectUri, scope, state };
}

/** The user agreed, for all of their businesses. Answers the redirect with the code. */
export function grant(store: Store, codes: Codes, request: AuthorizeRequest, now: number): string {
  const id = store.newId('consent');
  // Nothing works before the code was exchanged.
  store.commit({ type: 'consent', value: { id, ended: false, refresh: '', expiresAt: now } });
  const code = `GB/${opaqueFrom(store.world.seed, 'code', id)}`;
  codes.set(code, { redirectUri: request.redirectUri, consent: id, issuedAt: now });
  return withParameters(request.redirectUri, { code, country: 'GB', state: request.state });
}

/** The user said no. */
export function deny({ redirectUri, state }: AuthorizeRequest): string {
  return withParameters(redirectUri, { error: 'access_denied', state });
}

/** Spends a code: once, within sixty seconds, for the very same redirect URI. Answers its consent. */
export function spendCode(codes: Codes, form: URLSearchParams, now: number): string | null {
  const code = form.get('code') ?? '';
  const issued = codes.get(code);
  codes.delete(code);
  const isGood = issued && now - issued.issuedAt < CODE_LIFETIME_MS && form.get('redirect_uri') === issued.redirectUri;
  return isGood ? issued.consent : null;
}
