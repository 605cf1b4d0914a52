import { expect, test } from '@jest/globals';
import { summarise, type SummaryFacts } from './summary.ts';

const facts: SummaryFacts = {
  env: {
    DATABASE_URL: 'postgres://store_platform:hush@127.0.0.1:25432/store_platform',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    KUBECONFIG: '/my state/kubeconfig',
  },
  external: { database: false, temporal: false, cluster: false },
  api: { url: 'http://127.0.0.1:3001', port: 3001 },
  nodes: 'simulated: no container runs',
  kubeContext: undefined,
  ignoredKubeconfig: undefined,
  logs: '/my state/logs',
  stateDir: '/my state',
  seconds: 4.21,
};

test('shows the address of each service, the kind of nodes and a request that creates a store', () => {
  const text = summarise(facts);
  expect(text).toContain("kubectl --kubeconfig '/my state/kubeconfig' get pods -A");
  expect(text).toMatch(/Nodes +simulated: no container runs/);
  expect(text).toContain('curl -X POST localhost:3001/api/stores');
  expect(text).toMatch(/Web UI +http:\/\/127\.0\.0\.1:8233/);
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
