import { mkdtempSync, realpathSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import type { Store } from '../../api/contract/store.ts';
import { createStoreHttp } from '../../activities/verification/store-http.ts';
import { ENGINES, type Engine, engineSpec } from '../../domain/engines/index.ts';
import { readManifest } from '../../images/build/manifest.ts';
import { nodeMachineProblem } from '../../temporal-dev/node/host/requirements.ts';
import { NODE } from '../../temporal-dev/node/node-layout.ts';
import { defaultImagesFolder } from '../../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../../temporal-dev/processes/state-folder.ts';
import { removeAbandonedStacks } from '../harness/abandoned-stacks.ts';
import { notBuilt, notBuiltFor } from '../harness/built-images.ts';
import { browserProblem } from '../harness/chromium.ts';
import { openBrowser } from '../harness/node/browser.ts';
import { httpsRequest, issuerKeyOf, type Traffic, watchTraffic } from '../harness/node/https.ts';
import { runInNodePod } from '../harness/node/pod-run.ts';
import { startNodePlatform, type NodePlatform } from '../harness/node/node-platform.ts';
import { type MerchantCredentials, SHOPS } from '../harness/node/shops.ts';

/** Runs one store of each engine behind an ingress that terminates TLS, with the certificates of a private authority. */

const FOLDER_PREFIX = 'store-platform-https-';
const MINUTES = 60_000;

// It starts another node, for which an ordinary run has no time.
const notRequested =
  process.env['TEST_HTTPS'] === '1' ? undefined : 'They are no part of this run. Run "npm run test:https"';
const machine = notRequested ?? nodeMachineProblem();
const images = await readManifest(defaultImagesFolder(process.env));

// Why stores of an engine cannot run here.
const problems = new Map(ENGINES.map((engine) => [engine, machine ?? notBuiltFor(engine, images)]));
for (const [engine, problem] of problems) {
  if (problem !== undefined) process.stderr.write(`NOT RUN: ${engine} stores over https. ${problem}\n`);
}
// Pods of this image have Node.
const NODE_IMAGE = 'medusa-storefront';
const noPod = machine ?? notBuilt(images, [NODE_IMAGE]);
if (noPod !== undefined) process.stderr.write(`NOT RUN: a pod that reaches the stores over https. ${noPod}\n`);
const noBrowser = browserProblem();
if (noBrowser !== undefined) process.stderr.write(`NOT RUN: an order over https in a real browser. ${noBrowser}\n`);
const canRun = noPod === undefined || [...problems.values()].includes(undefined);

let stateDir: string;
let platform: NodePlatform;

if (canRun) {
  beforeAll(async () => {
    await removeAbandonedStacks(FOLDER_PREFIX);
    stateDir = realpathSync(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
    platform = await startNodePlatform(stateDir, 'https-platform');
  }, 15 * MINUTES);
  afterAll(async () => {
    try {
      await platform.stop();
    } finally {
      await removeStateFolder(openStateFolder(stateDir));
    }
  }, 5 * MINUTES);
}

/** Names of the cookies that identify a merchant. */
const SESSION_COOKIES: Readonly<Record<Engine, RegExp>> = {
  medusa: /^connect\.sid$/,
  woocommerce: /^wordpress_logged_in_/,
};

describe.each(ENGINES)('a %s store over https', (engine) => {
  const { pages } = SHOPS[engine];
  const run = problems.get(engine) === undefined ? test : test.skip;
  const inBrowser = noBrowser === undefined ? run : test.skip;
  let store: Store;
  let storefront: URL;

  run(
    'is ready after its verification order',
    async () => {
      const { storeId } = await platform.create(engine);
      store = await platform.settled(storeId, 'ready');
      expect(store).toMatchObject({ servesTraffic: true, degraded: null, verification: { outcome: 'passed' } });
      expect([store.urls.storefront, store.urls.admin]).toEqual([
        expect.stringMatching(/^https:/),
        expect.stringMatching(/^https:/),
      ]);
      storefront = new URL(store.urls.storefront ?? '');
    },
    15 * MINUTES,
  );

  run('serves nothing to a client that does not trust its authority, and nothing over http', async () => {
    await expect(httpsRequest(storefront, { ca: undefined })).rejects.toThrow(/certificate/);
    const http = createStoreHttp({ baseUrl: storefront.origin });
    const [answer] = await Promise.allSettled([SHOPS[engine].records(http, await merchantOf(engine, store))]);
    await http.close();
    expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'unreachable' } });
    expect(await plainStatusOf(storefront)).toBe(400);
  });

  run('answers with pages whose redirects and addresses are https', async () => {
    for (const url of [store.urls.storefront, store.urls.admin]) {
      const { page, visited } = await followRedirects(new URL(url ?? ''));
      expect(visited.map(({ origin }) => origin)).toEqual(visited.map(() => storefront.origin));
      expect(page.status).toBe(200);
      expect(insecureAddresses(page.body, storefront)).toEqual([]);
    }
  });

  if (pages !== null) {
    run('accepts a form from its own pages only', async () => {
      const send = (origin: string) =>
        httpsRequest(new URL('/cart/items', storefront), {
          ca: platform.ca,
          method: 'POST',
          headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
          body: '',
        });
      expect(await send(storefront.origin)).toMatchObject({ status: 400 }); // the form has no fields
      expect(await send('https://elsewhere.example')).toMatchObject({ status: 403 });
    });

    inBrowser(
      'accepts an order and shows it to its merchant in a browser, with secure cookies only',
      async () => {
        const order = { number: 0 };
        const traffic = await trafficOf(store, async (context) => {
          order.number = await pages.buy(context, storefront.href, 'ada@example.com');
          const merchant = { ...(await merchantOf(engine, store)), order: order.number };
          await pages.seeOrderInAdmin(context, store.urls.admin ?? '', merchant);
        });
        expect(order).toEqual({ number: 2 }); // the verification order was the first one
        expectSecure(traffic, storefront);
        expect(cookieNames(traffic)).toContain('cart');
      },
      5 * MINUTES,
    );
  }

  inBrowser(
    'shows its storefront and its admin pages in a browser, with secure cookies only',
    async () => {
      const traffic = await trafficOf(store, async (context) => {
        const page = await context.newPage();
        await page.goto(storefront.href);
        await SHOPS[engine].signIn(page, store.urls.admin ?? '', await merchantOf(engine, store));
      });
      expectSecure(traffic, storefront);
      expect(cookieNames(traffic)).toContainEqual(expect.stringMatching(SESSION_COOKIES[engine]));
    },
    5 * MINUTES,
  );

  run(
    'is deleted',
    async () => {
      await platform.remove(store.storeId);
    },
    10 * MINUTES,
  );
});

/** Prints the status of a request, or the code of its error: with the authority of the stores, and without it. */
const POD_SCRIPT = `
const { get } = require('node:https');
const answer = (options) => new Promise((resolve) => get(process.env.STORE, options, ({ statusCode }) => resolve(statusCode))
  .once('error', ({ code }) => resolve(code)));
(async () => {
  console.log(JSON.stringify({ trusted: await answer({ ca: process.env.CA, agent: false }), other: await answer({ agent: false }) }));
  process.exit();
})();
`;

describe('a pod', () => {
  (noPod === undefined ? test : test.skip)(
    'reaches the public address of a store over https, if it trusts the authority',
    async () => {
      const { repository, tag } = images.images[NODE_IMAGE] ?? {};
      const { port } = new URL(platform.address('any'));
      const output = await runInNodePod(platform.core, {
        name: 'https-client',
        image: `${repository}:${tag}`,
        // The store does not exist, so the ingress answers itself.
        env: { STORE: `https://any.${NODE.podIngressDomain}:${port}/`, CA: platform.ca ?? '' },
        script: POD_SCRIPT,
      });
      expect(JSON.parse(output)).toEqual({ trusted: 503, other: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
    },
    5 * MINUTES,
  );
});

async function merchantOf(engine: Engine, store: Store): Promise<MerchantCredentials> {
  const { userKey, passwordKey } = engineSpec(engine).adminCredentials;
  return { user: await platform.secret(store, userKey), password: await platform.secret(store, passwordKey) };
}

/** Returns the traffic of a browser during `work`. The browser trusts the authority of the stores. */
async function trafficOf(store: Store, work: (context: BrowserContext) => Promise<void>): Promise<Traffic> {
  const browser = await openBrowser(await issuerKeyOf(new URL(store.urls.storefront ?? ''), platform.ca ?? ''));
  try {
    const context = await browser.newContext();
    const watched = watchTraffic(context);
    await work(context);
    return await watched();
  } finally {
    await browser.close();
  }
}

function expectSecure({ urls, cookies, pages }: Traffic, storefront: URL): void {
  // The pages of an engine may show pictures of other sites.
  expect(urls.filter((url) => !/^(?:https|wss):/.test(url))).toEqual([]);
  for (const html of pages.values()) expect(insecureAddresses(html, storefront)).toEqual([]);
  expect(cookies.filter((cookie) => !/;\s*secure\s*(?:;|$)/i.test(cookie))).toEqual([]);
}

function cookieNames({ cookies }: Traffic): readonly (string | undefined)[] {
  return cookies.map((cookie) => cookie.split('=')[0]);
}

/** Requests a page and follows at most five redirects. Returns the last answer, and the URLs of all requests. */
async function followRedirects(url: URL) {
  const visited = [url];
  let page = await httpsRequest(url, { ca: platform.ca });
  while (page.location !== undefined && visited.length <= 5) {
    const next = new URL(page.location, visited.at(-1));
    visited.push(next);
    if (next.protocol !== 'https:') break;
    page = await httpsRequest(next, { ca: platform.ca });
  }
  return { page, visited };
}

/** Returns the parts of a page that request something over http, or name the store itself with http. Scripts escape slashes. */
function insecureAddresses(html: string, { host }: URL): readonly string[] {
  const attributes = html.match(/\b(?:src|srcset|action|poster|data-src)\s*=\s*["']?http:[^\s"'>]*/gi) ?? [];
  const links =
    html.match(/<link\b[^>]*\brel=["']?(?:stylesheet|icon|preload|modulepreload)\b[^>]*\bhref=["']?http:[^\s"'>]*/gi) ??
    [];
  const own = html.match(/http:(?:\\?\/){2}[\w.:-]+/g) ?? [];
  return [...attributes, ...links, ...own.filter((address) => address.endsWith(host))];
}

/** Returns the status of a request in plain HTTP to the port of a store. */
function plainStatusOf({ host, port }: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject).end();
  });
}
