import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import getPort from 'get-port';
import { Pool } from 'pg';
import { chromium, type Browser, type Page } from 'playwright-core';
import { auditPage, type LighthouseReport } from '../../dashboard/lighthouse/audit-page.ts';
import { scroll } from '../../dashboard/test/scroll.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { createStores, type Stores } from '../../db/index.ts';
import { workflowIdOf } from '../../domain/names.ts';
import type { Store } from '../../api/contract/store.ts';
import { chromiumOptions } from '../../test/harness/chromium.ts';
import type { BenchPlatform } from '../platform.ts';
import { limitFinding, milliseconds, type CaseReport, type Finding } from '../report.ts';
import { copyStores } from '../../test/factories/copy-stores.ts';
import { percentile, timed } from '../statistics.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const SCORE = 0.95;
const INTERACTIVE_MS = 1_000;
const VISIBLE_MS = 500;
const TASK_MS = 50;
const STORES = 10_000;
/** Changes come one at a time, as the steps of an operation do. */
const PAUSE_MS = 200;

/** Measures how fast the dashboard loads, how soon it shows a change and how it scrolls, in a real Chromium. */
export async function dashboard(platform: BenchPlatform, quick: boolean): Promise<CaseReport> {
  await execa('npm', ['run', '--silent', 'dashboard:build'], { cwd: REPOSITORY });
  const { storeId } = await platform.create();
  const tenantId = await seedStores(platform, storeId);
  const port = await getPort();
  const browser = await chromium.launch({ ...chromiumOptions(), args: [`--remote-debugging-port=${port}`] });
  try {
    const findings: Finding[] = [];
    for (const path of ['/login', '/']) findings.push(...(await load(platform, { path, port, count: quick ? 1 : 3 })));
    const page = await openStores(platform, browser);
    findings.push(await change(platform, page, { tenantId, count: quick ? 5 : 40 }), await longestTask(page));
    return { findings };
  } finally {
    await browser.close();
  }
}

/** Gives the tenant of a store many stores, and returns the tenant. */
async function seedStores(platform: BenchPlatform, storeId: string): Promise<string> {
  const database = new Pool({ connectionString: platform.env['DATABASE_URL'], max: 1 });
  try {
    const { rows } = await database.query<{ tenant_id: string }>('select tenant_id from stores where id = $1', [
      storeId,
    ]);
    const tenantId = rows[0]?.tenant_id ?? '';
    await copyStores(database, { tenantId, storeId, count: STORES });
    return tenantId;
  } finally {
    await database.end();
  }
}

/** Loads a page with Lighthouse, and returns its score for performance and the time until it is interactive. */
async function load(
  { url, operator }: BenchPlatform,
  { path, port, count }: { readonly path: string; readonly port: number; readonly count: number },
): Promise<Finding[]> {
  const reports: LighthouseReport[] = [];
  const session = path === '/' && operator !== undefined ? { cookie: operator.session.cookie } : {};
  for (let run = 0; run < count; run += 1) {
    reports.push(await auditPage(`${url}${path}`, { port, categories: ['performance'], ...session }));
  }
  const median = (valueOf: (report: LighthouseReport) => number): number => percentile(reports.map(valueOf), 50);
  const metric = (id: string): number => median((report) => report.metric(id));
  const score = median(({ scores }) => scores.performance ?? 0);
  const details = [
    `LCP ${milliseconds(metric('largest-contentful-paint'))}`,
    `TBT ${milliseconds(metric('total-blocking-time'))}`,
    `CLS ${metric('cumulative-layout-shift').toFixed(3)}`,
  ].join(', ');
  const name = path === '/' ? `the list of ${STORES} stores` : 'the login page';
  return [
    {
      measurement: `dashboard, ${name}: performance by Lighthouse, median of ${count} (${details})`,
      platform: score.toFixed(2),
      baseline: `limit ${SCORE}`,
      ratio: (score / SCORE).toFixed(2),
      target: '≥ 1',
      met: score >= SCORE,
    },
    limitFinding(`dashboard, ${name}: time to interactive, median of ${count}`, metric('interactive'), INTERACTIVE_MS),
  ];
}

/** Opens the list of stores as the operator, who is a member of the tenant. */
async function openStores({ url, operator }: BenchPlatform, browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const [name = '', value = ''] = (operator?.session.cookie ?? '').split('=');
  await context.addCookies([{ name, value, url }]);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('tbody a').first().waitFor();
  return page;
}

/**
 * Measures the time from the commit of a new status until the list shows it. The time includes the answer of the browser to this
 * process, which writes as a worker does.
 */
async function change(
  platform: BenchPlatform,
  page: Page,
  { tenantId, count }: { readonly tenantId: string; readonly count: number },
): Promise<Finding> {
  const database = openDb({
    databaseUrl: platform.env['DATABASE_URL'] ?? '',
    poolSize: 2,
    applicationName: 'bench writer',
    log: { warn: () => undefined },
  });
  try {
    const records = createStores(database.db);
    const delaysMs: number[] = [];
    for (let run = 0; run < count; run += 1) {
      const store = await platform.create();
      await whenRowShows(page, store, 'Requested');
      const shown = whenRowShows(page, store, 'Provisioning');
      await beginProvision(records, tenantId, store);
      delaysMs.push(await timed(() => shown));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const p50 = milliseconds(percentile(delaysMs, 50));
    return limitFinding(
      `dashboard: a new status is visible in the list after its commit, p95 of ${count} (p50 ${p50})`,
      percentile(delaysMs, 95),
      VISIBLE_MS,
    );
  } finally {
    await database.close();
  }
}

/** Writes that a run has begun to provision a store. */
async function beginProvision(records: Stores, tenantId: string, store: Store): Promise<void> {
  const { storeId, cluster, name, engine, namespace, releaseName } = store;
  const run = {
    kind: 'provision',
    workflowId: workflowIdOf(storeId),
    runId: randomUUID(),
    correlationId: 'bench',
  } as const;
  await records.begin(
    { store: { storeId, cluster, tenantId, name, engine, namespace, releaseName, host: 'localhost' }, run },
    new Date(),
  );
}

/** The globals of a page. The benchmarks are compiled without the types of a browser. */
interface PageGlobals {
  readonly document: {
    querySelector(selector: string): { closest(selector: string): { readonly textContent: string } | null } | null;
  };
}

/** Waits until the row of a store has a text. It looks in each frame: a locator would look twice a second. */
async function whenRowShows(page: Page, { storeId }: Store, text: string): Promise<void> {
  await page.waitForFunction(
    ({ link, wanted }) => {
      const { document } = globalThis as unknown as PageGlobals; // the function runs in the page
      return document.querySelector(link)?.closest('tr')?.textContent.includes(wanted) === true;
    },
    { link: `tbody a[href="/stores/${storeId}"]`, wanted: text },
    { polling: 'raf' },
  );
}

/** Measures the longest task of the page while it scrolls through the stores. */
async function longestTask(page: Page): Promise<Finding> {
  const { longTasks, frames } = await scroll(page);
  // Chromium reports tasks of 50 ms and more.
  const longest = Math.max(TASK_MS, ...longTasks);
  return {
    ...limitFinding(
      `dashboard: longest task in ${frames} frames of scrolling through ${STORES} stores`,
      longest,
      TASK_MS,
    ),
    ...(longTasks.length === 0 ? { platform: `< ${TASK_MS} ms`, ratio: '< 1' } : {}),
  };
}
