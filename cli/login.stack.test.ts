import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { listen, type RunningServer } from '../api/server.ts';
import { openTenantApi, type TenantApi } from '../test/harness/platform/tenant-api.ts';
import { eventually } from '../test/harness/stack/stack.ts';
import { runProgram } from './program.ts';

let api: TenantApi;
let server: RunningServer;
let home: string;
let tenant: string;
let admin: string;

beforeAll(async () => {
  api = await openTenantApi();
  server = await listen(api.app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close(0);
  await api.drop();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cli-'));
  tenant = await api.newTenant();
  admin = await api.newMember(tenant, 'admin');
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Runs the command line. `streams` fills while it runs. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const streams = { out: '', err: '' };
  const code = runProgram(args, {
    env: { XDG_CONFIG_HOME: home, STORE_PLATFORM_URL: server.url, ...env },
    out: { write: (text) => void (streams.out += text) },
    err: { write: (text) => void (streams.err += text) },
    signal: new AbortController().signal,
    ask: undefined,
    openUrl: async () => undefined,
  });
  return { code, streams };
}

async function run(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const { code, streams } = start(args, env);
  return { code: await code, ...streams };
}

async function withToken(body: object = {}): Promise<Readonly<Record<string, string>>> {
  const { token } = await api.read<{ token: string }>('/api/tokens', { as: admin, body: { name: 'x', ...body } });
  return { STORE_PLATFORM_TOKEN: token };
}

/** Starts a login and decides about its code. */
async function login(decision: 'approve' | 'deny') {
  const { code, streams } = start(['login']);
  const userCode = await eventually(() => /enter the code (\S+)/.exec(streams.err)?.[1]);
  await api.send('/api/device/approve', { as: admin, body: { userCode, decision } });
  return { code: await code, ...streams };
}

const configFile = () => join(home, 'store-platform', 'config.json');

describe('login', () => {
  test('stores the token for its owner only, and logout revokes it', async () => {
    expect(await login('approve')).toMatchObject({ code: 0, err: expect.stringContaining(`the tenant ${tenant}`) });
    expect((await stat(configFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, 'store-platform'))).mode & 0o777).toBe(0o700);
    const { token } = JSON.parse(await readFile(configFile(), 'utf8')) as { token: string };
    expect(await run(['stores', 'list'])).toMatchObject({ code: 0 });
    expect((await run(['whoami'])).out).toMatch(new RegExp(`tenant +${tenant}`));
    expect(await run(['logout'])).toMatchObject({ code: 0 });
    expect((await api.send('/api/stores', { token })).status).toBe(401);
    const after = await run(['stores', 'list']);
    expect(after).toMatchObject({ code: 3, err: expect.stringContaining('store-platform login') });
  });

  test('ends with 3 when the person denies it', async () => {
    expect(await login('deny')).toMatchObject({ code: 3, err: expect.stringContaining('The login was denied.') });
  });

  test('sends the token to no other address', async () => {
    await login('approve');
    const other = await listen(api.app, { host: '127.0.0.1', port: 0 });
    try {
      expect(await run(['stores', 'list', '--url', other.url])).toMatchObject({ code: 3 });
    } finally {
      await other.close(0);
    }
  });

  test('gives way to the token of the environment', async () => {
    await login('approve');
    const other = await api.newMember(await api.newTenant(), 'viewer');
    const { token } = await api.read<{ token: string }>('/api/tokens', { as: other, body: { name: 'x' } });
    const { out } = await run(['--json', 'whoami'], { STORE_PLATFORM_TOKEN: token });
    expect(JSON.parse(out)).toMatchObject({ actor: `user:${other}` });
  });
});

describe('commands', () => {
  test('create, list and revoke tokens and service accounts', async () => {
    const env = await withToken();
    const account = await run(['--json', 'service-accounts', 'create', '--name', 'Deployment'], env);
    const { serviceAccountId } = JSON.parse(account.out) as { serviceAccountId: string };
    const created = await run(['tokens', 'create', '--name', 'ci', '--service-account', serviceAccountId], env);
    expect(created).toMatchObject({ code: 0, out: expect.stringMatching(/^sp_[\w-]{49}\n$/) });
    const list = await run(['--json', 'tokens', 'list', '--service-account', serviceAccountId], env);
    const { tokenId } = JSON.parse(list.out) as { tokenId: string };
    expect(await run(['tokens', 'delete', tokenId], env)).toMatchObject({ code: 0 });
    expect(await run(['tokens', 'delete', tokenId], env)).toMatchObject({ code: 4 });
    expect(await run(['service-accounts', 'delete', serviceAccountId], env)).toMatchObject({ code: 0 });
  });

  test('list and change members, and invite people', async () => {
    const env = await withToken();
    const member = await api.newMember(tenant, 'viewer');
    const set = await run(['--json', 'members', 'set-role', `${member}@EXAMPLE.com`, 'member'], env);
    expect(JSON.parse(set.out)).toMatchObject({ userId: member, role: 'member' });
    expect(await run(['members', 'remove', member], env)).toMatchObject({ code: 2 });
    expect(await run(['members', 'remove', member, '--yes'], env)).toMatchObject({ code: 0 });
    expect(await run(['members', 'remove', admin, '--yes'], env)).toMatchObject({ code: 5 });
    const invited = await run(['invitations', 'create', '--role', 'viewer'], env);
    expect(invited.out).toMatch(/^http:\S+\/invitations\/\S+\n$/);
    expect((await run(['invitations', 'list'], env)).out).toContain('viewer');
  });

  test('operate the platform', async () => {
    const operator = await api.newUser({ isOperator: true });
    const made = await api.read<{ token: string }>('/api/tokens', { as: operator, tenant, body: { name: 'x' } });
    const env = { STORE_PLATFORM_TOKEN: made.token };
    const id = `cli-${tenant}`.slice(0, 40);
    expect(await run(['admin', 'tenants', 'create', id, '--name', 'Acme', '--max-stores', '3'], env)).toMatchObject({
      code: 0,
    });
    const limited = await run(['--json', 'admin', 'tenants', 'set', id, '--max-stores', 'default'], env);
    expect(JSON.parse(limited.out)).toMatchObject({ tenantId: id, maxStores: null });
    for (const list of [
      ['tenants', 'list'],
      ['unaccounted', 'list'],
      ['orphans', 'list'],
      ['removals', 'get'],
    ]) {
      expect(await run(['admin', ...list], env)).toMatchObject({ code: 0 });
    }
    await api.database.pool.query(
      `insert into orphans (uid, cluster, kind, name, reason, first_seen, last_seen, removable_after)
       values ('uid-1', 'default', 'Namespace', 'store-x', 'its store has no record', now(), now(), now())`,
    );
    const removal = await run(['--json', 'admin', 'orphans', 'remove', 'uid-1', '--yes'], env);
    expect(JSON.parse(removal.out)).toMatchObject({ uid: 'uid-1', approvedAt: expect.any(String) });
    expect(await run(['admin', 'orphans', 'remove', 'uid-2', '--yes'], env)).toMatchObject({ code: 4 });
    expect(await run(['admin', 'tenants', 'list'], await withToken())).toMatchObject({ code: 3 });
  });

  test('apply creates what is missing, once, and again after a delete', async () => {
    const env = await withToken();
    const file = join(home, 'stores.yaml');
    await writeFile(file, 'metadata: {name: production}\nstores:\n  - {name: Acme, engine: medusa}\n');
    const dry = await run(['apply', '-f', file, '--dry-run'], env);
    expect(dry).toMatchObject({ code: 0, out: '', err: '+ Acme (medusa)\n' });
    const [first, second] = await Promise.all([1, 2].map(() => run(['--json', 'apply', '-f', file, '--yes'], env)));
    const storeOf = (result: { readonly out: string } | undefined) =>
      (JSON.parse(result?.out ?? '') as { storeId: string }).storeId;
    expect(storeOf(first)).toBe(storeOf(second));
    expect(await run(['apply', '-f', file], env)).toMatchObject({ code: 0, err: '= Acme (requested)\n' });
    await api.database.pool.query("update stores set status = 'deleted', deleted_at = now() where id = $1", [
      storeOf(first),
    ]);
    const again = await run(['--json', 'apply', '-f', file, '--yes'], env);
    expect(storeOf(again)).not.toBe(storeOf(first));
  });
});
