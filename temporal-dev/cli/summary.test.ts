import { expect, test } from '@jest/globals';
import { summarise, type SummaryFacts } from './summary.ts';

const facts: SummaryFacts = {
  env: {
    DATABASE_URL: 'postgres://store_platform:hush@127.0.0.1:25432/store_platform',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    KUBECONFIG: '/my state/kubeconfig',
  },
  external: { database: false, temporal: false, cluster: false },
  api: { url: 'http://127.0.0.1:3001', port: 3001, authentication: 'local', setupUrl: undefined },
  temporalNodes: [],
  tracesUrl: undefined,
  metrics: undefined,
  install: undefined,
  nodes: 'simulated: no container runs',
  kubeContext: undefined,
  ignoredKubeconfig: undefined,
  logs: '/my state/logs',
  stateDir: '/my state',
  seconds: 4.21,
};

test('shows the address of each service, the kind of nodes and a request that creates a store', () => {
  const text = summarise(facts);
  expect(text).toMatch(/\n\n +Dashboard +http:\/\/127\.0\.0\.1:3001\n/);
  expect(text).toMatch(/API +http:\/\/127\.0\.0\.1:3001\/docs\n/);
  expect(text).toContain("kubectl --kubeconfig '/my state/kubeconfig' get pods -A");
  expect(text).toMatch(/Nodes +simulated: no container runs/);
  expect(text).toContain('curl -X POST localhost:3001/api/stores');
  expect(text).toMatch(/Web UI +http:\/\/127\.0\.0\.1:8233/);
});

test('shows the link that creates the first operator, or where to log in', () => {
  const setupUrl = 'http://127.0.0.1:3001/setup?token=secret';
  const api = { url: 'http://127.0.0.1:3001', port: 3001, authentication: 'local' };
  expect(summarise({ ...facts, api: { ...api, setupUrl } })).toMatch(
    /Login +http:\/\/127.0.0.1:3001\/setup\?token=secret\n/,
  );
  expect(summarise(facts)).toMatch(/Login +http:\/\/127.0.0.1:3001\/login\n/);
  expect(summarise(facts)).toContain('Authorization: Bearer $TOKEN');
});

test('shows the nodes of the Temporal cluster if there is one', () => {
  expect(summarise(facts)).not.toContain('Temporal nodes');
  const env = { ...facts.env, TEMPORAL_ADDRESS: '127.0.0.1:7233' };
  const text = summarise({ ...facts, env, temporalNodes: ['127.0.0.2:7233', '127.0.0.3:7233'] });
  expect(text).toMatch(/Temporal nodes +127\.0\.0\.2:7233 and 127\.0\.0\.3:7233, behind 127\.0\.0\.1:7233\n/);
});

test('shows the viewer of traces if there is one', () => {
  expect(summarise(facts)).not.toContain('Traces');
  expect(summarise({ ...facts, tracesUrl: 'http://127.0.0.1:9411' })).toMatch(/Traces +http:\/\/127.0.0.1:9411\n/);
});

test('shows the files for an installation of the platform in pods', () => {
  expect(summarise(facts)).not.toContain('Chart');
  const install = { valuesFile: '/my state/values.json', secretFile: '/state/secret.env' };
  const text = summarise({ ...facts, install });
  expect(text).toMatch(/Chart values +'\/my state\/values.json'\n/);
  expect(text).toMatch(/Chart secret +\/state\/secret.env\n/);
});

test('shows the dashboards of the metrics and Prometheus if they run', () => {
  expect(summarise(facts)).not.toContain('Prometheus');
  const metrics = {
    dashboardsUrl: 'http://127.0.0.1:28428/vmui/#/dashboards',
    prometheusUrl: 'http://127.0.0.1:29090',
  };
  const text = summarise({ ...facts, metrics });
  expect(text).toMatch(/Metrics +http:\/\/127.0.0.1:28428\/vmui\/#\/dashboards\n/);
  expect(text).toMatch(/Prometheus +http:\/\/127.0.0.1:29090\n/);
});

test('names the authority of the stores when they are served over https', () => {
  expect(summarise(facts)).not.toContain('Stores');
  const env = { ...facts.env, STORE_CA_FILE: '/my state/root.crt' };
  expect(summarise({ ...facts, env })).toMatch(/Stores +https, with certificates of '\/my state\/root.crt'\n/);
});

test('says that authentication is off', () => {
  const api = { url: 'http://127.0.0.1:3001', port: 3001, authentication: 'none', setupUrl: undefined };
  const text = summarise({ ...facts, api });
  expect(text).toMatch(/Login +off, set by AUTH=none/);
  expect(text).not.toContain('Authorization');
});

test('does not show the database password', () => {
  expect(summarise(facts)).not.toContain('hush');
});

test('names the services that are external', () => {
  const external = { database: true, temporal: true, cluster: true };
  const text = summarise({ ...facts, external, kubeContext: 'staging', env: {} });
  expect(text).toMatch(/Postgres +external server, set by DATABASE_URL or DB_HOST/);
  expect(text).toMatch(/Cluster +context staging/);
  expect(text).not.toContain('simulated');
});

test('reports a KUBECONFIG that is ignored because KUBE_CONTEXT is not set', () => {
  expect(summarise({ ...facts, ignoredKubeconfig: '/home/me/.kube/config' })).toMatch(
    /Ignored +KUBECONFIG=\/home\/me\/\.kube\/config \(set KUBE_CONTEXT/,
  );
});
