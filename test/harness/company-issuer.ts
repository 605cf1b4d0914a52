import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';

export const CLIENT = { clientId: 'store-platform', clientSecret: 'the secret of the client' } as const;
export const AUDIENCE = 'urn:store-platform';
const ROBOT = { client_id: 'robot', client_secret: 'the secret of the robot' } as const;
const KEY_ID = 'first';

/** A real OpenID Connect issuer on the loopback interface. */
export interface TestIssuer {
  readonly url: string;
  /** Person who logs in next, without a form. */
  account: string;
  /** Claims of the ID token, besides `sub`. */
  claims: Readonly<Record<string, unknown>>;
  /** Additional claims of access tokens. */
  tokenClaims: Readonly<Record<string, unknown>>;
  /** Number of times that the keys were read. */
  keyReads: number;
  readonly publicKeyPem: string;
  /** Signs a token with the key of the issuer. The default is a valid access token of the subject `ada`. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    header?: { readonly kid?: string; readonly typ?: string },
  ): Promise<string>;
  /** Returns an access token that the issuer gives to a program. */
  programToken(): Promise<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts an issuer. @param redirectUri Address to which it returns browsers. */
export async function startIssuer(redirectUri: string): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const server = createServer();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo; // an AddressInfo, because it listens on a TCP port
  const url = `http://127.0.0.1:${port}`;
  const jwk = { ...(await exportJWK(privateKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' };
  const issuer: TestIssuer = {
    url,
    account: 'ada',
    claims: {},
    tokenClaims: {},
    keyReads: 0,
    publicKeyPem: await exportSPKI(publicKey),
    sign: (claims, header) => sign(privateKey, { iss: url, ...claims }, header),
    programToken: () => programToken(url),
    stop: () => close(server),
    start: () => listen(server, port),
  };
  const provider = new Provider(url, configuration(issuer, { keys: [jwk] }, redirectUri));
  const respond = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/jwks') === true) issuer.keyReads += 1;
    if (request.url?.startsWith('/interaction/') === true) {
      const login = { login: { accountId: issuer.account } };
      void provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
    } else {
      void respond(request, response);
    }
  });
  return issuer;
}

function configuration(issuer: TestIssuer, jwks: Configuration['jwks'], redirectUri: string): Configuration {
  return {
    ...(jwks === undefined ? {} : { jwks }),
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
      {
        ...ROBOT,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 3_600, IdToken: 3_600, ClientCredentials: 3_600 },
    cookies: { keys: ['a key for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], roles: ['roles'] },
    // The ID token has the claims, as it does with most issuers.
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...issuer.claims }) }),
    extraTokenClaims: () => ({ ...issuer.tokenClaims }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile roles');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3_600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

async function sign(
  key: CryptoKey,
  claims: Readonly<Record<string, unknown>>,
  { kid = KEY_ID, typ = 'at+jwt' }: { readonly kid?: string; readonly typ?: string } = {},
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1_000);
  const payload = { sub: 'ada', aud: AUDIENCE, iat: seconds, exp: seconds + 600, ...claims };
  return await new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key);
}

async function programToken(url: string): Promise<string> {
  const body = new URLSearchParams({ ...ROBOT, grant_type: 'client_credentials', resource: AUDIENCE });
  const response = await fetch(`${url}/token`, { method: 'POST', body });
  const { access_token: token } = (await response.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error(`the issuer gave no token: ${response.status}`);
  return token;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
