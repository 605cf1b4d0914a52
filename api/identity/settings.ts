import type { Config } from '../../config/index.ts';
import type { IdentityOptions } from './identity.ts';

type FromSettings = Pick<IdentityOptions, 'authentication' | 'publicUrl' | 'sessionMs' | 'idleMs' | 'oidc'>;

/** Returns the options of the authentication from the settings of the process. */
export function identitySettings(config: Config): FromSettings {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = config;
  const isOffered = config.AUTH.includes('oidc') && issuer !== undefined && clientId !== undefined;
  return {
    authentication: config.AUTH,
    publicUrl: config.PUBLIC_URL,
    sessionMs: config.SESSION_SECONDS * 1_000,
    idleMs: config.SESSION_IDLE_SECONDS * 1_000,
    oidc: isOffered
      ? {
          issuer,
          clientId,
          clientSecret: config.OIDC_CLIENT_SECRET,
          audience: config.OIDC_AUDIENCE,
          jwtType: config.OIDC_JWT_TYPE,
          mapping: {
            tenantClaim: config.OIDC_TENANT_CLAIM,
            roleClaim: config.OIDC_ROLE_CLAIM,
            roles: config.OIDC_ROLE_MAPPING,
          },
          operatorEmails: config.OIDC_OPERATOR_EMAILS,
        }
      : undefined,
  };
}
