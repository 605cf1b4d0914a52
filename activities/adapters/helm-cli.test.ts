import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CancelledFailure } from '@temporalio/activity';
import { execa } from 'execa';
import { identityOf, isAlive, type ProcessIdentity } from '../../temporal-dev/processes/process-identity.ts';
import { activityEnvironment } from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { startTestTracing } from '../../test/harness/test-tracing.ts';
import { type HelmOptions, isRecent, openHelm } from './helm-cli.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'helm-cli-test-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Writes an executable that replaces Helm: it answers the version check and runs `script` for every other command. */
async function stub(script: string, version = 'v4.3.1'): Promise<HelmOptions> {
  const bin = join(home, 'helm');
  const answer = `if [ "$1" = version ]; then printf '%s' '${version}'; exit 0; fi`;
  await writeFile(bin, `#!/bin/sh\n${answer}\ncd ${home}\n${script}\n`);
  await chmod(bin, 0o755);
  await writeKubeconfig({ token: 't' });
  return { bin, context: 'here', kubeconfig: join(home, 'kubeconfig'), env: { ...process.env, SECRET_OF_OURS: 'x' } };
}

async function writeKubeconfig(user: Readonly<Record<string, unknown>>): Promise<void> {
  const content = {
    clusters: [
      { name: 'c', cluster: { server: 'https://here.example', 'certificate-authority': 'ca.crt' } },
      { name: 'other', cluster: { server: 'https://other.example' } },
    ],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
  };
  await writeFile(join(home, 'kubeconfig'), JSON.stringify(content));
}

const release = { releaseName: 'acme', namespace: 'store-acme' };
const install = { ...release, chartDir: '/charts/shop', values: { store: { name: "$(id) ' Acme" } } };

async function noted(name: string): Promise<string> {
  return (await readFile(join(home, name), 'utf8')).trim();
}

/** Throws until the file contains the process id: a file exists before its content is written. */
async function notedProcess(name: string): Promise<ProcessIdentity> {
  const identity = identityOf(Number.parseInt(await noted(name), 10));
  if (identity === undefined) throw new Error(`no process ${name} yet`);
  return identity;
}

describe('a Helm process', () => {
  const NOTE_ALL = `
    printf '%s\\n' "$@" > args
    env > environment
    file=$(sed -n '/^--values$/{n;p}' args)
    printf '%s' "$file" > file
    cat "$file" > values
    cat "$(dirname "$file")/kubeconfig" > given-kubeconfig
    stat -c %a "$file" "$(dirname "$file")" "$(dirname "$file")/kubeconfig" > modes`;

  test('gets arguments for the cluster, the namespace, the chart and no wait', async () => {
    const helm = await openHelm(await stub(NOTE_ALL));
    await helm.upgradeInstall(install);
    const args = (await noted('args')).split('\n');
    expect(args.slice(0, 4)).toEqual(['upgrade', 'acme', '/charts/shop', '--install']);
    expect(args.join(' ')).toContain('--wait=hookOnly --timeout 25s --server-side=true --history-max 5 --reset-values');
    const folder = dirname(await noted('file'));
    expect(args.join(' ')).toContain(`--namespace store-acme --kubeconfig ${folder}/kubeconfig --kube-context here`);
  });

  test('is a span below the active one, with its failure code and none of its values', async () => {
    const tracing = await startTestTracing();
    const traced = async (script: string) => openHelm({ ...(await stub(script)), traceCall: tracing.traceCall });
    await (await traced('true')).upgradeInstall(install);
    await tracing.inSpan({ name: 'activity' }, async () => {
      await (await traced('true')).upgradeInstall(install);
      const failing = (await traced("echo 'Error: secret-word' >&2; exit 1")).uninstall(release);
      await expect(failing).rejects.toMatchObject({ code: 'RELEASE_FAILED' });
    });
    const spans = await tracing.recorded();
    const attributes = { 'helm.release': 'acme', 'k8s.namespace.name': 'store-acme' };
    expect(spans.map(({ name }) => name)).toEqual(['helm upgrade', 'helm uninstall', 'activity']);
    expect(spans[0]).toMatchObject({ parentSpanId: spans[2]?.spanId, attributes, status: { code: 0 } });
    expect(spans[1]?.attributes).toEqual({ ...attributes, 'error.type': 'RELEASE_FAILED' });
    await tracing.receiver.close();
  });

  test('gets its values in a file that only the platform can read and that is deleted afterwards', async () => {
    const helm = await openHelm(await stub(NOTE_ALL));
    await helm.upgradeInstall(install);
    expect(JSON.parse(await noted('values'))).toEqual(install.values);
    expect(await noted('modes')).toBe('600\n700\n600');
    await expect(readdir(join(await noted('file'), '..'))).rejects.toThrow('ENOENT');
  });

  test('gets a kubeconfig with only its context and the current credentials', async () => {
    const helm = await openHelm(await stub(NOTE_ALL));
    await helm.upgradeInstall(install);
    expect(JSON.parse(await noted('given-kubeconfig'))).toMatchObject({
      clusters: [{ cluster: { server: 'https://here.example', 'certificate-authority': join(home, 'ca.crt') } }],
      users: [{ user: { token: 't' } }],
      'current-context': 'here',
    });
    await writeKubeconfig({ token: 'renewed' });
    await helm.upgradeInstall(install);
    expect(JSON.parse(await noted('given-kubeconfig'))).toMatchObject({ users: [{ user: { token: 'renewed' } }] });
  });

  test('inherits what a credential plugin needs, if the context has one, and no setting of Helm', async () => {
    const options = await stub(NOTE_ALL);
    await writeKubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' } });
    const env = { ...options.env, HOME: home, AWS_PROFILE: 'shop', HELM_DRIVER: 'sql', XDG_CONFIG_HOME: '/xdg' };
    await (await openHelm({ ...options, env })).upgradeInstall(install);
    const environment = await noted('environment');
    expect(environment).toMatch(new RegExp(`^HOME=${home}$`, 'm'));
    expect(environment).toMatch(/^AWS_PROFILE=shop$/m);
    expect(environment).toMatch(/^XDG_CONFIG_HOME=\/xdg$/m);
    for (const name of ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME', 'HELM_PLUGINS', 'TMPDIR']) {
      expect(environment).toMatch(new RegExp(`^${name}=.*store-helm-`, 'm'));
    }
    expect(environment).not.toMatch(/HELM_DRIVER|SECRET_OF_OURS/);
  });

  test('inherits neither the environment of the platform nor that of the user', async () => {
    const helm = await openHelm(await stub(NOTE_ALL));
    await helm.upgradeInstall(install);
    const environment = await noted('environment');
    expect(environment).not.toContain('SECRET_OF_OURS');
    expect(environment).not.toMatch(new RegExp(`^HOME=${process.env['HOME']}$`, 'm'));
    expect(environment).toMatch(/^HELM_PLUGINS=.*store-helm-/m);
  });

  test('caches the API discovery beside the kubeconfig, if that folder is writable', async () => {
    await (await openHelm(await stub(NOTE_ALL))).upgradeInstall(install);
    expect(await noted('environment')).toMatch(new RegExp(`^KUBECACHEDIR=${join(home, 'cache')}$`, 'm'));
    const readOnly = { ...(await stub(NOTE_ALL)), kubeconfig: join(home, 'read-only', 'kubeconfig') };
    await mkdir(join(home, 'read-only'));
    await copyFile(join(home, 'kubeconfig'), readOnly.kubeconfig);
    await writeFile(join(home, 'read-only', 'cache'), ''); // a file in place of the folder: root can write anywhere
    await (await openHelm(readOnly)).upgradeInstall(install);
    expect(await noted('environment')).not.toContain('KUBECACHEDIR');
  });

  test('leaves no file when Helm fails, and the error has the reason without the path', async () => {
    const helm = await openHelm(await stub(`${NOTE_ALL}\necho "Error: bad $file: exceeded quota: q" >&2; exit 1`));
    await expect(helm.upgradeInstall(install)).rejects.toMatchObject({
      code: 'NAMESPACE_QUOTA_EXCEEDED',
      publicMessage: 'helm could not install the release acme: bad values.json: exceeded quota: q',
    });
    await expect(readdir(join(await noted('file'), '..'))).rejects.toThrow('ENOENT');
  });

  test('deletes the folders that killed workers left behind, and no folder in use', async () => {
    const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'store-helm-'))));
    const [abandoned = '', inUse = ''] = folders;
    await writeFile(join(abandoned, 'kubeconfig'), 'token');
    await utimes(abandoned, 0, Date.now() / 1_000 - 7_200);
    await openHelm(await stub(''));
    await expect(readdir(abandoned)).rejects.toThrow('ENOENT');
    await expect(readdir(inUse)).resolves.toEqual([]);
    await rm(inUse, { recursive: true });
  });

  test('gets the revision of a rollback and the deletion policy of an uninstall', async () => {
    const helm = await openHelm(await stub(`printf '%s ' "$@" >> args; echo >> args`));
    await helm.rollback({ ...release, revision: 3 });
    await helm.uninstall(release);
    const [rollback, uninstall] = (await noted('args')).split('\n');
    expect(rollback).toMatch(/^rollback acme 3 --wait=hookOnly /);
    expect(uninstall).toMatch(/^uninstall acme --wait=hookOnly .*--ignore-not-found --cascade background/);
  });
});

test('the check of the cluster lists releases and fails with the reason of Helm', async () => {
  const script = `printf '%s ' "$@" > args; echo 'Error: Kubernetes cluster unreachable: no route' >&2; exit 1`;
  const helm = await openHelm(await stub(script));
  await expect(helm.checkAccess()).rejects.toMatchObject({
    code: 'CLUSTER_UNAVAILABLE',
    publicMessage: 'helm could not list the releases: Kubernetes cluster unreachable: no route',
  });
  expect(await noted('args')).toMatch(/^list --max 1 --namespace default --kubeconfig .* --kube-context here/);
});

describe('Helm ends', () => {
  const WITH_A_CHILD = `
    sleep 300 & echo $! > child
    echo $$ > self
    wait`;

  test('with its child processes when the activity is cancelled, before the activity ends', async () => {
    const helm = await openHelm(await stub(WITH_A_CHILD));
    const environment = activityEnvironment();
    const running = environment.run(() => helm.upgradeInstall(install));
    const stopped = expect(running).rejects.toThrow(CancelledFailure);
    const processes = await eventually(async () => [await notedProcess('child'), await notedProcess('self')]);
    environment.cancel();
    await stopped;
    await eventually(() => !processes.some(isAlive));
  });

  test('when the activity is cancelled, even if it ignores SIGTERM', async () => {
    const helm = await openHelm(await stub(`trap '' TERM\n${WITH_A_CHILD}\nwait\nwait`));
    const environment = activityEnvironment();
    const running = environment.run(() => helm.upgradeInstall(install));
    const stopped = expect(running).rejects.toThrow(CancelledFailure);
    const processes = await eventually(async () => [await notedProcess('child'), await notedProcess('self')]);
    environment.cancel();
    await stopped;
    await eventually(() => !processes.some(isAlive));
  });

  test('at its time limit, with CLUSTER_UNAVAILABLE', async () => {
    const helm = await openHelm({ ...(await stub('exec sleep 300')), processTimeoutMs: 200 });
    await expect(helm.uninstall(release)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('when its worker is killed', async () => {
    const options = await stub('echo $$ > self\nexec sleep 300');
    const worker = join(home, 'worker.mts');
    await mkdir(join(home, 'empty'));
    const adapter = new URL('helm-cli.ts', import.meta.url).href;
    await writeFile(
      worker,
      `import { openHelm } from '${adapter}';
       const helm = await openHelm(${JSON.stringify(options)});
       await helm.uninstall(${JSON.stringify(release)});`,
    );
    const tsx = import.meta.resolve('tsx');
    const child = execa(process.execPath, ['--import', tsx, worker], {
      reject: false,
      cwd: join(home, 'empty'),
      env: { TMPDIR: home },
    });
    const stubbed = await eventually(() => notedProcess('self'), { deadlineMs: 90_000 });
    child.kill('SIGKILL');
    await child;
    await eventually(() => !isAlive(stubbed));
  });
});

describe('openHelm', () => {
  test.each([
    ['v4.1.4', true],
    ['v4.3', true],
    ['v4.10.0-rc.1', true],
    ['v4.1.3', false],
    ['v3.20.2', false],
    ['v5.0.0', false],
    ['nonsense', false],
  ])('Helm %s is accepted: %s', (version, accepted) => {
    expect(isRecent(version)).toBe(accepted);
  });

  test('rejects an old Helm with one sentence', async () => {
    await expect(openHelm(await stub('', 'v4.1.3'))).rejects.toThrow(
      /is Helm v4\.1\.3; Helm 4\.1\.4 or a later 4\.x is needed/,
    );
  });

  test('rejects a missing Helm with one sentence', async () => {
    const options = { ...(await stub('')), bin: join(home, 'none') };
    await expect(openHelm(options)).rejects.toThrow(
      /^helm does not start from .*none; install Helm 4\.1\.4 or later, or set HELM_BIN$/,
    );
  });
});
