import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { ApiError, type StorePlatformClient } from '../../client/index.ts';
import type { components } from '../../client/schema.d.ts';
import type { CommandContext } from '../context.ts';
import { LoginError, UsageError } from '../exit-codes.ts';
import { dataOf, showRow } from './show-rows.ts';

type Context = () => CommandContext;
type DeviceCode = components['schemas']['DeviceCode'];
type DeviceToken = components['schemas']['DeviceToken'];

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628, 3.5. */
const SLOW_DOWN_SECONDS = 5;
const MAX_NAME_LENGTH = 100;

/** Creates the commands `login`, `logout` and `whoami`. */
export function loginCommands(context: Context): readonly Command[] {
  return [
    new Command('login').description('log in with a browser, on this or another machine').action(async () => {
      await login(context());
    }),
    new Command('logout').description('revoke the token of this machine').action(async () => {
      await logout(context());
    }),
    new Command('whoami').description('show who you are, and for which tenant you act').action(async () => {
      const { client, output } = context();
      const me = dataOf(await client.GET('/api/me'));
      showRow(output, me, {
        user: ({ user }) => user?.email ?? user?.name ?? null,
        actor: ({ actor }) => actor,
        tenant: ({ tenant }) => tenant?.tenantId ?? null,
        role: ({ tenant }) => tenant?.role ?? null,
        operator: ({ isOperator }) => (isOperator ? 'yes' : null),
        scopes: ({ scopes }) => scopes?.join(', ') ?? null,
      });
    }),
  ];
}

async function login({ client, output, url, config, signal, openUrl }: CommandContext): Promise<void> {
  const name = hostname().slice(0, MAX_NAME_LENGTH);
  const body = name === '' ? {} : { client_name: name };
  const code = dataOf(await client.POST('/api/device/code', { body }));
  output.say(`Open ${code.verification_uri} and enter the code ${code.user_code}`);
  if (output.isInteractive) await openUrl(code.verification_uri_complete);
  const token = await tokenOf(client, code, signal);
  const { access_token, token_id: tokenId, tenant_id: tenantId } = token;
  await config.write({ url, token: access_token, tokenId, tenantId });
  output.say(`You are logged in to ${url} for the tenant ${tenantId}.`);
}

/** Polls until the person has decided. @throws LoginError */
async function tokenOf(client: StorePlatformClient, code: DeviceCode, signal: AbortSignal): Promise<DeviceToken> {
  let intervalSeconds = code.interval;
  for (let waited = 0; waited < code.expires_in; waited += intervalSeconds) {
    await pause(intervalSeconds * 1_000, undefined, { signal });
    const result = await poll(client, code.device_code);
    if (typeof result === 'object') return result;
    if (result === 'slow_down') intervalSeconds += SLOW_DOWN_SECONDS;
    else if (result === 'access_denied') throw new LoginError('The login was denied.');
    else if (result === 'expired_token') break;
  }
  throw new LoginError('The code has expired. Run the command again.');
}

async function poll(client: StorePlatformClient, deviceCode: string): Promise<DeviceToken | string> {
  try {
    const body = { grant_type: GRANT, device_code: deviceCode } as const;
    return dataOf(await client.POST('/api/device/token', { body }));
  } catch (error) {
    if (error instanceof ApiError && error.oauthError !== undefined) return error.oauthError;
    throw error;
  }
}

async function logout({ client, output, config, login: stored, url }: CommandContext): Promise<void> {
  if (stored === undefined) throw new UsageError(`This machine has no login for ${url}.`);
  try {
    await client.DELETE('/api/tokens/{id}', { params: { path: { id: stored.tokenId } } });
  } catch (error) {
    // The token is expired or revoked already.
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 404)) throw error;
  }
  await config.clear();
  output.say(`You are logged out of ${url}.`);
}
