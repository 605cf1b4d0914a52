import { existsSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import { createStoreHttp, type StoreHttp } from '../../activities/verification/store-http.ts';
import { ENGINES, type Engine, engineSpec } from '../../domain/engines/index.ts';
import { readManifest } from '../../images/build/manifest.ts';
import { addedSince, snapshotHost, type HostSnapshot } from '../../temporal-dev/node/host/host-snapshot.ts';
import { nodeLayout } from '../../temporal-dev/node/node-layout.ts';
import { nodeMachineProblem } from '../../temporal-dev/node/host/requirements.ts';
import { defaultImagesFolder } from '../../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { removeAbandonedStacks } from '../harness/abandoned-stacks.ts';
import { notBuilt, notBuiltFor } from '../harness/built-images.ts';
import { browserProblem } from '../harness/chromium.ts';
import { eventually } from '../harness/eventually.ts';
import { openBrowser } from '../harness/node/browser.ts';
import { MISSING_IMAGE, startNodePlatform, type NodePlatform } from '../harness/node/node-platform.ts';
import { type MerchantCredentials, SHOPS } from '../harness/node/shops.ts';
import { createParts } from '../harness/node/woocommerce-parts.ts';
import type { Store } from '../../api/contract/store.ts';

const FOLDER_PREFIX = 'store-platform-stores-';
const MINUTES = 60_000;

// Checked once per run: the check creates mounts and a network bridge in its own Linux namespaces.
const machine = nodeMachineProblem();
const images = await readManifest(defaultImagesFolder(process.env));

// Why stores of an engine cannot run on this machine.
const problems = new Map(ENGINES.map((engine) => [engine, machine ?? notBuiltFor(engine, images)]));
for (const [engine, problem] of problems) {
  if (problem !== undefined) process.stderr.write(`NOT RUN: ${engine} stores on the real node. ${problem}\n`);
}
const noParts = machine ?? notBuilt(images, ['mariadb-standin', 'woocommerce-web']);
if (noParts !== undefined) process.stderr.write(`NOT RUN: WooCommerce's database and web servers. ${noParts}\n`);
const noBrowser = browserProblem();
if (noBrowser !== undefined) process.stderr.write(`NOT RUN: an order in a real browser. ${noBrowser}\n`);
const anyEngine = ENGINES.findLast((engine) => problems.get(engine) === undefined) ?? ENGINES[0];
const canRun = problems.get(anyEngine) === undefined;

let stateDir: string;
let before: HostSnapshot;
let platform: NodePlatform;

if (canRun) {
  beforeAll(async () => {
    await removeAbandonedStacks(FOLDER_PREFIX);
    stateDir = realpathSync(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
    before = await snapshotHost(stateDir);
    platform = await startNodePlatform(stateDir);
  }, 15 * MINUTES);
  // With a test name filter, the last test may not have stopped the platform.
  afterAll(async () => {
    try {
      await platform.stop();
    } finally {
      await removeStateFolder(openStateFolder(stateDir));
    }
  }, 5 * MINUTES);
}

/** Opens an HTTP client for the public URL of a store. */
async function visit<T>(store: Store, work: (http: StoreHttp) => Promise<T>): Promise<T> {
  const http = createStoreHttp({ baseUrl: new URL(store.urls.storefront ?? '').origin });
  try {
    return await work(http);
  } finally {
    await http.close();
  }
}

/** Reads the data of a store that must survive every pod. */
async function recordsOf(engine: Engine, store: Store): Promise<readonly unknown[]> {
  const merchant = await merchantOf(engine, store);
  return visit(store, (http) => SHOPS[engine].records(http, merchant));
}

async function merchantOf(engine: Engine, store: Store): Promise<MerchantCredentials> {
  const { userKey, passwordKey } = engineSpec(engine).adminCredentials;
  return { user: await platform.secret(store, userKey), password: await platform.secret(store, passwordKey) };
}

async function leftovers({ namespace }: Pick<Store, 'namespace'>): Promise<readonly string[]> {
  const [namespaces, volumes] = await Promise.all([
    platform.core.listNamespace(),
    platform.core.listPersistentVolume(),
  ]);
  const { volumes: folder } = nodeLayout(stateDir);
  return [
    ...namespaces.items.filter(({ metadata }) => metadata?.name === namespace).map(() => `Namespace/${namespace}`),
    ...volumes.items
      .filter(({ spec }) => spec?.claimRef?.namespace === namespace)
      .map(({ metadata }) => `PersistentVolume/${metadata?.name}`),
    ...(existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.includes(namespace)),
  ];
}

/** Waits until no object and no volume folder of a store is left. Folders are deleted after the volumes, and volumes after the pods. */
async function nothingIsLeftOf(store: Pick<Store, 'namespace'>): Promise<void> {
  await eventually(
    async () => {
      const found = await leftovers(store);
      if (found.length > 0) throw new Error(found.join(', '));
      return true;
    },
    { deadlineMs: 2 * MINUTES, intervalMs: 500 },
  );
}

describe.each(ENGINES)('a %s store', (engine) => {
  const { initialRecords, pages } = SHOPS[engine];
  const run = problems.get(engine) === undefined ? test : test.skip;
  let store: Store;
  let possessions: unknown;

  run(
    'is ready after its verification order, and its storefront and admin URLs respond',
    async () => {
      const { storeId: id } = await platform.create(engine);
      store = await platform.settled(id, 'ready');
      expect(store).toMatchObject({ servesTraffic: true, degraded: null, verification: { outcome: 'passed' } });
      expect(store.lastVerifiedAt).toBe(store.verification?.at);
      const verified = (await platform.events(id)).find(
        ({ type, step }) => type === 'step.completed' && step === 'verify',
      );
      expect(verified?.data).toMatchObject({
        steps: expect.arrayContaining([{ step: 'place-order', durationMs: expect.any(Number) }]),
      });
      for (const url of [store.urls.storefront, store.urls.admin]) {
        expect(await statusOf(url)).toBe(200);
      }
      possessions = await recordsOf(engine, store);
      expect(possessions).toEqual(initialRecords);
    },
    15 * MINUTES,
  );

  // Medusa has a process of its own for its tasks.
  if (engine === 'woocommerce') {
    run(
      'runs its scheduled tasks and shows a picture of its product',
      async () => {
        await visit(store, async (http) => {
          const products = await http.request({
            step: 'products',
            method: 'GET',
            path: '/wp-json/wc/store/v1/products',
            answer: z.tuple([z.object({ images: z.tuple([z.object({ src: z.string() })]) })]),
          });
          expect(await statusOf(products.body[0].images[0].src)).toBe(200);
          // The installation leaves tasks that are due at once.
          await eventually(
            async () => {
              const path = '/wp-json/store-platform/v1/scheduled-tasks';
              const answer = z.object({ overdue_seconds: z.number() });
              const { body } = await http.request({ step: 'tasks', method: 'GET', path, answer });
              return body.overdue_seconds === 0;
            },
            { deadlineMs: 3 * MINUTES, intervalMs: 2_000 },
          );
        });
      },
      5 * MINUTES,
    );
  }

  // The checkout API of every engine is verified; only pages that the platform ships need a browser.
  if (pages !== null) {
    (noBrowser === undefined ? run : test.skip)(
      'accepts an order in a browser and shows it in the admin pages',
      async () => {
        const { storefront, admin } = store.urls;
        const browser = await openBrowser();
        try {
          const order = await pages.buy(browser, storefront ?? '', 'ada@example.com');
          expect(order).toBe(2);
          await pages.seeOrderInAdmin(browser, admin ?? '', { ...(await merchantOf(engine, store)), order });
        } finally {
          await browser.close();
        }
        possessions = await recordsOf(engine, store);
        expect(possessions).toHaveLength(initialRecords.length + 1);
      },
      5 * MINUTES,
    );
  }

  run(
    'keeps its data when its pods and the worker are killed',
    async () => {
      const { core } = platform;
      await Promise.all([platform.replaceWorker(), core.deleteCollectionNamespacedPod({ namespace: store.namespace })]);
      const seen = await eventually(() => recordsOf(engine, store), { deadlineMs: 5 * MINUTES, intervalMs: 1_000 });
      expect(seen).toEqual(possessions);
    },
    10 * MINUTES,
  );

  run(
    'leaves nothing in the cluster and on the machine after its delete',
    async () => {
      await platform.remove(store.storeId);
      await nothingIsLeftOf(store);
    },
    10 * MINUTES,
  );
});

const run = canRun ? test : test.skip;

describe('a store that cannot start', () => {
  run(
    'fails with IMAGE_PULL_FAILED and is cleaned up when its image is missing',
    async () => {
      // Without a connection to a registry, the pull could still succeed later.
      await platform.replaceWorker({ [anyEngine]: MISSING_IMAGE }, { READY_DEADLINE_SECONDS: '60' });
      const { storeId: id } = await platform.create(anyEngine);
      const store = await platform.settled(id, 'failed');
      expect(store.failure).toMatchObject({ code: 'IMAGE_PULL_FAILED', step: 'await-ready' });
      expect(store.failure?.message).toContain(':not-built');
      await nothingIsLeftOf(store);
    },
    10 * MINUTES,
  );

  run(
    'fails with JOB_FAILED and is cleaned up when its setup Job fails',
    async () => {
      // Too little memory for any of its programs to start. With 24 MiB, the Job could still restore a database.
      const resources = { requests: { memory: '8Mi' }, limits: { memory: '12Mi' } };
      await platform.replaceWorker({ [anyEngine]: { setup: { resources, backoffLimit: 0 } } });
      const { storeId: id } = await platform.create(anyEngine);
      const store = await platform.settled(id, 'failed');
      expect(store.failure).toMatchObject({ code: 'JOB_FAILED', step: 'await-ready' });
      await nothingIsLeftOf(store);
    },
    10 * MINUTES,
  );
});

describe("the parts of a WooCommerce store that run without WordPress's archives", () => {
  (canRun && noParts === undefined ? test : test.skip)(
    'run: the database, php-fpm, and nginx behind the ingress',
    async () => {
      const { core, cluster } = platform;
      const namespace = 'store-parts';
      await createParts(cluster, { namespace, stateDir, images });
      const ready = await eventually(
        async () => {
          const { items } = await core.listNamespacedPod({ namespace });
          const isReady = ({ status }: V1Pod) =>
            status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True');
          return items.length === 2 && items.every(isReady) && items;
        },
        { deadlineMs: 3 * MINUTES, intervalMs: 500 },
      );
      const containers = ready.flatMap(({ spec }) => spec?.containers.map(({ name }) => name) ?? []);
      expect(containers.toSorted()).toEqual(['cron', 'mariadb', 'nginx', 'php']);
      // php-fpm's status port responds, through the ingress, the Service and nginx.
      await eventually(async () => (await statusOf(`${platform.address('parts')}/-/php`)) === 200);
      await core.deleteNamespace({ name: namespace });
      // The platform does the same. Otherwise the cluster waits for the grace period of these pods.
      await core.deleteCollectionNamespacedPersistentVolumeClaim({ namespace });
      await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 2 });
      await nothingIsLeftOf({ namespace });
    },
    10 * MINUTES,
  );
});

describe('the machine', () => {
  run(
    'is restored after the platform has stopped',
    async () => {
      await platform.stop();
      expect(addedSince(before, await snapshotHost(stateDir))).toEqual({});
    },
    5 * MINUTES,
  );
});

async function statusOf(url: string | null): Promise<number> {
  const { origin, pathname } = new URL(url ?? '');
  const port = new URL(origin).port;
  // Browsers resolve names below .localhost to this machine. Node asks the C library, which may not resolve them.
  return new Promise((resolve, reject) => {
    const headers = { host: new URL(origin).host, 'accept-encoding': 'identity' };
    const sent = request({ host: '127.0.0.1', port, path: pathname, headers }, (response) => {
      response.resume();
      const { location } = response.headers;
      const isMoved = response.statusCode === 302 || response.statusCode === 301;
      if (isMoved && location !== undefined) resolve(statusOf(new URL(location, origin).href));
      else resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}
