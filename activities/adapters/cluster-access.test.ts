import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnsweringCluster, startAnsweringCluster } from '../../test/harness/platform/answering-cluster.ts';
import { openClusterAccess } from './cluster-access.ts';
import { openKube } from './kube.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cluster-access-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Content = Readonly<Record<string, unknown>>;

/** Writes a kubeconfig with one cluster, one user and the context `prod`; `parts` replaces some of them. */
async function kubeconfig(name: string, parts: Content = {}): Promise<string> {
  const file = join(folder, name);
  const content = {
    clusters: [{ name: 'c', cluster: { server: 'https://prod.example/' } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'other',
    ...parts,
  };
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, JSON.stringify(content));
  return file;
}

function given(access: { kubeconfig(): string }) {
  const { clusters, users } = JSON.parse(access.kubeconfig()) as {
    readonly clusters: readonly { readonly cluster: Content }[];
    readonly users: readonly { readonly user: Content }[];
  };
  return { cluster: clusters[0]?.cluster, user: users[0]?.user };
}

describe('the context is read', () => {
  test('from the kubeconfig in the home folder, when KUBECONFIG is not set', async () => {
    await kubeconfig('.kube/config');
    const access = openClusterAccess({ context: 'prod', env: { HOME: folder } });
    expect(access.server).toBe('https://prod.example');
    expect(given(access)).toMatchObject({ user: { token: 't' } });
    expect(access.clientConfig().getCurrentUser()).toMatchObject({ token: 't' });
  });

  test('from several files: the first that defines a name wins, and a missing file counts as empty', async () => {
    const files = [
      await kubeconfig('a', { contexts: [], users: [] }),
      join(folder, 'missing'),
      await kubeconfig('sub/b', {
        clusters: [{ name: 'c', cluster: { server: 'https://ignored.example' } }],
        users: [{ name: 'u', user: { 'client-certificate': 'crt', 'client-key': '/abs/key', tokenFile: 'tok' } }],
      }),
      await kubeconfig('c'),
    ];
    const access = openClusterAccess({ context: 'prod', kubeconfig: files.join(delimiter) });
    expect(access.server).toBe('https://prod.example');
    // Paths are relative to the file that contains them.
    expect(given(access).user).toEqual({
      'client-certificate': join(folder, 'sub', 'crt'),
      'client-key': '/abs/key',
      tokenFile: join(folder, 'sub', 'tok'),
    });
  });

  test('from YAML, with every field of the cluster', async () => {
    const file = join(folder, 'yaml');
    await writeFile(
      file,
      `clusters: [{name: c, cluster: {server: "https://x", tls-server-name: y, proxy-url: "http://p", insecure-skip-tls-verify: true}}]
contexts: [{name: prod, context: {cluster: c}}]
`,
    );
    const access = openClusterAccess({ context: 'prod', kubeconfig: file });
    expect(given(access).cluster).toMatchObject({ 'tls-server-name': 'y', 'proxy-url': 'http://p' });
    expect(access.clientConfig().getCurrentCluster()).toMatchObject({ tlsServerName: 'y', skipTLSVerify: true });
  });
});

describe('the service account of the pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443', HOME: '/nowhere' };

  test('is the context in-cluster, with the files of token and CA, which the kubelet rotates', async () => {
    await writeFile(join(folder, 'token'), 'first');
    await writeFile(join(folder, 'ca.crt'), 'ca');
    const access = openClusterAccess({ context: 'in-cluster', env, serviceAccountFolder: folder });
    expect(access.server).toBe('https://[fd00::1]:6443');
    expect(given(access)).toEqual({
      cluster: { server: access.server, 'certificate-authority': join(folder, 'ca.crt') },
      user: { tokenFile: join(folder, 'token') },
    });
    const bearer = async () => {
      const options: RequestOptions = {};
      await access.clientConfig().applyToHTTPSOptions(options);
      return options.headers;
    };
    expect(await bearer()).toEqual({ Authorization: 'Bearer first' });
    await writeFile(join(folder, 'token'), 'second');
    access.discardCredentials();
    expect(await bearer()).toEqual({ Authorization: 'Bearer second' });
  });

  test('is not used when a kubeconfig has a context of that name', async () => {
    const file = await kubeconfig('a', { contexts: [{ name: 'in-cluster', context: { cluster: 'c', user: 'u' } }] });
    const access = openClusterAccess({ context: 'in-cluster', kubeconfig: file, env, serviceAccountFolder: folder });
    expect(access.server).toBe('https://prod.example');
  });

  test('does not exist outside a pod', () => {
    expect(() => openClusterAccess({ context: 'in-cluster', env: { HOME: folder } })).toThrow(
      /^KUBE_CONTEXT is in-cluster, but this process does not run in a pod with a service account: it needs KUBERNETES_SERVICE_HOST and the file /,
    );
  });
});

describe('a change of the kubeconfig', () => {
  test('takes effect at the next call', async () => {
    const file = await kubeconfig('a');
    const access = openClusterAccess({ context: 'prod', kubeconfig: file });
    await kubeconfig('a', { users: [{ name: 'u', user: { token: 'renewed' } }] });
    expect(given(access).user).toEqual({ token: 'renewed' });
    expect(access.clientConfig().getCurrentUser()).toMatchObject({ token: 'renewed' });
  });

  test('that is not complete yet is ignored until the file is complete', async () => {
    const file = await kubeconfig('a');
    const access = openClusterAccess({ context: 'prod', kubeconfig: file });
    await writeFile(file, '{"clusters": [');
    expect(given(access).user).toEqual({ token: 't' });
    await kubeconfig('a', { users: [{ name: 'u', user: { token: 'renewed' } }] });
    expect(given(access).user).toEqual({ token: 'renewed' });
  });

  test('never moves the process to another cluster', async () => {
    const file = await kubeconfig('a');
    const access = openClusterAccess({ context: 'prod', kubeconfig: file });
    await kubeconfig('a', {
      clusters: [{ name: 'c', cluster: { server: 'https://elsewhere.example' } }],
      users: [{ name: 'u', user: { token: 'of-elsewhere' } }],
    });
    expect(given(access)).toEqual({ cluster: { server: 'https://prod.example/' }, user: { token: 't' } });
  });
});

describe('an error says what is wrong', () => {
  test('when no file has the context', async () => {
    const files = [await kubeconfig('a'), join(folder, 'missing')];
    expect(() => openClusterAccess({ context: 'staging', kubeconfig: files.join(delimiter) })).toThrow(
      `no kubeconfig has the context staging: set KUBE_CONTEXT to an existing context and KUBECONFIG to its file (KUBECONFIG is now ${files[0]}; ${files[1]}, which does not exist)`,
    );
  });

  test.each<[string, Content]>([
    ['the kubeconfig does not contain the cluster of the context prod', { clusters: [] }],
    ['the kubeconfig does not contain the user of the context prod', { users: [] }],
    ['the cluster of the kubeconfig context prod has no server', { clusters: [{ name: 'c', cluster: {} }] }],
    [
      'the user of the kubeconfig context prod has the field as-groups, which is not supported',
      { users: [{ name: 'u', user: { as: 'x', 'as-groups': ['y'] } }] },
    ],
  ])('%s', async (message, parts) => {
    const file = await kubeconfig('a', parts);
    expect(() => openClusterAccess({ context: 'prod', kubeconfig: file })).toThrow(message);
  });

  test('without quoting a file that is not valid', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'token: "secret-of-ours\n}');
    expect(() => openClusterAccess({ context: 'prod', kubeconfig: file })).toThrow(
      new Error(`the kubeconfig ${file} cannot be read: it is not valid YAML`),
    );
  });
});

describe('a credential plugin', () => {
  let cluster: AnsweringCluster;
  let accepted: string | undefined;
  const authorizations: (string | undefined)[] = [];
  beforeEach(async () => {
    accepted = undefined;
    authorizations.length = 0;
    cluster = await startAnsweringCluster(({ headers }, response) => {
      authorizations.push(headers.authorization);
      const isAccepted = accepted === undefined || headers.authorization === accepted;
      const body = isAccepted ? { kind: 'Namespace', metadata: { name: 'x' } } : { kind: 'Status', code: 401 };
      response.writeHead(isAccepted ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  afterEach(() => cluster.close());

  /** Writes a plugin that counts its runs and returns `token-<run>`. Returns a kubeconfig whose user runs it. */
  async function withPlugin(status = '', script = ''): Promise<string> {
    const command = join(folder, 'plugin', 'login');
    await mkdir(join(folder, 'plugin'));
    await writeFile(
      command,
      `#!/bin/sh
cd ${folder}
echo run >> runs
env > environment
printf '%s' "$*" > args
${script}
echo '{"kind":"ExecCredential","status":{${status}"token":"token-'$(wc -l < runs | tr -d ' ')'"}}'
`,
    );
    await chmod(command, 0o755);
    const { clusters } = JSON.parse(await readFile(cluster.kubeconfig, 'utf8')) as { readonly clusters: unknown };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './plugin/login',
      args: ['get', 'token'],
      env: [{ name: 'LOGIN_MODE', value: 'workload' }],
      interactiveMode: 'Never',
      provideClusterInfo: true,
    };
    return kubeconfig('a', { clusters, users: [{ name: 'u', user: { exec } }] });
  }
  const env = { PATH: process.env['PATH'], HOME: '/home/me', AWS_PROFILE: 'shop', SECRET_OF_OURS: 'x' };
  const open = (file: string) => openKube({ context: 'prod', kubeconfig: file, env });
  const read = (kube: ReturnType<typeof open>) => kube.call('read', () => kube.core.readNamespace({ name: 'x' }));
  const noted = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim();

  test('runs once for many calls, with its arguments and only the environment that it needs', async () => {
    const kube = open(await withPlugin());
    await Promise.all([read(kube), read(kube), read(kube)]);
    await read(kube);
    expect(new Set(authorizations)).toEqual(new Set(['Bearer token-1']));
    expect(await noted('args')).toBe('get token');
    const environment = await noted('environment');
    for (const line of ['HOME=/home/me', 'AWS_PROFILE=shop', 'LOGIN_MODE=workload']) {
      expect(environment.split('\n')).toContain(line);
    }
    expect(environment).not.toContain('SECRET_OF_OURS');
    const info = /^KUBERNETES_EXEC_INFO=(.*)$/m.exec(environment)?.[1] ?? '';
    expect(JSON.parse(info)).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: expect.stringContaining('http://127.0.0.1:') } },
    });
  });

  test('runs again when its credential expires', async () => {
    const kube = open(await withPlugin(`"expirationTimestamp":"${new Date(Date.now() + 5_000).toISOString()}",`));
    await read(kube);
    await read(kube);
    expect(authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('runs again when the cluster rejects its credential', async () => {
    const kube = open(await withPlugin());
    accepted = 'Bearer token-2';
    await expect(read(kube)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
    await read(kube);
    expect(authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('that fails makes the call retryable, and only the cause names the plugin and its reason', async () => {
    const kube = open(await withPlugin('', 'echo "session expired, token=abc" >&2; exit 3'));
    await expect(read(kube)).rejects.toMatchObject({
      code: 'CLUSTER_UNAVAILABLE',
      publicMessage: 'the platform could not load its credentials for the Kubernetes API',
      cause: {
        message: `the credential plugin ${join(folder, 'plugin', 'login')} failed: session expired, token=[redacted]`,
      },
    });
  });

  test.each(['echo nonsense; exit 0', 'echo "{}"; exit 0'])('that returns no credential fails: %s', async (script) => {
    await expect(read(open(await withPlugin('', script)))).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/ returned no ExecCredential$/) },
    });
  });

  test('that is not installed fails with its name', async () => {
    const file = await kubeconfig('a', { users: [{ name: 'u', user: { exec: { command: 'no-such-plugin' } } }] });
    await expect(read(open(file))).rejects.toMatchObject({
      cause: { message: 'the credential plugin no-such-plugin failed: ENOENT' },
    });
  });
});
