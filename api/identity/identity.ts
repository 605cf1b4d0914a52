import type { PeopleRecords } from '../../db/identity/people.ts';
import type { AuditSink } from '../../domain/ports/audit.ts';
import { noAuthentication, type Authenticator } from '../auth/authenticator.ts';
import type { ClaimMapping } from '../auth/claims.ts';
import { createCompanyIssuer, type IssuerSettings } from '../auth/company-issuer.ts';
import { jwtAuthenticator } from '../auth/jwt-authenticator.ts';
import { createLoginLimiter, type LoginLimiter } from '../auth/login-limiter.ts';
import { sessionAuthenticator } from '../auth/session-authenticator.ts';
import { sessionCookie, type SessionCookie } from '../auth/session-cookie.ts';
import { createLogins, type LoginMethod, type Logins } from './logins.ts';
import { createOidcLogins, type OidcLogins } from './oidc-logins.ts';

/** Settings of the company issuer. */
export interface OidcOptions extends IssuerSettings {
  /** Undefined: the API accepts no JWT. */
  readonly audience: string | undefined;
  readonly jwtType: string | undefined;
  readonly mapping: ClaimMapping;
  readonly operatorEmails: readonly string[];
}

export interface IdentityOptions {
  readonly people: PeopleRecords;
  readonly audit: AuditSink;
  /** The setting AUTH. */
  readonly authentication: string;
  /** Origin at which browsers reach the API. Undefined: the address of each request. */
  readonly publicUrl: string | undefined;
  readonly sessionMs: number;
  readonly idleMs: number;
  /** Undefined: AUTH has no `oidc`. */
  readonly oidc: OidcOptions | undefined;
  /** Default: a limiter in memory. */
  readonly limiter?: LoginLimiter;
  readonly now: () => Date;
  /** Is called for errors that fail no request. */
  readonly onUnexpected: (error: unknown) => void;
}

/** Everything with which the API recognizes people. */
export interface Identification {
  readonly people: PeopleRecords;
  readonly logins: Logins;
  readonly oidc: OidcLogins | undefined;
  readonly cookie: SessionCookie;
  readonly authentication: string;
  readonly publicUrl: string | undefined;
  readonly now: () => Date;
  /** Checks JWTs and sessions, or accepts every request if authentication is off. API tokens come before them. */
  readonly authenticators: readonly Authenticator[];
}

/** Assembles the logins and the authenticators of an installation. */
export function createIdentification(options: IdentityOptions): Identification {
  const { people, authentication, publicUrl, sessionMs, idleMs, now, onUnexpected } = options;
  const cookie = sessionCookie(publicUrl?.startsWith('https:') === true);
  const logins = createLogins({
    people,
    methods: loginMethodsOf(authentication),
    audit: options.audit,
    limiter: options.limiter ?? createLoginLimiter(),
    sessionMs,
    idleMs,
    now,
  });
  const { oidc, jwt } = withIssuer(options);
  const authenticators =
    authentication === 'none'
      ? [noAuthentication]
      : [jwt, sessionAuthenticator({ people, cookie, idleMs, now, onUnexpected })];
  return { people, logins, oidc, cookie, authentication, publicUrl, now, authenticators };
}

function withIssuer({ oidc, people, now }: IdentityOptions) {
  if (oidc === undefined) return { oidc: undefined, jwt: jwtAuthenticator(undefined) };
  const issuer = createCompanyIssuer(oidc, { nowMs: () => now().getTime() });
  const { audience, jwtType: type, mapping, operatorEmails } = oidc;
  return {
    oidc: createOidcLogins({ people, issuer, operatorEmails, mapping, now }),
    jwt: jwtAuthenticator(audience === undefined ? undefined : { issuer, audience, type, mapping, people, now }),
  };
}

function loginMethodsOf(authentication: string): readonly LoginMethod[] {
  return (['local', 'oidc'] as const).filter((method) => authentication.split(',').includes(method));
}
