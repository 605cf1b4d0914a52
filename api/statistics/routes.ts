import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Statistics as StatisticsRecord, StatisticsRecords } from '../../domain/ports/statistics-records.ts';
import { defaultFrom, inBuckets, rangeProblem, type BucketedRange } from '../../domain/statistics.ts';
import type { AppEnv } from '../app-env.ts';
import { json } from '../contract/json-content.ts';
import {
  AllStatisticsQuery,
  Statistics as StatisticsSchema,
  StatisticsQuery,
  type Statistics,
} from '../contract/statistics.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

const responses = {
  200: { description: 'The statistics.', content: json(StatisticsSchema) },
  ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
};

const getStatistics = createRoute({
  operationId: 'getStatistics',
  method: 'get',
  path: '/statistics',
  summary: 'Return statistics about the stores and operations of the tenant',
  request: { query: StatisticsQuery },
  responses,
});

const getAllStatistics = createRoute({
  operationId: 'getAllStatistics',
  method: 'get',
  path: '/admin/statistics',
  summary: 'Return statistics about the stores and operations of all tenants',
  description: 'For operators. With `tenantId`, those of one tenant.',
  request: { query: AllStatisticsQuery },
  responses,
});

/** The routes of statistics. */
export function statisticsRoutes(records: StatisticsRecords, now: () => Date) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(getStatistics, async (c) => {
    const range = rangeOf(c.req.valid('query'), now());
    return c.json(toStatistics(await records.statisticsOfTenant(c.var.caller.tenantId, range)), 200);
  });

  routes.openapi(getAllStatistics, async (c) => {
    const { tenantId, ...query } = c.req.valid('query');
    return c.json(toStatistics(await records.statisticsOfAll(tenantId, rangeOf(query, now()))), 200);
  });

  return routes;
}

/** Returns the range of a request. @throws Problem INVALID_REQUEST */
function rangeOf(query: StatisticsQuery, now: Date): BucketedRange {
  const to = query.to === undefined ? now : new Date(query.to);
  const range = { from: query.from === undefined ? defaultFrom(to) : new Date(query.from), to };
  const problem = rangeProblem(range);
  if (problem === undefined) return inBuckets(range);
  const { field, detail } = problem;
  throw new Problem('INVALID_REQUEST', 'The query is not valid. See `errors`.', {
    extensions: { errors: [{ in: 'query', pointer: `/${field}`, detail }] },
  });
}

function toStatistics({ from, to, storesOverTime, operations, failures, ...others }: StatisticsRecord): Statistics {
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    ...others,
    storesOverTime: storesOverTime.map(atAsText),
    operations: operations.map(atAsText),
    failures: failures.map(atAsText),
  };
}

function atAsText<Entry extends { readonly at: Date }>(entry: Entry): Omit<Entry, 'at'> & { readonly at: string } {
  return { ...entry, at: entry.at.toISOString() };
}
