import { medianAndP95, quantile, type Dashboard } from './dashboard.ts';
import { processPanels } from './process-panels.ts';

const REQUESTS = 'store_platform_http_requests_total';
const DURATION = 'store_platform_http_request_duration_seconds';
/** Requests that create a store: the objective is about them. */
const CREATE = '{method="POST", route="/api/stores"}';

export const API: Dashboard = {
  name: 'api',
  title: 'Store platform: API',
  description: 'Requests, refusals, streams and processes of the API.',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          kind: 'graph',
          title: 'Requests by status',
          description: 'Requests per second.',
          unit: 'reqps',
          queries: [{ expr: `sum by (status) (rate(${REQUESTS}[$__rate_interval]))`, legend: '{{status}}' }],
        },
        {
          kind: 'graph',
          title: 'Requests by route',
          description: 'The ten routes with the most requests per second.',
          unit: 'reqps',
          queries: [
            {
              expr: `topk(10, sum by (method, route) (rate(${REQUESTS}[$__rate_interval])))`,
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Creation of a store',
          description: 'Time until POST /api/stores is answered. The objective is 95 % within 0.15 s.',
          unit: 's',
          queries: medianAndP95(DURATION, { where: CREATE }),
        },
        {
          kind: 'graph',
          title: 'Slowest routes, p95',
          description: 'The ten slowest routes. Long polls wait as long as their caller asks.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${quantile(0.95, DURATION, { by: ['method', 'route'] })})`,
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Share of errors',
          description: 'Requests with a status of 500 or above. It is empty without requests.',
          unit: 'percentunit',
          queries: [
            {
              expr: `(sum(rate(${REQUESTS}{status="5xx"}[$__rate_interval])) or vector(0)) / sum(rate(${REQUESTS}[$__rate_interval]))`,
              legend: '5xx',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Refusals by a limit',
          description: 'Requests that exceeded the quota of stores, a rate limit or the limit of streams.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (code) (increase(store_platform_http_problems_total{code=~"QUOTA_EXCEEDED|RATE_LIMITED|TOO_MANY_STREAMS"}[5m]))',
              legend: '{{code}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Problems',
          description:
            'All responses with a problem of the last five minutes, by code. docs/api.md explains each code.',
          unit: 'short',
          queries: [
            { expr: 'sum by (code) (increase(store_platform_http_problems_total[5m])) > 0', legend: '{{code}}' },
          ],
        },
        {
          kind: 'graph',
          title: 'Event streams and long polls',
          description: 'Open at each process.',
          unit: 'short',
          queries: [{ expr: 'store_platform_event_streams', legend: '{{instance}}' }],
        },
      ],
    },
    { title: 'Processes', panels: processPanels('api') },
  ],
};
