import { beforeEach, describe, expect, test } from '@jest/globals';
import { noAuthentication } from '../auth/authenticator.ts';
import { FLEET, NO_FLEET } from '../../test/factories/fleet-report.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import type { FleetReport } from '../../domain/ports/fleet-records.ts';
import { createApiMetrics, type ApiMetrics } from './api-metrics.ts';

const MAX_SERIES = 1_500;

let report: () => Promise<FleetReport>;
let errors: unknown[];
let metrics: ApiMetrics;
beforeEach(() => {
  report = async () => ({ ...NO_FLEET, takenAtMs: Date.now() });
  errors = [];
  metrics = createApiMetrics({
    pool: { totalCount: 3, idleCount: 1, waitingCount: 2, options: { max: 10 } },
    slots: { inUse: () => 4 },
    fleet: { read: () => report() },
    onError: (error) => errors.push(error),
  });
});

/** Returns the lines that begin with a text, without the values 0. */
async function lines(start: string): Promise<readonly string[]> {
  const page = await metrics.page();
  return page.split('\n').filter((line) => line.startsWith(`store_platform_${start}`) && !line.endsWith(' 0'));
}

describe('requests', () => {
  const api = () => fakeApi({ requests: metrics.requests, authenticators: [noAuthentication] });

  test('are counted by the path of their route, and not by the path that was sent', async () => {
    const { app, newStore } = api();
    const { storeId } = await newStore();
    await app.request(`/api/stores/${storeId}`);
    await app.request('/api/stores/00000000-0000-4000-8000-000000000000');
    await app.request('/health/live');
    await app.request('/api/secret-word');
    await app.request('/secret-word', { method: 'BREW' });
    expect(await lines('http_requests_total')).toEqual([
      'store_platform_http_requests_total{route="/api/stores",method="POST",status="2xx"} 1',
      'store_platform_http_requests_total{route="/api/stores/:id",method="GET",status="2xx"} 1',
      'store_platform_http_requests_total{route="/api/stores/:id",method="GET",status="4xx"} 1',
      'store_platform_http_requests_total{route="/health/live",method="GET",status="2xx"} 1',
      'store_platform_http_requests_total{route="other",method="GET",status="4xx"} 1',
      'store_platform_http_requests_total{route="other",method="other",status="4xx"} 1',
    ]);
    const [count] = await lines('http_request_duration_seconds_count{route="/api/stores",method="POST"}');
    expect(count).toMatch(/ 1$/);
  });

  test('that exceed the quota are counted by the code of the problem', async () => {
    const { post } = api();
    for (const key of ['1', '2', '3', '4']) await post({ key });
    expect(await lines('http_problems_total')).toEqual(['store_platform_http_problems_total{code="QUOTA_EXCEEDED"} 1']);
  });

  test('of all routes, with each class of status, have at most 1,500 series in all', async () => {
    const { app } = api();
    const routes = new Set(app.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*')));
    expect(routes.size).toBeGreaterThan(80);
    for (const { method, path: route } of routes) {
      for (const status of [200, 400, 500]) {
        metrics.requests.observe({ route, method, status, seconds: 0.1, problem: undefined });
      }
    }
    report = async () => ({ ...FLEET, takenAtMs: Date.now() });
    const series = (await metrics.page()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeLessThanOrEqual(MAX_SERIES);
  });
});

describe('the report about all stores', () => {
  test('is on the page, and what it does not have is 0', async () => {
    report = async () => ({ ...FLEET, takenAtMs: Date.now() });
    expect(await lines('stores{')).toEqual([
      'store_platform_stores{engine="woocommerce",status="ready"} 2',
      'store_platform_stores{engine="medusa",status="failed"} 1',
    ]);
    expect(await lines('operations{')).toEqual([
      'store_platform_operations{kind="provision",status="queued",step="none"} 4',
    ]);
    expect(await lines('orphans{')).toEqual(['store_platform_orphans{cluster="default",kind="Secret",due="true"} 5']);
    expect(await lines('cluster_')).toEqual([
      'store_platform_cluster_stores{cluster="default"} 3',
      'store_platform_cluster_reachable{cluster="default"} 1',
    ]);
    expect(await metrics.page()).toContain('store_platform_stores{engine="medusa",status="ready"} 0');
  });

  test('that is gone leaves no old values', async () => {
    report = async () => ({ ...FLEET, takenAtMs: Date.now() });
    await metrics.page();
    report = async () => ({ ...NO_FLEET, takenAtMs: Date.now() });
    expect(await lines('stores{')).toEqual([]);
  });

  test('that is old or cannot be read is missing, and the other metrics stay', async () => {
    report = async () => ({ ...FLEET, takenAtMs: Date.now() - 300_000 });
    expect(await lines('stores{')).toEqual([]);
    const fault = new Error('Postgres does not answer');
    report = () => Promise.reject(fault);
    expect(await lines('fleet_report_timestamp_seconds ')).toEqual([]);
    expect(await lines('event_streams')).toEqual(['store_platform_event_streams 4']);
    expect(new Set(errors)).toEqual(new Set([fault]));
  });

  test('that does not arrive delays the page by half a second only, and is asked for once', async () => {
    let asked = 0;
    report = () => {
      asked += 1;
      return new Promise(() => {});
    };
    await metrics.page();
    expect(await lines('database_connections{')).toEqual([
      'store_platform_database_connections{state="active"} 2',
      'store_platform_database_connections{state="idle"} 1',
    ]);
    expect(asked).toBe(1);
  });
});
