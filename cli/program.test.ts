import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listen } from '../api/server.ts';
import { scheduleKeyOf } from '../domain/ports/schedules.ts';
import { eventually } from '../test/harness/eventually.ts';
import { fakeApi, MAX_STORES } from '../test/harness/platform/fake-api.ts';
import { waitingProgram } from '../test/harness/waiting-program.ts';
import { runProgram, type ProgramOptions } from './program.ts';

let api: ReturnType<typeof fakeApi>;
let server: Awaited<ReturnType<typeof listen>>;
beforeEach(async () => {
  api = fakeApi();
  server = await listen(api.app, { host: '127.0.0.1', port: 0 });
});
afterEach(() => server.close(0));

/** Runs the command line against the API. */
async function run(args: readonly string[], options: Partial<ProgramOptions> = {}) {
  const streams = { out: '', err: '' };
  const code = await runProgram(args, {
    env: { STORE_PLATFORM_URL: server.url },
    out: { write: (text) => void (streams.out += text) },
    err: { write: (text) => void (streams.err += text) },
    signal: new AbortController().signal,
    ask: undefined,
    openUrl: async () => undefined,
    ...options,
  });
  return { code, ...streams };
}

/** Waits until the API has accepted the cancel of a store. */
async function cancelRequested(storeId: string): Promise<void> {
  await eventually(async () => {
    const record = await api.records.get({ tenantId: 'default-user', storeId });
    return record?.operation.cancelRequestedAt !== null;
  });
}

const create = (name = 'Acme Shoes', ...options: readonly string[]) =>
  run(['stores', 'create', '--name', name, '--engine', 'medusa', ...options]);

describe('stores', () => {
  test('writes only data to standard output, one JSON object per line', async () => {
    await create();
    await create('Other');
    const { code, out } = await run(['--json', 'stores', 'list', '--sort', 'name']);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(['Acme Shoes', 'Other']);
  });

  test('lists stores as a table, at most as many as asked for', async () => {
    await create('A');
    await create('B');
    const { out } = await run(['stores', 'list', '--sort', 'name', '--limit', '1']);
    expect(out).toMatch(/^ID +NAME +ENGINE +STATUS +STEP +CREATED\n[\da-f-]{36} +A +medusa +requested +\S+\n$/);
  });

  test('repeats a create with the same key without a second store', async () => {
    await create('Acme', '--key', 'order-42');
    const { err } = await create('Acme', '--key', 'order-42');
    expect(err).toContain('exists already');
    expect(api.operations.runs).toHaveLength(1);
  });

  test.each(['id', 'slug', 'name'] as const)('finds a store by its %s', async (by) => {
    const store = await api.newStore();
    const reference = { id: store.storeId, slug: store.slug, name: 'acme shoes' }[by];
    const { code, out } = await run(['--json', 'stores', 'get', reference]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ storeId: store.storeId });
  });

  test('asks for the id when several stores have the name', async () => {
    await create('Acme', '--key', 'a');
    await create('Acme', '--key', 'b');
    const { code, err } = await run(['stores', 'delete', 'Acme', '--yes']);
    expect(code).toBe(2);
    expect(err).toMatch(/Several stores have the name "Acme"\. Use the id of one:\n {2}[\da-f-]{36}/);
  });

  test('shows the steps of an operation and ends with 0 when it succeeds', async () => {
    const { storeId } = await api.newStore();
    const waiting = run(['stores', 'cancel', storeId, '--wait']);
    await cancelRequested(storeId);
    api.records.amend(storeId, { status: 'cancelled' }, { status: 'succeeded', runId: 'run', endedAt: new Date() });
    const { code, err, out } = await waiting;
    expect(err).toContain('cancel is accepted');
    expect(code).toBe(0);
    expect(out).toMatch(/status +cancelled/);
  });

  test('ends with 7 and the cause when the operation fails', async () => {
    const { storeId } = await api.newStore();
    const failure = { failureCode: 'IMAGE_PULL_FAILED', failureMessage: 'no such image' } as const;
    const waiting = run(['stores', 'cancel', storeId, '--wait']);
    await cancelRequested(storeId);
    const ended = { status: 'failed', runId: 'run', endedAt: new Date(), ...failure } as const;
    api.records.amend(storeId, { status: 'failed' }, ended);
    const { code, err } = await waiting;
    expect(code).toBe(7);
    expect(err).toContain('The provision failed: no such image (IMAGE_PULL_FAILED)');
  });

  test('shows the sign-in to the admin pages of a store', async () => {
    const cluster = { read: async () => ({ login: 'admin', password: 's3cret' }) };
    const other = fakeApi({ secrets: { default: cluster } });
    const { storeId } = await other.newStore();
    const served = await listen(other.app, { host: '127.0.0.1', port: 0 });
    const { code, out } = await run(['--url', served.url, 'stores', 'credentials', storeId]);
    await served.close(0);
    expect(code).toBe(0);
    expect(out).toBe('username  admin\npassword  s3cret\n');
  });

  test('deletes only after the name of the store was typed, or with --yes', async () => {
    const { storeId } = await api.newStore();
    const statusOf = () => api.records.get({ tenantId: 'default-user', storeId });
    expect(await run(['stores', 'delete', storeId])).toMatchObject({ code: 2 });
    expect(await run(['stores', 'delete', storeId], { ask: async () => 'Acme' })).toMatchObject({ code: 2 });
    expect((await statusOf())?.deleteRequestedAt).toBeNull();
    expect(await run(['stores', 'delete', storeId], { ask: async () => 'Acme Shoes' })).toMatchObject({ code: 0 });
    expect((await statusOf())?.deleteRequestedAt).not.toBeNull();
  });
});

describe('webhooks', () => {
  const createWebhook = (...options: readonly string[]) =>
    run(['--json', 'webhooks', 'create', 'https://receiver.example/hooks', ...options]);

  test('shows the secret of a new webhook once', async () => {
    const { code, out, err } = await run(['webhooks', 'create', 'https://receiver.example/', '--event', 'store.ready']);
    expect(code).toBe(0);
    expect(out).toMatch(/events +store\.ready\n[\s\S]*secret +whsec_/);
    expect(err).toContain('it is not shown again');
    const list = await run(['webhooks', 'list']);
    expect(list.out).toMatch(/receiver\.example/);
    expect(list.out).not.toContain('whsec_');
  });

  test('tests a webhook, lists its deliveries and repeats one', async () => {
    const { webhookId } = JSON.parse((await createWebhook()).out) as { webhookId: string };
    const { deliveryId } = JSON.parse((await run(['--json', 'webhooks', 'test', webhookId])).out) as {
      deliveryId: string;
    };
    const { out } = await run(['webhooks', 'deliveries', webhookId, '--state', 'pending']);
    expect(out).toMatch(new RegExp(`^ID .*\\n${deliveryId} +ping +pending`));
    expect(await run(['webhooks', 'redeliver', webhookId, deliveryId])).toMatchObject({ code: 5 });
    const [delivery] = api.webhookRecords.deliveries;
    if (delivery === undefined) throw new Error('no delivery');
    api.webhookRecords.deliveries[0] = { ...delivery, state: 'failed', endedAt: new Date() };
    expect(await run(['webhooks', 'redeliver', webhookId, deliveryId])).toMatchObject({ code: 0 });
  });

  test('rotates the secret, disables, enables and deletes a webhook', async () => {
    const { webhookId, secret } = JSON.parse((await createWebhook()).out) as { webhookId: string; secret: string };
    const rotated = JSON.parse((await run(['--json', 'webhooks', 'rotate-secret', webhookId])).out) as {
      secret: string;
    };
    expect(rotated.secret).not.toBe(secret);
    expect((await run(['webhooks', 'disable', webhookId])).out).toMatch(/status +disabled \(requested\)/);
    expect((await run(['webhooks', 'enable', webhookId])).out).toMatch(/status +enabled/);
    expect(await run(['webhooks', 'delete', webhookId])).toMatchObject({ code: 0 });
    expect(await run(['webhooks', 'get', webhookId])).toMatchObject({ code: 4 });
    expect((await run(['webhooks', 'list'])).err).toContain('No webhooks.');
  });

  test('ends with 2 and the reason when the URL is not allowed', async () => {
    const { code, err } = await run(['webhooks', 'create', 'https://10.0.0.1/']);
    expect(code).toBe(2);
    expect(err).toContain('its address is not public');
  });
});

describe('clusters', () => {
  test('are added, drained and listed, and a store is created in one with a label', async () => {
    const added = await run([
      'admin',
      'clusters',
      'add',
      'eu-1',
      '--label',
      'region=eu',
      '--label',
      'tier=gold',
      '--capacity',
      '5',
    ]);
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/region=eu, tier=gold/) });
    const created = await create('Shop', '--cluster-label', 'region=eu');
    expect(created.code).toBe(0);
    expect((await api.records.list({ limit: 1 })).stores[0]?.cluster).toBe('eu-1');
    expect((await run(['admin', 'clusters', 'set', 'eu-1', '--status', 'draining', '--capacity', 'none'])).code).toBe(
      0,
    );
    const { out } = await run(['admin', 'clusters', 'list']);
    expect(out).toMatch(/^NAME +STATUS +STORES +CAPACITY .*\ndefault +ready .*\neu-1 +draining /);
    expect((await create('Other', '--cluster-label', 'region=eu')).err).toContain('draining');
  });

  test.each([
    ['a label without a value', ['--label', 'region']],
    ['a capacity that is no number', ['--capacity', 'many']],
  ])('%s is a usage error', async (_, options) => {
    expect(await run(['admin', 'clusters', 'add', 'eu-1', ...options])).toMatchObject({ code: 2 });
  });
});

describe('schedules', () => {
  const pausedNames = async () =>
    (await api.schedules.list()).filter(({ isPaused }) => isPaused).map(({ name }) => name);

  test('are listed with their state', async () => {
    await api.schedules.pause(scheduleKeyOf('verify-stores', 'default'), 'maintenance');
    const { code, out } = await run(['admin', 'schedules', 'list']);
    expect(code).toBe(0);
    expect(out).toMatch(/^NAME +CLUSTER +STATE +EVERY \(S\) .*\nreconcile-stores +active +30 /);
    expect(out).toMatch(/verify-stores +default +paused .* maintenance/);
  });

  test('are paused with a reason, and resumed: all of them, or those that are named', async () => {
    const { code, out } = await run(['--json', 'admin', 'schedules', 'pause', '--reason', 'restore']);
    expect(code).toBe(0);
    const rows = out.trim().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toHaveLength(4);
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({ isPaused: true, note: expect.stringMatching(/: restore$/) });
    await run(['admin', 'schedules', 'resume', 'reconcile-stores', 'verify-stores']);
    expect(await pausedNames()).toEqual(['reconcile-waiting-stores', 'reconcile-cluster']);
    await run(['admin', 'schedules', 'resume']);
    expect(await pausedNames()).toEqual([]);
  });

  test('are triggered by name', async () => {
    expect(await run(['admin', 'schedules', 'trigger', 'reconcile-cluster'])).toMatchObject({ code: 0 });
    expect(api.schedules.triggered).toEqual(['reconcile-cluster']);
  });

  test('that have another name are rejected with the names that exist', async () => {
    const { code, err } = await run(['admin', 'schedules', 'pause', 'reconcile']);
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are reconcile-stores, reconcile-waiting-stores');
  });
});

describe('a program that runs while the schedules are paused', () => {
  const whilePaused = (options: readonly string[], ...program: readonly string[]) =>
    run(['admin', 'while-paused', ...options, '--', ...program]);
  const node = (script: string) => [process.execPath, '-e', script] as const;
  const stateOf = async () =>
    (await api.schedules.list()).map(({ name, isPaused }) => `${name} ${isPaused ? 'paused' : 'active'}`);
  const ALL_ACTIVE = [
    'reconcile-stores active',
    'reconcile-waiting-stores active',
    'reconcile-cluster active',
    'verify-stores active',
  ];

  /** A program that ends with 0 if all schedules are paused. */
  const requirePaused = () =>
    node(
      `fetch('${server.url}/api/admin/schedules').then((r) => r.json())` +
        `.then(({ data }) => process.exit(data.every((each) => each.isPaused) ? 0 : 9))`,
    );

  test('finds all of them paused, and afterwards they have the state that they had before', async () => {
    await api.schedules.pause(scheduleKeyOf('verify-stores', 'default'), 'maintenance');
    const { code, out, err } = await whilePaused([], ...requirePaused());
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('Paused already: verify-stores of default');
    expect(await stateOf()).toEqual([...ALL_ACTIVE.slice(0, 3), 'verify-stores paused']);
    expect((await api.schedules.list()).find(({ name }) => name === 'verify-stores')?.note).toBe('maintenance');
  });

  test('changes nothing if all of them are paused already', async () => {
    await run(['admin', 'schedules', 'pause']);
    const { code, err } = await whilePaused(['--keep-paused'], ...node('process.exit(3)'));
    expect([code, err]).toEqual([3, expect.not.stringContaining('schedules resume')]);
    expect(await stateOf()).toEqual(ALL_ACTIVE.map((state) => state.replace('active', 'paused')));
  });

  test('passes on its exit code, and the schedules are resumed', async () => {
    const { code, err } = await whilePaused([], ...node('process.exit(3)'));
    expect([code, err]).toEqual([3, expect.stringContaining('ended with exit code 3')]);
    expect(await stateOf()).toEqual(ALL_ACTIVE);
  });

  test('leaves the schedules paused if it fails and this is wanted, and says how to resume them', async () => {
    await api.schedules.pause(scheduleKeyOf('verify-stores', 'default'), 'maintenance');
    const { code, err } = await whilePaused(['--keep-paused'], ...node('process.exit(3)'));
    expect(code).toBe(3);
    expect(err).toContain(
      `store-platform --url ${server.url} admin schedules resume reconcile-stores reconcile-waiting-stores reconcile-cluster\n`,
    );
    expect(await stateOf()).toEqual(ALL_ACTIVE.map((state) => state.replace('active', 'paused')));
  });

  test('ends with 127 if it cannot be started, and with 128 and the number of the signal that ended it', async () => {
    expect(await whilePaused([], '/no/such/program')).toMatchObject({
      code: 127,
      err: expect.stringContaining('/no/such/program cannot be started'),
    });
    expect(await whilePaused([], ...node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({ code: 137 });
    expect(await stateOf()).toEqual(ALL_ACTIVE);
  });

  test('may stop the API: the schedules are resumed when it answers again', async () => {
    const program = waitingProgram();
    const port = Number(new URL(server.url).port);
    let said = '';
    const ending = run(['admin', 'while-paused', '--', ...program.command], {
      err: { write: (text) => void (said += text) },
    });
    await program.started();
    await server.close(0);
    program.end();
    await eventually(() => said.includes(`Waiting for the API: The API at 127.0.0.1:${port} does not respond`));
    // As after a restore of Temporal, one schedule has an older state.
    await api.schedules.resume(scheduleKeyOf('reconcile-cluster', 'default'), 'older');
    server = await listen(api.app, { host: '127.0.0.1', port });
    const { code } = await ending;
    expect([code, said]).toEqual([0, expect.stringContaining('Resumed reconcile-stores.')]);
    expect(await stateOf()).toEqual(ALL_ACTIVE);
  });

  test('can be interrupted: the schedules are resumed nevertheless', async () => {
    const program = waitingProgram();
    const interrupt = new AbortController();
    const ending = run(['admin', 'while-paused', '--', ...program.command], { signal: interrupt.signal });
    await program.started();
    interrupt.abort();
    program.end();
    expect(await ending).toMatchObject({ code: 0 });
    expect(await stateOf()).toEqual(ALL_ACTIVE);
  });

  test('may bring back schedules without their pause: those that were paused before are paused again', async () => {
    await api.schedules.pause(scheduleKeyOf('verify-stores', 'default'), 'maintenance');
    const resume = `fetch('${server.url}/api/admin/schedules/verify-stores/resume', { method: 'POST' })`;
    const { code, err } = await whilePaused([], ...node(resume));
    expect([code, err]).toEqual([0, expect.stringContaining('Paused verify-stores of default again')]);
    expect(await stateOf()).toEqual([...ALL_ACTIVE.slice(0, 3), 'verify-stores paused']);
  });

  test('ends with an error and the command to resume by hand, if the API does not answer in time', async () => {
    const program = waitingProgram();
    const ending = whilePaused(['--resume-timeout', '1'], ...program.command);
    await program.started();
    await server.close(0);
    program.end();
    const { code, err } = await ending;
    expect(code).toBe(1);
    expect(err).toMatch(
      /may still be paused\. To resume by hand: store-platform --url \S+ admin schedules resume reconcile-stores/,
    );
    expect(err).toContain('does not respond');
  });

  test('does not start if there is no schedule to pause', async () => {
    for (const { name } of await api.schedules.list()) api.schedules.remove(name);
    const { code, err } = await whilePaused([], ...node('process.exit(0)'));
    expect([code, err]).toEqual([5, 'There is no schedule to pause. Start a worker: it creates them.\n']);
  });

  test('starts although a run of a schedule stays open, after a warning', async () => {
    api.schedules.setRunning('reconcile-cluster');
    const { code, err } = await whilePaused(['--run-timeout', '1'], ...requirePaused());
    expect([code, err]).toEqual([0, expect.stringContaining('The run of reconcile-cluster of default is still open.')]);
  });
});

describe('exit codes', () => {
  test.each([
    ['no such command', 2, ['store', 'list']],
    ['an unknown engine', 2, ['stores', 'create', '--name', 'x', '--engine', 'magento']],
    ['an invalid name', 2, ['stores', 'create', '--name', '\u202E', '--engine', 'medusa']],
    ['an unknown id', 4, ['stores', 'get', '00000000-0000-4000-8000-000000000000']],
    ['an unknown name', 2, ['stores', 'get', 'nobody']],
    ['help', 0, ['--help']],
  ])('%s ends with %i', async (_, code, args) => {
    const result = await run(args);
    expect(result.code).toBe(code);
    expect(code === 0 ? result.out : result.err).not.toBe('');
  });

  test('a state that does not allow the action ends with 5, and a full quota with 6', async () => {
    const { storeId } = await api.newStore();
    expect(await run(['stores', 'undelete', storeId])).toMatchObject({ code: 5 });
    for (let count = 1; count < MAX_STORES; count += 1) await create(`Store ${count}`);
    const { code, err } = await create('One more');
    expect(code).toBe(6);
    expect(err).toMatch(/QUOTA_EXCEEDED[\s\S]*correlation id: \S+/);
  });

  test('an API that does not respond ends with 1 and names the setting of its address', async () => {
    const { code, err } = await run([
      '--url',
      'http://127.0.0.1:9',
      'stores',
      'cancel',
      '00000000-0000-4000-8000-000000000000',
    ]);
    expect(code).toBe(1);
    expect(err).toContain('Set --url or STORE_PLATFORM_URL');
  });

  test('an interrupt ends with 130', async () => {
    const { storeId } = await api.newStore();
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 300);
    const { code } = await run(['stores', 'watch', storeId], { signal: interrupt.signal });
    expect([0, 130]).toContain(code);
  });
});
