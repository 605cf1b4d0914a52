import { existsSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import { createStoreHttp, type StoreHttp } from '../../activities/verification/store-http.ts';
import type { Engine } from '../../domain/engines/index.ts';
import type { StoreResource } from '../../domain/store/store.ts';
import { CHART_IMAGES, imageSpec } from '../../images/build/catalogue.ts';
import { readManifest } from '../../images/build/manifest.ts';
import { addedSince, snapshotHost, type HostSnapshot } from '../../temporal-dev/node/host/host-snapshot.ts';
import { nodeLayout } from '../../temporal-dev/node/node-layout.ts';
import { nodeMachineProblem } from '../../temporal-dev/node/host/requirements.ts';
import { defaultImagesFolder } from '../../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { removeAbandonedStacks } from '../harness/abandoned-stacks.ts';
import { notBuilt } from '../harness/built-images.ts';
import { browserProblem, buyInBrowser, openBrowser, seeOrderInAdmin } from '../harness/node/browser.ts';
import { eventually } from '../harness/eventually.ts';
import { MISSING_IMAGE, startNodePlatform, type NodePlatform } from '../harness/node/node-platform.ts';
import { createParts } from '../harness/node/woocommerce-parts.ts';

const FOLDER_PREFIX = 'store-platform-stores-';
const MINUTES = 60_000;

// Checked once per run: the check creates mounts and a network bridge in its own Linux namespaces.
const machine = nodeMachineProblem();
const images = await readManifest(defaultImagesFolder(process.env));

/** Returns why stores of an engine cannot run on this machine, or undefined if they can. */
function problemOf(engine: Engine): string | undefined {
  const own = Object.values(CHART_IMAGES[engine]).filter((name) => imageSpec(name).standsInFor === undefined);
  return machine ?? notBuilt(images, own);
}

const problems = { medusa: problemOf('medusa'), woocommerce: problemOf('woocommerce') };
for (const [engine, problem] of Object.entries(problems)) {
  if (problem !== undefined)
    process.stderr.write(`NOT RUN: the tests of ${engine} stores on the real node. ${problem}\n`);
}
const noParts = machine ?? notBuilt(images, ['mariadb-standin', 'woocommerce-web']);
if (noParts !== undefined)
  process.stderr.write(`NOT RUN: the test of WooCommerce's database and web servers. ${noParts}\n`);
const noBrowser = browserProblem();
if (noBrowser !== undefined) process.stderr.write(`NOT RUN: the test of an order in a real browser. ${noBrowser}\n`);
const anyEngine = problems.medusa === undefined ? 'medusa' : 'woocommerce';
const canRun = problems[anyEngine] === undefined;

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
async function withStoreHttp<T>(store: StoreResource, work: (http: StoreHttp) => Promise<T>): Promise<T> {
  const http = createStoreHttp({ baseUrl: new URL(store.urls.storefront ?? '').origin });
  try {
    return await work(http);
  } finally {
    await http.close();
  }
}

async function merchantOf(store: StoreResource): Promise<{ readonly email: string; readonly password: string }> {
  return {
    email: await platform.secret(store, 'admin-email'),
    password: await platform.secret(store, 'admin-password'),
  };
}

/** Reads the data of a store that must survive every pod. */
const STORE_DATA: { readonly [E in Engine]: (store: StoreResource) => Promise<unknown> } = {
  /** All orders, including the verification order, which is archived. */
  medusa: async (store) => {
    const { email, password } = await merchantOf(store);
    return withStoreHttp(store, async (http) => {
      const signIn = {
        step: 'sign-in',
        method: 'POST',
        path: '/auth/user/emailpass',
        body: { email, password },
      } as const;
      const { token } = (await http.request({ ...signIn, answer: z.object({ token: z.string() }) })).body;
      const answer = z.object({ orders: z.array(z.object({ display_id: z.number(), status: z.string() })) });
      const headers = { authorization: `Bearer ${token}` };
      const orders = {
        step: 'orders',
        method: 'GET',
        path: '/admin/orders?fields=display_id,status',
        headers,
      } as const;
      return (await http.request({ ...orders, answer })).body.orders;
    });
  },
  woocommerce: (store) =>
    withStoreHttp(store, async (http) => {
      const path = '/wp-json/wc/store/v1/products?_fields=id,name,prices';
      const answer = z.array(z.object({ id: z.number(), name: z.string(), prices: z.object({ price: z.string() }) }));
      return (await http.request({ step: 'products', method: 'GET', path, answer })).body;
    }),
};

async function leftovers({ namespace }: Pick<StoreResource, 'namespace'>): Promise<readonly string[]> {
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
async function waitForNoLeftovers(store: Pick<StoreResource, 'namespace'>): Promise<void> {
  await eventually(
    async () => {
      const found = await leftovers(store);
      if (found.length > 0) throw new Error(found.join(', '));
      return true;
    },
    { deadlineMs: 2 * MINUTES, intervalMs: 500 },
  );
}

describe.each(['medusa', 'woocommerce'] as const)('a %s store', (engine) => {
  const run = problems[engine] === undefined ? test : test.skip;
  let store: StoreResource;
  let data: unknown;

  run(
    'is ready after its verification order, and its storefront and admin URLs respond',
    async () => {
      const { id } = await platform.create(engine);
      store = await platform.settled(id, 'ready');
      expect(store).toMatchObject({ nodes: 'real', degraded: null, verification: { outcome: 'passed' } });
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
      data = await STORE_DATA[engine](store);
      if (engine === 'medusa') expect(data).toEqual([{ display_id: 1, status: 'archived' }]);
      else expect(data).toHaveLength(1);
    },
    15 * MINUTES,
  );

  // WooCommerce's checkout is tested over its API. Its pages are those of WordPress.
  (engine === 'medusa' && noBrowser === undefined ? run : test.skip)(
    'accepts an order in a browser and shows it in the admin pages',
    async () => {
      const { storefront, admin } = store.urls;
      const browser = await openBrowser();
      try {
        const order = await buyInBrowser(browser, storefront ?? '', 'ada@example.com');
        expect(order).toBe(2);
        await seeOrderInAdmin(browser, admin ?? '', { ...(await merchantOf(store)), order });
      } finally {
        await browser.close();
      }
      data = await STORE_DATA[engine](store);
      expect(data).toHaveLength(2);
    },
    5 * MINUTES,
  );

  run(
    'keeps its data when its pods and the worker are killed',
    async () => {
      const { core } = platform;
      await Promise.all([platform.replaceWorker(), core.deleteCollectionNamespacedPod({ namespace: store.namespace })]);
      const seen = await eventually(() => STORE_DATA[engine](store), { deadlineMs: 5 * MINUTES, intervalMs: 1_000 });
      expect(seen).toEqual(data);
    },
    10 * MINUTES,
  );

  run(
    'leaves nothing in the cluster and on the machine after its delete',
    async () => {
      await platform.remove(store.id);
      await waitForNoLeftovers(store);
    },
    10 * MINUTES,
  );
});

const run = canRun ? test : test.skip;

describe('a store that cannot start', () => {
  run(
    'fails with IMAGE_PULL_FAILED and is cleaned up when its image is missing',
    async () => {
      await platform.replaceWorker({ [anyEngine]: MISSING_IMAGE });
      const { id } = await platform.create(anyEngine);
      const store = await platform.settled(id, 'failed');
      expect(store.failure).toMatchObject({ code: 'IMAGE_PULL_FAILED', step: 'await-ready' });
      expect(store.failure?.message).toContain(':not-built');
      await waitForNoLeftovers(store);
    },
    10 * MINUTES,
  );

  run(
    'fails with JOB_FAILED and is cleaned up when its setup Job fails',
    async () => {
      // Too little memory for any of its programs to start. With 24 MiB, the Job could still restore a database.
      const resources = { requests: { memory: '8Mi' }, limits: { memory: '12Mi' } };
      await platform.replaceWorker({ [anyEngine]: { setup: { resources, backoffLimit: 0 } } });
      const { id } = await platform.create(anyEngine);
      const store = await platform.settled(id, 'failed');
      expect(store.failure).toMatchObject({ code: 'JOB_FAILED', step: 'await-ready' });
      await waitForNoLeftovers(store);
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
      expect(containers.toSorted()).toEqual(['mariadb', 'nginx', 'php']);
      // php-fpm's status port responds, through the ingress, the Service and nginx.
      await eventually(async () => (await statusOf(`${platform.address('parts')}/-/php`)) === 200);
      await core.deleteNamespace({ name: namespace });
      // The platform does the same. Otherwise the cluster waits for the grace period of these pods.
      await core.deleteCollectionNamespacedPersistentVolumeClaim({ namespace });
      await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 2 });
      await waitForNoLeftovers({ namespace });
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
