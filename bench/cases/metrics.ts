import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { startApiProcess } from '../../test/harness/platform/processes.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type CaseReport } from '../report.ts';
import { alternate, medianOf, pairedRatio, percentile, timed } from '../statistics.ts';

const WARM_UP = 60;
const SCRAPES = 40;
/** Pause before a measurement: see `post.ts`. */
const PAUSE_MS = 50;

/**
 * Compares `POST /api/stores` of an API with `METRICS=on`, which is scraped once a second, with that of an API with `METRICS=off`.
 * The two alternate, and share Postgres and Temporal. Also measures the scrapes.
 */
export async function metricsOnAgainstOff(platform: BenchPlatform, pairCount: number): Promise<CaseReport> {
  const on = await startApiProcess(platform.env, { METRICS: 'on' });
  const off = await startApiProcess(platform.env, { METRICS: 'off' });
  const metricsUrl = /"metricsUrl":"(http:[^"]+)"/.exec(on.output())?.[1];
  if (metricsUrl === undefined) throw new Error('the API with METRICS=on did not log the address of its metrics');
  const scrape = async (): Promise<string> => (await fetch(metricsUrl)).text();
  const scraper = setInterval(() => void scrape(), 1_000);
  const pools = { on: new Pool(on.url), off: new Pool(off.url) };
  try {
    const pairs = await alternate(
      { platform: () => post(pools.on), baseline: () => post(pools.off) },
      { pairs: pairCount, warmUp: WARM_UP, pauseMs: PAUSE_MS },
    );
    clearInterval(scraper);
    const scrapes: number[] = [];
    for (let i = 0; i < SCRAPES; i += 1) scrapes.push(await timed(scrape));
    const series = (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const finding = ratioFinding({
      measurement: `\`POST /api/stores\` with metrics: request to response, p50 of ${pairCount}`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `\`METRICS=off\`: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 1.05,
    });
    const [p50, p95] = [50, 95].map((p) => milliseconds(percentile(scrapes, p)));
    const detail = `A scrape of the API, of ${series} series: p50 ${p50}, p95 ${p95} of ${SCRAPES}.`;
    return { findings: [finding], details: detail };
  } finally {
    clearInterval(scraper);
    await Promise.all([pools.on.close(), pools.off.close(), on.kill('SIGKILL'), off.kill('SIGKILL')]);
  }
}

async function post(pool: Pool): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/api/stores',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ name: 'Acme Shoes', engine: 'woocommerce' }),
  });
  const text = await body.text();
  if (statusCode !== 202) throw new Error(`POST /api/stores responded with ${statusCode}: ${text}`);
}
