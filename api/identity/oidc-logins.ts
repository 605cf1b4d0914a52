import { createHash, randomUUID } from 'node:crypto';
import * as oidc from 'openid-client';
import type { PeopleRecords } from '../../db/identity/people.ts';
import { DEFAULT_TENANT } from '../auth/authenticator.ts';
import { rightsOf, type ClaimMapping } from '../auth/claims.ts';
import { IssuerUnavailable, type CompanyIssuer } from '../auth/company-issuer.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';

/** Time for a person to log in at the issuer. */
const LOGIN_MS = 10 * 60_000;
const MAX_TEXT_LENGTH = 254;

/** A login that begins: the browser keeps the secret and goes to the issuer. */
export interface BegunLogin {
  readonly url: URL;
  readonly secret: string;
  readonly maxAgeSeconds: number;
}

/**
 * Why a login at the issuer did not succeed.
 *
 * - `unavailable`: the issuer does not answer
 * - `expired`: no such login began in this browser, or it was completed before, or it took too long
 * - `refused`: the issuer or the person refused the login, or the answer of the issuer is not valid
 * - `disabled`: an operator has disabled the user
 */
export type LoginFailure = 'unavailable' | 'expired' | 'refused' | 'disabled';

export type LoginResult =
  | { readonly kind: 'authenticated'; readonly userId: string; readonly next: string }
  | { readonly kind: 'failed'; readonly reason: LoginFailure; readonly cause?: unknown };

/** Logs people in at the company issuer, with an authorization code and PKCE. */
export interface OidcLogins {
  /** @throws IssuerUnavailable */
  begin(login: { readonly redirectUri: string; readonly next: string }): Promise<BegunLogin>;
  /** @param url The address at which the browser returned from the issuer. @param secret The secret that the browser keeps. */
  finish(returned: { readonly url: URL; readonly secret: string | undefined }): Promise<LoginResult>;
}

export interface OidcSettings {
  readonly people: Pick<PeopleRecords, 'beginOidcLogin' | 'endOidcLogin' | 'recordSubject'>;
  readonly issuer: CompanyIssuer;
  /** Addresses in lower case. */
  readonly operatorEmails: readonly string[];
  readonly mapping: ClaimMapping;
  readonly now: () => Date;
}

export function createOidcLogins({ people, issuer, operatorEmails, mapping, now }: OidcSettings): OidcLogins {
  async function begin({ redirectUri, next }: { readonly redirectUri: string; readonly next: string }) {
    const { configuration } = await issuer.discover();
    const state = newSecret();
    // The secret is the PKCE verifier too, so the database holds nothing with which a login can be completed.
    const browser = newSecret();
    const at = now();
    const expiresAt = new Date(at.getTime() + LOGIN_MS);
    await people.beginOidcLogin({ hash: state.hash, browserHash: browser.hash, next, now: at, expiresAt });
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      code_challenge: await oidc.calculatePKCECodeChallenge(browser.secret),
      code_challenge_method: 'S256',
      state: state.secret,
      nonce: nonceOf(browser.secret),
    });
    return { url, secret: browser.secret, maxAgeSeconds: LOGIN_MS / 1_000 };
  }

  async function finish({ url, secret }: { readonly url: URL; readonly secret: string | undefined }) {
    const state = url.searchParams.get('state');
    if (state === null || secret === undefined) return failed('expired');
    const next = await people.endOidcLogin({ hash: hashOf(state), browserHash: hashOf(secret), now: now() });
    if (next === undefined) return failed('expired');
    let claims: oidc.IDToken | undefined;
    try {
      const { configuration } = await issuer.discover();
      const tokens = await oidc.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: secret,
        expectedState: state,
        expectedNonce: nonceOf(secret),
        idTokenExpected: true,
      });
      claims = tokens.claims();
    } catch (cause) {
      return failed(cause instanceof IssuerUnavailable ? 'unavailable' : 'refused', cause);
    }
    if (claims === undefined) return failed('refused');
    const { userId, isDisabled } = await people.recordSubject(subjectOf(claims));
    return isDisabled ? failed('disabled') : ({ kind: 'authenticated', userId, next } as const);
  }

  /** The ID token has the claims. An access token for this API is refused by the `userinfo` endpoint of many issuers. */
  function subjectOf(claims: oidc.IDToken) {
    const email = textOf(claims['email']);
    // Anyone may claim an address that the issuer has not verified.
    const isVerified = claims['email_verified'] === true;
    const isListed = email !== null && isVerified && operatorEmails.includes(email.toLowerCase());
    return {
      newUserId: randomUUID(),
      issuer: claims.iss,
      subject: claims.sub,
      email,
      name: textOf(claims['name']),
      becomesOperator: isListed || rightsOf(claims, mapping).isOperator,
      operatorTenant: DEFAULT_TENANT,
      now: now(),
    };
  }

  return { begin, finish };
}

function failed(reason: LoginFailure, cause?: unknown): LoginResult {
  return { kind: 'failed', reason, cause };
}

/** Returns the nonce of a login. The ID token repeats it, which binds the token to the browser. */
function nonceOf(secret: string): string {
  return createHash('sha256').update(`nonce:${secret}`).digest('base64url');
}

function textOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  const text = claim.replaceAll(/\p{C}/gu, '').trim().slice(0, MAX_TEXT_LENGTH);
  return text === '' ? null : text;
}
