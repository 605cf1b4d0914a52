import { expect, test } from '@jest/globals';
import { summarise, type SummaryFacts } from './summary.ts';

const facts: SummaryFacts = {
  env: {
    DATABASE_URL: 'postgres://store_platform:hush@127.0.0.1:25432/store_platform',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    KUBECONFIG: '/my state/kubeconfig',
  },
  given: { database: false, temporal: false, cluster: false },
  api: { url: 'http://127.0.0.1:3001', port: 3001 },
  nodes: 'simulated: nothing runs',
  kubeContext: undefined,
  ignoredKubeconfig: undefined,
  logs: '/my state/logs',
  stateDir: '/my state',
  seconds: 4.21,
};

test('says where all is, that nodes are simulated, and how to make a store', () => {
  const text = summarise(facts);
  expect(text).toContain("kubectl --kubeconfig '/my state/kubeconfig' get pods -A");
  expect(text).toMatch(/Nodes +simulated: nothing runs/);
  expect(text).toContain('curl -X POST localhost:3001/api/stores');
  expect(text).toMatch(/Web UI +http:\/\/127\.0\.0\.1:8233/);
});

test('shows no password', () => {
  expect(summarise(facts)).not.toContain('hush');
});

test('says what is used from elsewhere', () => {
  const given = { database: true, temporal: true, cluster: true };
  const text = summarise({ ...facts, given, kubeContext: 'staging', env: {} });
  expect(text).toMatch(/Postgres +the one that the environment names/);
  expect(text).toMatch(/Cluster +context staging/);
  expect(text).not.toContain('simulated');
});

test('says that a kubeconfig without a context is not used', () => {
  expect(summarise({ ...facts, ignoredKubeconfig: '/home/me/.kube/config' })).toMatch(
    /Ignored +KUBECONFIG=\/home\/me\/\.kube\/config: no KUBE_CONTEXT/,
  );
});
