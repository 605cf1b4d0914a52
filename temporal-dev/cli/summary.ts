import type { GivenServices } from '../../config/stack-env.ts';
import type { PlatformInstall } from '../node/platform-install.ts';
import type { ServiceEnv } from '../service.ts';

export interface ApiFacts {
  readonly url: string;
  readonly port: number;
  /** The setting AUTH. */
  readonly authentication: string;
  /** One-time link with which the first operator is created. Undefined: the platform has an operator. */
  readonly setupUrl: string | undefined;
}

export interface SummaryFacts {
  /** Settings of the services that the stack started. */
  readonly env: ServiceEnv;
  /** True for each service that the environment names. The stack does not start these services. */
  readonly external: GivenServices;
  /** Undefined when the API was not started. */
  readonly api: ApiFacts | undefined;
  /** Address of the viewer of traces. Undefined: there is none. */
  readonly tracesUrl: string | undefined;
  /** Addresses of the viewer of metrics. Undefined: there is none. */
  readonly metrics: { readonly dashboardsUrl: string; readonly prometheusUrl: string } | undefined;
  /** Files for an installation of the platform in pods. Undefined: there is none. */
  readonly install: PlatformInstall | undefined;
  /** Addresses of the nodes of the Temporal cluster. Empty: Temporal is one process. */
  readonly temporalNodes: readonly string[];
  /** Description of the nodes of the local cluster. */
  readonly nodes: string;
  /** The context of the external cluster, when the environment names one. */
  readonly kubeContext: string | undefined;
  /** The value of KUBECONFIG when it is ignored because KUBE_CONTEXT is not set. */
  readonly ignoredKubeconfig: string | undefined;
  readonly logs: string;
  readonly stateDir: string;
  readonly seconds: number;
}

/** Returns the text that `npm start` prints when all processes are ready. */
export function summarise(facts: SummaryFacts): string {
  const { env, external, api } = facts;
  const rows: [string, string][] = [];
  if (api !== undefined) {
    rows.push(['Dashboard', api.url], ['Login', loginOf(api)], ['API', `${api.url}/docs`]);
  }
  rows.push(
    external.temporal
      ? ['Temporal', 'external server, set by TEMPORAL_ADDRESS or TEMPORAL_PROFILE']
      : ['Temporal Web UI', `${env['TEMPORAL_UI_URL']}`],
  );
  if (facts.temporalNodes.length > 0) {
    rows.push(['Temporal nodes', `${facts.temporalNodes.join(' and ')}, behind ${env['TEMPORAL_ADDRESS']}`]);
  }
  if (facts.tracesUrl !== undefined) rows.push(['Traces', facts.tracesUrl]);
  if (facts.metrics !== undefined) {
    rows.push(['Metrics', facts.metrics.dashboardsUrl], ['Prometheus', facts.metrics.prometheusUrl]);
  }
  rows.push([
    'Postgres',
    external.database ? 'external server, set by DATABASE_URL or DB_HOST' : withoutPassword(env['DATABASE_URL']),
  ]);
  if (external.cluster) {
    rows.push(['Cluster', `context ${facts.kubeContext}`]);
  } else {
    rows.push(['kubectl', `kubectl --kubeconfig ${shellQuote(env['KUBECONFIG'])} get pods -A`], ['Nodes', facts.nodes]);
    // The ingress of the real node issues the certificates of the stores itself.
    const ca = env['STORE_CA_FILE'];
    if (ca !== undefined) rows.push(['Stores', `https, with certificates of ${shellQuote(ca)}`]);
    if (facts.install !== undefined) {
      const { valuesFile, secretFile } = facts.install;
      rows.push(['Chart values', shellQuote(valuesFile)], ['Chart secret', shellQuote(secretFile)]);
    }
    if (facts.ignoredKubeconfig !== undefined) {
      rows.push(['Ignored', `KUBECONFIG=${facts.ignoredKubeconfig} (set KUBE_CONTEXT to use a cluster of this file)`]);
    }
  }
  rows.push(['Logs', facts.logs], ['State', `${facts.stateDir} (run "npm run reset" to delete it)`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    `${api === undefined ? 'The services are' : 'The store platform is'} ready. The start took ${facts.seconds.toFixed(1)} s.`,
    '',
    ...rows.map(
      ([label, value]) => `  ${label.padEnd(width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}`,
    ),
    '',
    ...(api === undefined ? [] : ['Create a store:', ...firstRequest(api), '']),
    'Press Ctrl-C to stop everything. The next start continues with the same stores.',
  ].join('\n');
}

function loginOf({ url, authentication, setupUrl }: ApiFacts): string {
  if (authentication === 'none') return 'off, set by AUTH=none: every request acts as an operator';
  return setupUrl === undefined
    ? `${url}/login`
    : `${setupUrl}\n(open it within 24 hours to create the first operator)`;
}

function firstRequest({ port, authentication }: ApiFacts): readonly string[] {
  const token = authentication === 'none' ? '' : ` -H "Authorization: Bearer $TOKEN"`;
  return [
    `  curl -X POST localhost:${port}/api/stores${token} -H 'Idempotency-Key: order-42' -H 'content-type: application/json' \\`,
    `       -d '{"name":"Acme Shoes","engine":"woocommerce"}'`,
  ];
}

/** Other people can see a terminal. The URL with its password is in `stack.env`, which only its owner can read. */
function withoutPassword(databaseUrl = ''): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.href;
}

function shellQuote(path = ''): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
