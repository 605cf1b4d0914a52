import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';

/** Time limit of a request to the issuer. */
const REQUEST_SECONDS = 5;
const KEYS_TIMEOUT_MS = 3_000;
/** Time until the keys are read again because of an unknown key id. Otherwise a flood of such tokens would reach the issuer. */
const KEYS_COOLDOWN_MS = 30_000;
const KEYS_MAX_AGE_MS = 600_000;
/** Time until a failed discovery is repeated. Until then, requests fail at once instead of waiting for the issuer. */
const RETRY_MS = 5_000;

export interface IssuerSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: the API is a public client. */
  readonly clientSecret: string | undefined;
}

/** Metadata and keys of the issuer. */
export interface DiscoveredIssuer {
  readonly configuration: oidc.Configuration;
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
}

/** The OpenID Connect issuer of the company. */
export interface CompanyIssuer {
  /**
   * Returns the metadata of the issuer. The first call reads it, so the API starts and serves other credentials while the
   * issuer is down.
   *
   * @throws IssuerUnavailable
   */
  discover(): Promise<DiscoveredIssuer>;
}

/** The issuer does not answer, or it answers with something else than its metadata or keys. */
export class IssuerUnavailable extends Error {
  constructor(issuer: string, cause: unknown) {
    super(`the OpenID Connect issuer ${issuer} cannot be used`, { cause });
    this.name = 'IssuerUnavailable';
  }
}

export function createCompanyIssuer(
  { issuer, clientId, clientSecret }: IssuerSettings,
  { nowMs }: { readonly nowMs: () => number },
): CompanyIssuer {
  let discovered: Promise<DiscoveredIssuer> | undefined;
  let failure: { readonly error: IssuerUnavailable; readonly retryAtMs: number } | undefined;

  async function read(): Promise<DiscoveredIssuer> {
    const url = new URL(issuer);
    const execute = [oidc.enableNonRepudiationChecks];
    // The settings allow http for a loopback address only.
    if (url.protocol === 'http:') execute.push(oidc.allowInsecureRequests);
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretPost(clientSecret);
    const configuration = await oidc.discovery(url, clientId, undefined, authentication, {
      timeout: REQUEST_SECONDS,
      execute,
    });
    const metadata = configuration.serverMetadata();
    if (metadata.jwks_uri === undefined) throw new Error('its metadata has no jwks_uri');
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
      cooldownDuration: KEYS_COOLDOWN_MS,
      cacheMaxAge: KEYS_MAX_AGE_MS,
      timeoutDuration: KEYS_TIMEOUT_MS,
    });
    return { configuration, issuer: metadata.issuer, keys };
  }

  return {
    discover: async () => {
      if (failure !== undefined && nowMs() < failure.retryAtMs) throw failure.error;
      discovered ??= read();
      try {
        return await discovered;
      } catch (cause) {
        discovered = undefined;
        const error = new IssuerUnavailable(issuer, cause);
        failure = { error, retryAtMs: nowMs() + RETRY_MS };
        throw error;
      }
    },
  };
}
