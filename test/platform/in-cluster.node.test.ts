import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CoreV1Api } from '@kubernetes/client-node';
import type { JsonObject } from '../../activities/release/values.ts';
import { newApiToken } from '../../api/auth/api-token.ts';
import { DEFAULT_TENANT } from '../../api/auth/authenticator.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { createTenancyRecords } from '../../db/tenancy/index.ts';
import { ENGINES } from '../../domain/engines/index.ts';
import { readManifest } from '../../images/build/manifest.ts';
import { nodeMachineProblem } from '../../temporal-dev/node/host/requirements.ts';
import { type PlatformInstall, preparePlatformInstall } from '../../temporal-dev/node/platform-install.ts';
import { defaultImagesFolder } from '../../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { localKubeConfig } from '../../temporal-dev/services/cluster-objects.ts';
import { removeAbandonedStacks } from '../harness/abandoned-stacks.ts';
import { notBuilt, notBuiltFor } from '../harness/built-images.ts';
import { type NodeStack, startNodeStack } from '../harness/node/node-stack.ts';
import { helm, PLATFORM_CHART, RELEASE, RELEASE_NAMESPACE } from '../harness/platform/platform-chart.ts';
import { readAuditLog } from '../harness/platform/private-cluster.ts';

/** Installs the platform with its own chart in pods of a real node, and lets `helm test` make a store there. */

const FOLDER_PREFIX = 'store-platform-in-cluster-';
const MINUTES = 60_000;

/** Splits a line of an env file. The value may contain `=`. */
function splitEntry(line: string): [string, string] {
  const end = line.indexOf('=');
  return [line.slice(0, end), line.slice(end + 1)];
}

const images = await readManifest(defaultImagesFolder(process.env));
const machine = nodeMachineProblem();
const platformProblem = machine ?? notBuilt(images, ['platform']);
const engines = ENGINES.map((engine) => {
  const problem = platformProblem ?? notBuiltFor(engine, images);
  if (problem !== undefined) process.stderr.write(`NOT RUN: ${engine} stores of a platform in pods. ${problem}\n`);
  return { engine, run: problem === undefined ? test : test.skip };
});

(platformProblem === undefined ? describe : describe.skip)('the platform in pods of a real node', () => {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
  let stack: NodeStack;
  let install: PlatformInstall;

  beforeAll(async () => {
    await removeAbandonedStacks(FOLDER_PREFIX);
    stack = await startNodeStack(stateDir, 'in-cluster');
    const installer = await preparePlatformInstall(defaultImagesFolder(process.env));
    install = await installer.provide({ env: stack.env, stateDir });
    const core = localKubeConfig(stack.env['KUBECONFIG'] ?? '').makeApiClient(CoreV1Api);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await core.createNamespace({ body: { metadata: { name: RELEASE_NAMESPACE, labels } } });
    const entries = (await readFile(install.secretFile, 'utf8')).trim().split('\n');
    await core.createNamespacedSecret({
      namespace: RELEASE_NAMESPACE,
      body: { metadata: { name: RELEASE }, stringData: Object.fromEntries(entries.map(splitEntry)) },
    });
  }, 30 * MINUTES); // the first run on a machine may build its tools from source

  afterAll(async () => {
    await stack.stop();
    await removeStateFolder(openStateFolder(stateDir));
  }, 5 * MINUTES);

  async function inRelease(args: readonly string[], values?: Parameters<typeof helm>[1]): Promise<void> {
    const all = [...args, '--kubeconfig', stack.env['KUBECONFIG'] ?? '', '--timeout', '20m'];
    const { failed, stdout, stderr } = await helm(all, values);
    process.stderr.write(`${stdout}\n`);
    if (failed) throw new Error(`${stderr}\n${await diagnosis()}`);
  }

  /** Returns what the pods of the release say, for the message of a failure. */
  async function diagnosis(): Promise<string> {
    const core = localKubeConfig(stack.env['KUBECONFIG'] ?? '').makeApiClient(CoreV1Api);
    const { items } = await core.listNamespacedPod({ namespace: RELEASE_NAMESPACE });
    const parts = items.map(async ({ metadata, status }) => {
      const name = metadata?.name ?? '';
      const log = await core
        .readNamespacedPodLog({ namespace: RELEASE_NAMESPACE, name, tailLines: 20 })
        .catch((error: unknown) => String(error));
      return `${name}: ${JSON.stringify(status?.containerStatuses?.map(({ state }) => state))}\n${log}`;
    });
    return (await Promise.all(parts)).join('\n');
  }

  async function valuesFor(engine: string): Promise<JsonObject> {
    const values = JSON.parse(await readFile(install.valuesFile, 'utf8')) as JsonObject;
    return { ...values, tests: { tokenSecret: 'test-token', engine } };
  }

  test(
    'is ready after its installation',
    async () => {
      await inRelease(['install', RELEASE, PLATFORM_CHART, '--wait'], await valuesFor('medusa'));
    },
    25 * MINUTES,
  );

  test('has an API token for its test', async () => {
    const { token, hash, prefix } = newApiToken();
    const database = openDb({
      databaseUrl: stack.env['DATABASE_URL'] ?? '',
      poolSize: 1,
      applicationName: 'in-cluster test',
      log: console,
    });
    try {
      const records = createTenancyRecords(database.db);
      const now = new Date();
      const account = { tenantId: DEFAULT_TENANT, role: 'admin', createdBy: 'test', now } as const;
      const { id: serviceAccountId } = await records.createServiceAccount({
        ...account,
        id: randomUUID(),
        name: 'test',
      });
      const owner = { userId: null, serviceAccountId };
      const expiresAt = new Date(now.getTime() + 60 * MINUTES);
      await records.createToken({
        ...account,
        ...owner,
        id: randomUUID(),
        name: 'test',
        hash,
        prefix,
        scopes: null,
        expiresAt,
      });
    } finally {
      await database.close();
    }
    const core = localKubeConfig(stack.env['KUBECONFIG'] ?? '').makeApiClient(CoreV1Api);
    await core.createNamespacedSecret({
      namespace: RELEASE_NAMESPACE,
      body: { metadata: { name: 'test-token' }, stringData: { token } },
    });
  });

  for (const { engine, run } of engines) {
    run(
      `creates, verifies and deletes a ${engine} store in its helm test`,
      async () => {
        await inRelease(['upgrade', RELEASE, PLATFORM_CHART, '--wait'], await valuesFor(engine));
        await inRelease(['test', RELEASE, '--logs']);
      },
      40 * MINUTES,
    );
  }

  test('got no refusal from the Kubernetes API', async () => {
    const prefix = `system:serviceaccount:${RELEASE_NAMESPACE}:`;
    const requests = (await readAuditLog(stateDir)).filter(({ user }) => user.username.startsWith(prefix));
    const refused = requests.filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(refused).toEqual([]);
    expect(requests.length).toBeGreaterThan(20);
  });
});
