import type { GivenServices } from '../../config/stack-env.ts';
import type { ServiceEnv } from '../service.ts';

export interface SummaryFacts {
  /** Settings of what was started. */
  readonly env: ServiceEnv;
  readonly given: GivenServices;
  /** Undefined when only the services were started. */
  readonly api: { readonly url: string; readonly port: number } | undefined;
  readonly nodes: string;
  /** The user's context that is used instead of a local cluster. */
  readonly kubeContext: string | undefined;
  /** Whether KUBECONFIG was set without KUBE_CONTEXT, and so not used. */
  readonly ignoredKubeconfig: string | undefined;
  readonly logs: string;
  readonly stateDir: string;
  readonly seconds: number;
}

/** The table that people see once all is healthy. */
export function summarise(facts: SummaryFacts): string {
  const { env, given, api } = facts;
  const rows: [string, string][] = [];
  if (api !== undefined) rows.push(['API', api.url]);
  rows.push([
    'Web UI',
    given.temporal ? 'that of the Temporal server that the environment names' : `${env['TEMPORAL_UI_URL']}`,
  ]);
  rows.push(['Postgres', given.database ? 'the one that the environment names' : withoutPassword(env['DATABASE_URL'])]);
  if (given.cluster) {
    rows.push(['Cluster', `context ${facts.kubeContext}`]);
  } else {
    rows.push(['kubectl', `kubectl --kubeconfig ${quoted(env['KUBECONFIG'])} get pods -A`], ['Nodes', facts.nodes]);
    if (facts.ignoredKubeconfig !== undefined) {
      rows.push(['Ignored', `KUBECONFIG=${facts.ignoredKubeconfig}: no KUBE_CONTEXT says which cluster in it to use`]);
    }
  }
  rows.push(['Logs', facts.logs], ['State', `${facts.stateDir} ("npm run reset" throws it away)`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    `${api === undefined ? 'The services are' : 'The store platform is'} up after ${facts.seconds.toFixed(1)} s.`,
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    '',
    ...(api === undefined ? [] : ['Try it:', ...firstRequest(api.port), '']),
    'Ctrl-C stops everything; the next start finds its stores again.',
  ].join('\n');
}

function firstRequest(port: number): readonly string[] {
  return [
    `  curl -X POST localhost:${port}/api/stores -H 'Idempotency-Key: order-42' -H 'content-type: application/json' \\`,
    `       -d '{"name":"Acme Shoes","engine":"woocommerce"}'`,
  ];
}

/** The whole URL is in `stack.env`, which only its owner may read; a terminal is seen by more people. */
function withoutPassword(databaseUrl = ''): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.href;
}

function quoted(path = ''): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
