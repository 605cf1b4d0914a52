import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CoreV1Event, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { ApplicationFailure } from '@temporalio/common';
import { ANNOTATIONS } from '../../domain/names.ts';
import { MEDUSA_ADMIN, FakeMedusa } from '../../test/fake-shops/fake-medusa.ts';
import { WOO_AUTH_KEY, FakeWoocommerce } from '../../test/fake-shops/fake-woocommerce.ts';
import { type FakeShopServer, serveFakeShop } from '../../test/fake-shops/serve.ts';
import { asActivity, clusterInput, TEST_INSTALLATION } from '../../test/harness/platform/cluster-activities.ts';
import type { Kube } from '../adapters/kube.ts';
import { StoreError } from '../../domain/failure.ts';
import { type ClusterPki, ensureCertificate, ensureClusterPki } from '../../temporal-dev/services/kubernetes-pki.ts';
import { labelsOf, ownedBy, type OwnedStore } from '../namespace/ownership.ts';
import { toActivityFailure } from '../runtime/activity-failure.ts';
import { createVerificationActivities } from './verify-store.ts';

const SECRET = {
  'admin-email': MEDUSA_ADMIN.email,
  'admin-password': MEDUSA_ADMIN.password,
  'auth-key': WOO_AUTH_KEY,
};
const CART = 'POST /store/carts';
const input = { ...ownedBy(TEST_INSTALLATION, clusterInput({ engine: 'medusa' })), nodes: 'real' } as const;

let medusa: FakeMedusa;
let server: FakeShopServer;
beforeEach(async () => {
  medusa = new FakeMedusa();
  server = await serveFakeShop(medusa.app);
});
afterEach(() => server.stop());

function deployment(name: string, requiredForCheckout = true): V1Deployment {
  const annotations = requiredForCheckout ? {} : { [ANNOTATIONS.requiredForCheckout]: 'false' };
  return { metadata: { name, annotations } };
}

function pod(owner: string, containers: readonly string[]): V1Pod {
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${owner}-f`, uid: 'u', controller: true },
  ];
  const metadata = { name: `${owner}-f-1`, labels: { 'pod-template-hash': 'f' }, ownerReferences };
  const spec = { containers: containers.map((name) => ({ name, ports: [{ name: 'http', containerPort: 8000 }] })) };
  return { metadata, spec, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
}

function event(index: number, message = `message ${index}`): CoreV1Event {
  return {
    metadata: { name: `event-${index}` },
    involvedObject: { kind: 'Pod', name: 'server-f-1' },
    reason: 'Unhealthy',
    message,
    lastTimestamp: new Date(index),
  };
}

interface FakeNamespace {
  /** Owner of the Secret. */
  readonly owner: OwnedStore;
  readonly pods: () => Promise<{ items: V1Pod[] }>;
  /** Pods behind the Service `storefront`. */
  readonly storefrontPods: readonly V1Pod[];
  readonly events: readonly CoreV1Event[];
  /** URL of the server that listens on the port of the storefront's pod. */
  readonly storefront: () => string;
  readonly log: (request: { name: string; container?: string; tailLines?: number }) => Promise<string>;
}

const NAMESPACE: FakeNamespace = {
  owner: input.store,
  pods: async () => ({ items: [pod('server', ['medusa']), pod('storefront', ['next']), pod('worker', ['medusa'])] }),
  storefrontPods: [pod('storefront', ['next'])],
  events: [],
  storefront: () => server.url,
  log: async () => '',
};

/** The parts of a cluster that a verification reads: the store's Secret, its pods with their logs, and its events. */
function fakeKube(seed: Partial<FakeNamespace> = {}): Kube {
  const { owner, pods, storefrontPods, events, log, storefront } = { ...NAMESPACE, ...seed };
  const data = Object.fromEntries(
    Object.entries(SECRET).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return {
    call: (_what: string, call: () => Promise<unknown>) => call(),
    callUnless: (_status: number, _what: string, call: () => Promise<unknown>) => call(),
    core: {
      readNamespacedSecret: async () => ({ metadata: { labels: labelsOf(owner) }, data }),
      readNamespacedService: async () => ({
        spec: { selector: { a: 'b' }, ports: [{ port: 80, targetPort: 'http' }] },
      }),
      listNamespacedPod: ({ labelSelector }: { labelSelector?: string }) =>
        labelSelector === undefined ? pods() : Promise.resolve({ items: storefrontPods }),
      listNamespacedEvent: async () => ({ items: events }),
      readNamespacedPodLog: log,
    },
    apps: {
      listNamespacedDeployment: async () => ({
        items: [deployment('server'), deployment('storefront'), deployment('worker', false)],
      }),
    },
    forward: async ({ port }: { port: number }) => {
      if (port !== 8000) throw new Error(`no container listens on port ${port}`);
      return connect(Number(new URL(storefront()).port), '127.0.0.1');
    },
  } as unknown as Kube; // a verification reads nothing else
}

const verification = (kube = fakeKube()) =>
  createVerificationActivities({ kube, now: () => 0, addressOf: () => server.url });

async function failureOf(kube?: Kube): Promise<unknown> {
  return asActivity(verification(kube).verifyStore, input).catch((error: unknown) => error);
}

test('returns number, total and steps of an order that was placed and cancelled, without a secret', async () => {
  const result = await asActivity(verification().verifyStore, input);
  expect(result).toMatchObject({ outcome: 'passed', order: { number: '1', total: '25.00 EUR' } });
  expect(JSON.stringify(result)).not.toContain(MEDUSA_ADMIN.password);
  expect(medusa.orders.map(({ status }) => status)).toEqual(['archived']);
});

test('a second attempt of the same run places no second order', async () => {
  await asActivity(verification().verifyStore, input);
  await asActivity(verification().verifyStore, input);
  expect(medusa.orders).toHaveLength(1);
});

test('a refusal is a retryable VERIFICATION_FAILED that names step and answer without the secrets in it', async () => {
  const body = { message: `no cart for ${MEDUSA_ADMIN.password}` };
  server.failNext(CART, { kind: 'answer', status: 503, body });
  const failure: unknown = await asActivity(toActivityFailure(verification().verifyStore), input).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'VERIFICATION_FAILED', nonRetryable: false });
  expect(String(failure)).toMatch(/fill-cart.*503.*no cart for \[redacted\]/);
  expect(JSON.stringify(failure)).not.toContain(MEDUSA_ADMIN.password);
});

test('a Secret of another installation is not used, and the store gets no request', async () => {
  const kube = fakeKube({ owner: { ...input.store, installation: 'theirs' } });
  const foreign = { code: 'NAMESPACE_FOREIGN', message: expect.stringContaining('this installation') };
  await expect(asActivity(verification(kube).verifyStore, input)).rejects.toMatchObject(foreign);
  await expect(asActivity(verification(kube).verifyCheckout, input)).rejects.toMatchObject(foreign);
  expect(server.requests).toEqual([]);
});

test('on simulated nodes no order is placed and the result says why', async () => {
  expect(await asActivity(verification().verifyStore, { ...input, nodes: 'simulated' })).toMatchObject({
    outcome: 'skipped',
    reason: expect.stringContaining('simulated'),
  });
  expect(server.requests).toEqual([]);
});

describe('the evidence of a failed verification', () => {
  test('holds reason, step and the answer of the store', async () => {
    server.failNext(CART, { kind: 'answer', status: 503, body: { message: 'no cart' } });
    expect(await failureOf()).toMatchObject({
      code: 'VERIFICATION_FAILED',
      evidence: {
        object: 'verification order',
        reason: 'refused',
        step: 'fill-cart',
        logLines: [
          expect.stringMatching(/^completed steps: .*choose-region \d+ ms/),
          'the store answered 503: {"message":"no cart"}',
        ],
      },
    });
  });

  test.each([
    ['unexpected-answer', 'choose-region', 'GET /store/regions', { kind: 'answer', status: 200, body: {} }],
    ['unreachable', 'fill-cart', CART, { kind: 'gateway', status: 502 }],
  ] as const)('has the reason %s', async (reason, step, request, fault) => {
    server.failNext(request, fault);
    expect(await failureOf()).toMatchObject({ evidence: { reason, step } });
  });

  test('holds the last log lines of the pods that serve customers, at most 20 lines in all', async () => {
    server.failNext(CART, { kind: 'answer', status: 500, body: {} });
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const log: FakeNamespace['log'] = async ({ tailLines = 0 }) => lines.slice(-tailLines).join('\n');
    const failure = await failureOf(fakeKube({ log }));
    expect(failure).toMatchObject({
      evidence: { logLines: expect.arrayContaining(['server-f-1/medusa: line 49', 'storefront-f-1/next: line 49']) },
    });
    const { logLines } = (failure as { evidence: { logLines: readonly string[] } }).evidence;
    expect(logLines).toHaveLength(20);
    expect(logLines.join('\n')).not.toContain('worker');
  });

  test('holds the ten newest events of the namespace, newest last', async () => {
    server.failNext(CART, { kind: 'answer', status: 500, body: {} });
    const events = Array.from({ length: 12 }, (_, index) => event(index + 1)).toReversed();
    const expected = Array.from({ length: 10 }, (_, index) => `Pod/server-f-1 Unhealthy: message ${index + 3}`);
    expect(await failureOf(fakeKube({ events }))).toMatchObject({ evidence: { events: expected } });
  });

  test('holds no secret, and no line of more than 300 characters', async () => {
    server.failNext(CART, { kind: 'answer', status: 500, body: { password: MEDUSA_ADMIN.password } });
    const long = `signed in with ${MEDUSA_ADMIN.password} ${'x'.repeat(400)}`;
    const failure = await failureOf(fakeKube({ events: [event(1, long)], log: async () => long }));
    const { events, logLines } = (failure as { evidence: Record<'events' | 'logLines', readonly string[]> }).evidence;
    expect(JSON.stringify(failure)).not.toContain(MEDUSA_ADMIN.password);
    expect(events[0]).toContain('signed in with [redacted]');
    expect(Math.max(...[...events, ...logLines].map((line) => line.length))).toBe(300);
  });

  test.each<[string, Partial<FakeNamespace>]>([
    ['the cluster refuses', { pods: () => Promise.reject(new Error('forbidden')) }],
    ['the cluster returns nonsense', { pods: async () => ({ items: null as never }) }],
    ['a log cannot be read', { log: () => Promise.reject(new Error('no log')) }],
    ['a log does not end', { log: () => new Promise(() => undefined) }],
    ['the cluster does not answer', { pods: () => new Promise(() => undefined) }],
  ])('is still reason, step and answer when %s', async (_, seed) => {
    server.failNext(CART, { kind: 'answer', status: 500, body: {} });
    const startedMs = performance.now();
    expect(await failureOf(fakeKube(seed))).toMatchObject({
      code: 'VERIFICATION_FAILED',
      evidence: { reason: 'refused', step: 'fill-cart', events: [], logLines: [expect.anything(), expect.anything()] },
    });
    expect(performance.now() - startedMs).toBeLessThan(4_500);
  });
});

describe('the hourly verification', () => {
  test('places no order and returns a failure as its result, with step and reason', async () => {
    expect(await asActivity(verification().verifyCheckout, input)).toMatchObject({ outcome: 'passed' });
    server.failNext(CART, { kind: 'answer', status: 500, body: {} });
    expect(await asActivity(verification().verifyCheckout, input)).toEqual({
      outcome: 'failed',
      step: 'fill-cart',
      reason: 'refused',
      message: expect.stringMatching(/^fill-cart: .*500/),
    });
    expect(medusa.orders).toEqual([]);
  });

  test('fails a store that does not complete the checkout within the time limit, and names the step', async () => {
    server.failNext(CART, { kind: 'hang' });
    const activities = createVerificationActivities({
      kube: fakeKube(),
      now: () => 0,
      addressOf: () => server.url,
      checkoutLimitMs: 500,
    });
    expect(await asActivity(activities.verifyCheckout, input)).toEqual({
      outcome: 'failed',
      step: 'fill-cart',
      reason: 'timed-out',
      message: 'fill-cart: the store did not complete the checkout within 0.5 s',
    });
  });

  test('says that a store with nothing in stock accepts no order', async () => {
    medusa.stock = 0;
    expect(await asActivity(verification().verifyCheckout, input)).toMatchObject({
      outcome: 'failed',
      step: 'choose-product',
      reason: 'not-possible',
    });
  });
});

describe('the secrets of the merchant', () => {
  test.each([
    ['medusa', () => new FakeMedusa().app, ['POST /auth/user/emailpass', 'GET /admin/orders']],
    ['woocommerce', () => new FakeWoocommerce().app, ['GET /wp-json/store-platform/v1/verification/orders']],
  ] as const)('of %s are never sent to the public address', async (engine, createApp, merchantRequests) => {
    const app = createApp();
    const [frontDoor, storefront] = await Promise.all([serveFakeShop(app), serveFakeShop(app)]);
    const order = { ...ownedBy(TEST_INSTALLATION, clusterInput({ engine })), nodes: 'real' } as const;
    const activities = createVerificationActivities({
      kube: fakeKube({ owner: order.store, storefront: () => storefront.url }),
      now: () => 0,
      addressOf: () => frontDoor.url,
    });
    expect(await asActivity(activities.verifyStore, order)).toMatchObject({ outcome: 'passed' });
    for (const secret of [
      MEDUSA_ADMIN.password,
      MEDUSA_ADMIN.email,
      WOO_AUTH_KEY,
      'authorization',
      'x-verification-key',
    ]) {
      expect(frontDoor.received.join('\n').toLowerCase()).not.toContain(secret.toLowerCase());
    }
    expect(storefront.requests).toEqual(expect.arrayContaining([...merchantRequests]));
    expect(frontDoor.requests.filter((request) => merchantRequests.some((own) => request.startsWith(own)))).toEqual([]);
    await Promise.all([frontDoor.stop(), storefront.stop()]);
  });

  test('are sent to no one while no pod of the storefront is ready', async () => {
    const { metadata, spec } = pod('storefront', ['next']);
    const storefrontPods = [{ metadata, spec, status: {} }] as readonly V1Pod[];
    expect(await failureOf(fakeKube({ storefrontPods }))).toMatchObject({
      code: 'VERIFICATION_FAILED',
      publicMessage: expect.stringContaining('Service/storefront has no ready pod'),
      evidence: { reason: 'unreachable', step: 'sign-in' },
    });
    expect(server.received.join('\n')).not.toContain(MEDUSA_ADMIN.password);
  });

  test('need a connection through the Kubernetes API, whose failure keeps its own code', async () => {
    const unavailable = new StoreError('CLUSTER_UNAVAILABLE', 'the cluster refused to open port 8000');
    const kube = { ...fakeKube(), forward: () => Promise.reject(unavailable) };
    expect(await failureOf(kube)).toBe(unavailable);
  });
});

describe('a store at an https address', () => {
  let folder: string;
  let pki: ClusterPki;
  let frontDoor: FakeShopServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'store-ca-'));
    pki = await ensureClusterPki(folder);
    const files = [join(folder, 'shop.crt'), join(folder, 'shop.key')] as const;
    const names = [{ type: 'dns', value: '*.shops.localhost' }] as const;
    await ensureCertificate(pki, files, { subject: 'CN=shops', role: 'server', names: [...names] });
    const [cert, key] = files.map((file) => readFileSync(file, 'utf8'));
    frontDoor = await serveFakeShop(medusa.app, { cert: cert ?? '', key: key ?? '' });
  });
  afterEach(async () => {
    await frontDoor.stop();
    rmSync(folder, { recursive: true });
  });

  function verificationAt(host: string, ca?: string) {
    const { port } = new URL(frontDoor.url);
    const addressOf = () => `https://${host}:${port}`;
    return createVerificationActivities({ kube: fakeKube(), now: () => 0, addressOf, ca });
  }

  test('is verified with the authority of the setting', async () => {
    const activities = verificationAt('acme.shops.localhost', readFileSync(pki.caFile, 'utf8'));
    expect(await asActivity(activities.verifyStore, input)).toMatchObject({ outcome: 'passed' });
    expect(frontDoor.requests).toContain('POST /store/carts');
    expect(server.requests).toContain('POST /auth/user/emailpass');
    // Both halves name the same host, from which a shop makes its links.
    const hosts = [...frontDoor.received, ...server.received].map((request) => /"host":"([^"]+)"/.exec(request)?.[1]);
    expect(new Set(hosts)).toEqual(new Set([`acme.shops.localhost:${new URL(frontDoor.url).port}`]));
  });

  test.each([
    ['an authority that is not trusted', 'acme.shops.localhost', false, /unable to verify the first certificate/],
    ['a certificate of another host', 'acme.other.localhost', true, /does not match certificate's altnames/],
  ])('with %s fails and gets no request', async (_what, host, trusted, problem) => {
    const activities = verificationAt(host, trusted ? readFileSync(pki.caFile, 'utf8') : undefined);
    const failure: unknown = await asActivity(activities.verifyStore, input).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'VERIFICATION_FAILED',
      publicMessage: expect.stringMatching(problem),
      evidence: { reason: 'unreachable' },
      retryAfterMs: 30_000, // an issuer may need minutes
    });
    expect(frontDoor.requests).toEqual([]);
  });
});

test('uses the checkout client of the engine of the store', async () => {
  const shop = new FakeWoocommerce();
  const woocommerce = await serveFakeShop(shop.app);
  const order = { ...ownedBy(TEST_INSTALLATION, clusterInput({ engine: 'woocommerce' })), nodes: 'real' } as const;
  const activities = createVerificationActivities({
    kube: fakeKube({ owner: order.store, storefront: () => woocommerce.url }),
    now: () => 0,
    addressOf: () => woocommerce.url,
  });
  expect(await asActivity(activities.verifyStore, order)).toMatchObject({
    outcome: 'passed',
    order: { number: '101' },
  });
  await woocommerce.stop();
});
