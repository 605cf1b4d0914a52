import { z } from 'zod';
import { ROLE_NAMES, emails, integer, optionalText, origin, roleMapping } from './schemas.ts';

/** Values of AUTH. */
export const AUTH_MODES = ['none', 'local', 'oidc', 'local,oidc'] as const;

/** Settings of the authentication. */
export const authSettings = {
  AUTH: z
    .preprocess(
      (value) => (typeof value === 'string' && value.trim() !== '' ? ordered(value) : 'local'),
      z.enum(AUTH_MODES, 'must be none, local, oidc or local,oidc'),
    )
    .describe(
      'How people log in: `local` (email and password), `oidc` (the OpenID Connect issuer of your company), or `local,oidc`. `none` turns authentication off and needs a loopback address in HOST',
    ),
  PUBLIC_URL: origin().describe(
    'Origin at which people reach the API, such as `https://stores.example.com`. With `https`, browsers send the session cookie over TLS only. Default: the address of each request',
  ),
  SESSION_SECONDS: integer(43_200, 60, 2_592_000).describe('Time after which a browser session ends'),
  SESSION_IDLE_SECONDS: integer(7_200, 60, 2_592_000).describe(
    'Time after which a browser session ends if it is not used',
  ),
  OIDC_ISSUER: optionalText().describe('URL of the OpenID Connect issuer. `AUTH=oidc` needs it'),
  OIDC_CLIENT_ID: optionalText().describe('Id of the API as a client of the issuer. `AUTH=oidc` needs it'),
  OIDC_CLIENT_SECRET: optionalText().describe('Secret of the client. Without it, the API is a public client'),
  OIDC_AUDIENCE: optionalText().describe(
    'Audience of the JWT access tokens with which programs call the API. It must differ from OIDC_CLIENT_ID. Without it, the API accepts no JWT',
  ),
  OIDC_JWT_TYPE: optionalText().describe(
    'Required `typ` of these tokens, such as `at+jwt`. Without it, the API does not check the type, because some issuers send `JWT`',
  ),
  OIDC_TENANT_CLAIM: optionalText().describe(
    'Claim of these tokens that holds the id of a tenant, or a list of ids. It needs OIDC_ROLE_CLAIM',
  ),
  OIDC_ROLE_CLAIM: optionalText().describe(
    'Claim that holds a role, or a list of roles: for JWTs with OIDC_TENANT_CLAIM, and for operators also at login',
  ),
  OIDC_ROLE_MAPPING: roleMapping().describe(
    `Roles of the platform for values of OIDC_ROLE_CLAIM, such as \`shop-admins=admin,platform-team=operator\`. Default: the names of the roles (${ROLE_NAMES.join(', ')})`,
  ),
  OIDC_OPERATOR_EMAILS: emails().describe(
    'Verified email addresses of people who become operators when they log in with OpenID Connect. Separate them by commas',
  ),
} as const;

type AuthSettings = z.output<z.ZodObject<typeof authSettings>>;

/** Reports the settings of the authentication that contradict each other. */
export function checkAuth({ value: env, issues }: z.core.ParsePayload<AuthSettings>): void {
  const report = (name: keyof AuthSettings, message: string): void =>
    void issues.push({ code: 'custom', path: [name], message, input: env });
  if (env.OIDC_TENANT_CLAIM !== undefined && env.OIDC_ROLE_CLAIM === undefined) {
    report('OIDC_ROLE_CLAIM', 'must be set together with OIDC_TENANT_CLAIM');
  }
  if (!env.AUTH.includes('oidc')) return;
  for (const name of ['OIDC_ISSUER', 'OIDC_CLIENT_ID'] as const) {
    if (env[name] === undefined) report(name, `must be set with AUTH=${env.AUTH}`);
  }
  if (env.OIDC_ISSUER !== undefined && !isIssuer(env.OIDC_ISSUER)) {
    report('OIDC_ISSUER', 'must be an https URL. http is possible for a loopback address only');
  }
  // The audience of an ID token is the client. An ID token must never be accepted as an access token.
  if (env.OIDC_AUDIENCE !== undefined && env.OIDC_AUDIENCE === env.OIDC_CLIENT_ID) {
    report('OIDC_AUDIENCE', 'must differ from OIDC_CLIENT_ID: otherwise the API would accept ID tokens');
  }
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, search, hash } = new URL(value);
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && search === '' && hash === '';
}

/** Returns the names of a list in the order in which AUTH_MODES has them, without blanks. */
function ordered(value: string): string {
  return value
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .sort()
    .join(',');
}
