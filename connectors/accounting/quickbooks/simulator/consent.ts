import type { OAuthApp } from '../../../kit/contract.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { withParameters } from '../../../kit/simulator-pages.ts';
import type { Store } from './store.ts';
import type { Company, World } from './world.ts';

export const SCOPE = 'com.intuit.quickbooks.accounting';

/** What the authorize URL asks for. */
export interface AuthorizeRequest {
  redirectUri: string;
  scope: string;
  state: string;
  /** The company that the caller would like, by realm id. */
  realm: string | null;
}

interface IssuedCode {
  redirectUri: string;
  realm: string;
  consent: string;
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
  if (query.get('client_id') !== app.clientId) return { problem: 'The client_id query parameter value is invalid.' };
  if (!/^https?:\/\//.test(redirectUri) || !URL.canParse(redirectUri)) {
    return { problem: 'The redirect_uri query parameter value is invalid.' };
  }
  const state = query.get('state') ?? '';
  if (state === '') return { problem: 'The state query parameter is missing.' };
  const refuse = (error: string, description: string) => ({
    problem: `${error}: ${description}`,
    redirect: withParameters(redirectUri, { error, error_description: description, state }),
  });
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'response_type must be code');
  const scope = query.get('scope') ?? '';
  if (!scope.split(' ').includes(SCOPE)) return refuse('invalid_scope', 'The scope is unknown or missing.');
  return { redirectUri, scope, state, realm: query.get('realm') };
}

/**
 * The company an administrator would pick: the one that is named, else the next that is not connected yet, else the
 * first. Undefined when the named one is none of theirs.
 */
export function chosenCompany(world: World, named: string | null): Company | undefined {
  const companies = [...world.companies.values()];
  if (named !== null) return world.companies.get(named);
  const connected = new Set([...world.consents.values()].filter((each) => !each.ended).map((each) => each.realm));
  return companies.find(({ realm }) => !connected.has(realm)) ?? companies[0];
}

/**
 * The administrator agreed for one company. Answers the redirect with code, state and realmId. An earlier consent for
 * the same company ends: there is one connection per app and company.
 */
export function grant(store: Store, codes: Codes, request: AuthorizeRequest, company: Company, now: number): string {
  const change = store.begin();
  const { realm } = company;
  for (const earlier of store.world.consents.values()) {
    if (earlier.realm === realm && !earlier.ended) {
      change.put({ type: 'consent', value: { ...earlier, ended: true } });
    }
  }
  const id = String(change.next('consent'));
  const refresh = refreshToken(store.world.seed, change.next('refresh'));
  const times = { grantedAt: now, rotatedAt: now, expiresAt: now };
  change.put({ type: 'consent', value: { id, realm, ended: false, refresh, former: null, ...times } });
  change.commit();
  const code = `XAB1${opaqueFrom(store.world.seed, 'code', id)}`;
  codes.set(code, { redirectUri: request.redirectUri, realm, consent: id, issuedAt: now });
  return withParameters(request.redirectUri, { code, state: request.state, realmId: realm });
}

/** The text of a refresh token. */
export function refreshToken(seed: number, number: number): string {
  return `RT1-${opaqueFrom(seed, 'refresh', number)}`;
}

/** The administrator said no. */
export function deny(request: AuthorizeRequest): string {
  return withParameters(request.redirectUri, { error: 'access_denied', state: request.state });
}

/** Spends a code: once, within five minutes, for the same redirect URI. */
export function spendCode(codes: Codes, form: URLSearchParams, now: number): IssuedCode | null {
  const code = form.get('code') ?? '';
  const issued = codes.get(code);
  codes.delete(code);
  const isGood = issued && now - issued.issuedAt < CODE_LIFETIME_MS && form.get('redirect_uri') === issued.redirectUri;
  return isGood ? issued : null;
}
