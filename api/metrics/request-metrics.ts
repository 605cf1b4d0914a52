import { Counter, Histogram, type Registry } from 'prom-client';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

/** One request and its response. Every value is from a bounded set: a route and no path, a class and no status. */
export interface ObservedRequest {
  /** The path with parameters, such as `/api/stores/:id`. `other`: the API has no such path. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  /** Time until the response begins. A stream of events continues after it. */
  readonly seconds: number;
  /** Code of the problem in the response. Undefined: the response has none. */
  readonly problem: string | undefined;
}

/** Counts requests. */
export interface RequestObserver {
  observe(request: ObservedRequest): void;
}

/** 0.15 s is the objective for the creation of a store. Each boundary adds one series for each route. */
const BUCKETS_SECONDS = [0.025, 0.05, 0.15, 0.5, 2.5];
/** An objective is about it. Without a zero, the first requests after a start would not be an increase. */
const CREATE_STORE = { route: '/api/stores', method: 'POST' } as const;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Adds the metrics of requests. The histogram has no class of status, because it would have four times as many series.
 *
 * @param problemCodes All codes of problems, so that each one is 0 before it is counted.
 */
export function addRequestMetrics(registry: Registry, problemCodes: readonly string[]): RequestObserver {
  const registers = [registry];
  const requests = new Counter({
    name: `${METRICS_PREFIX}http_requests_total`,
    help: 'Requests by route, method and class of the status, such as 2xx.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: `${METRICS_PREFIX}http_request_duration_seconds`,
    help: 'Time until a response begins, by route and method. Long polls wait as long as their caller asks.',
    labelNames: ['route', 'method'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const problems = new Counter({
    name: `${METRICS_PREFIX}http_problems_total`,
    help: 'Responses with a problem, by its code. QUOTA_EXCEEDED, RATE_LIMITED and TOO_MANY_STREAMS are refusals by a limit.',
    labelNames: ['code'],
    registers,
  });
  durations.zero(CREATE_STORE);
  for (const code of problemCodes) problems.inc({ code }, 0);
  return {
    observe: ({ route, method: sent, status, seconds, problem }) => {
      const method = METHODS.has(sent) ? sent : 'other';
      requests.inc({ route, method, status: `${Math.floor(status / 100)}xx` });
      durations.observe({ route, method }, seconds);
      if (problem !== undefined) problems.inc({ code: problem });
    },
  };
}
