import { jwtVerify, type JWTPayload } from 'jose';
import type { PeopleRecords } from '../../db/identity/people.ts';
import type { Identity, Membership } from '../../domain/access/principal.ts';
import { Problem } from '../problems/problem.ts';
import type { Authenticator } from './authenticator.ts';
import { rightsOf, type ClaimedRights, type ClaimMapping } from './claims.ts';
import { IssuerUnavailable, type CompanyIssuer } from './company-issuer.ts';
import { TOKEN_PREFIX } from './secrets.ts';

const BEARER = /^Bearer +(\S+)$/i;
/** No symmetric algorithm: the public key of the issuer would be its secret. */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 5;

/** Codes of the errors of `jose` that say that a token is not valid. Any other error says that its keys cannot be read. */
const INVALID_TOKEN: ReadonlySet<unknown> = new Set([
  'ERR_JWT_EXPIRED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_INVALID',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
]);

export interface JwtSettings {
  readonly issuer: CompanyIssuer;
  /** Audience of access tokens. It is never the client id, so an ID token is not accepted. */
  readonly audience: string;
  /** Required type of access tokens. Undefined: any type. */
  readonly type: string | undefined;
  readonly mapping: ClaimMapping;
  readonly people: Pick<PeopleRecords, 'identityOfSubject'>;
  readonly now: () => Date;
}

/** Authenticates JWT access tokens of the company issuer. Without settings, it refuses every JWT. */
export function jwtAuthenticator(settings: JwtSettings | undefined): Authenticator {
  return {
    credentialOf: (header) => jwtIn(header('authorization')),
    authenticate: async (token, requestedTenant) => {
      const claims = settings === undefined ? undefined : await verify(token, settings);
      return settings === undefined || claims === undefined
        ? undefined
        : await identify(claims, requestedTenant, settings);
    },
  };
}

/** Returns the bearer token in an Authorization header, unless it is an API token. */
function jwtIn(authorization: string | undefined): string | undefined {
  const [, credential] = BEARER.exec(authorization ?? '') ?? [];
  return credential?.startsWith(TOKEN_PREFIX) === true ? undefined : credential;
}

/** Returns the claims of a token, or undefined if it is not valid. @throws Problem ISSUER_UNAVAILABLE */
async function verify(
  token: string,
  { issuer, audience, type, now }: JwtSettings,
): Promise<VerifiedClaims | undefined> {
  try {
    const { keys, issuer: issuerName } = await issuer.discover();
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuerName,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp', 'iat'],
      // A token that is valid for longer cannot be revoked in time.
      maxTokenAge: '24h',
      currentDate: now(),
      ...(type === undefined ? {} : { typ: type }),
    });
    const { sub } = payload;
    return sub === undefined ? undefined : { ...payload, iss: issuerName, sub };
  } catch (error) {
    if (error instanceof Error && 'code' in error && INVALID_TOKEN.has(error.code)) return undefined;
    throw new Problem(
      'ISSUER_UNAVAILABLE',
      'The issuer of the company does not answer, so the JWT cannot be verified.',
      {
        cause: error instanceof IssuerUnavailable ? error.cause : error,
      },
    );
  }
}

type VerifiedClaims = JWTPayload & { readonly iss: string; readonly sub: string };

/** @throws Problem FORBIDDEN when the platform knows no rights of the subject. */
async function identify(
  claims: VerifiedClaims,
  requestedTenant: string | undefined,
  { people, mapping }: JwtSettings,
): Promise<Identity | undefined> {
  const { iss: issuer, sub: subject } = claims;
  const claimed = rightsOf(claims, mapping);
  const found = await people.identityOfSubject({
    issuer,
    subject,
    requestedTenant,
    // An operator may act for the requested tenant without claiming it.
    claimedTenants: claimed.isOperator && requestedTenant !== undefined ? [requestedTenant] : [...claimed.tenantIds],
  });
  if (found.isDisabled) return undefined;
  const isOperator = found.isOperator || claimed.isOperator;
  const membership = membershipOf(found, claimed, requestedTenant);
  if (found.userId === null && membership === null && !isOperator) {
    throw new Problem(
      'FORBIDDEN',
      'The JWT is valid, but its subject has no user here, and no claim gives it a role in a tenant. Log in once, or ask an operator to configure the claims.',
    );
  }
  return {
    principal: { kind: 'jwt', issuer, subject, userId: found.userId },
    isOperator,
    scopes: null,
    membership,
  };
}

/** A membership on record wins over the claims: an admin of the tenant can change it at any time. */
function membershipOf(
  found: { readonly membership: Membership | null; readonly claimedTenants: readonly string[] },
  { role, tenantIds, isOperator }: ClaimedRights,
  requestedTenant: string | undefined,
): Membership | null {
  if (found.membership !== null) return isOperator ? { ...found.membership, role: 'admin' } : found.membership;
  const claimedRole = isOperator ? 'admin' : role;
  if (claimedRole === null) return null;
  const order = isOperator && requestedTenant !== undefined ? [requestedTenant] : tenantIds;
  const tenantId = order.find(
    (id) => found.claimedTenants.includes(id) && (requestedTenant === undefined || id === requestedTenant),
  );
  return tenantId === undefined ? null : { tenantId, role: claimedRole };
}
