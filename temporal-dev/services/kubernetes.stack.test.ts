import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { restrictedPod } from '../../test/harness/restricted-pod.ts';
import { eventually, kubeClients, uniqueName } from '../../test/harness/stack/stack.ts';

const { core, apps, batch } = kubeClients();
const namespace = uniqueName('cluster');

beforeAll(async () => {
  await core.createNamespace({
    body: { metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
  });
});

afterAll(async () => {
  await core.deleteNamespace({ name: namespace });
});

describe('the local cluster', () => {
  test('binds a volume claim through its default storage class', async () => {
    await core.createNamespacedPersistentVolumeClaim({
      namespace,
      body: {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    });
    const bound = await eventually(async () => {
      const claim = await core.readNamespacedPersistentVolumeClaim({ namespace, name: 'data' });
      return claim.status?.phase === 'Bound' && claim;
    });
    expect(bound.spec?.storageClassName).toBe('standard');
  });

  test('makes the pods of a deployment ready on a simulated node', async () => {
    const labels = { app: 'web' };
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: restrictedPod({}) },
        },
      },
    });
    await eventually(async () => {
      const deployment = await apps.readNamespacedDeployment({ namespace, name: 'web' });
      return deployment.status?.readyReplicas === 2;
    });
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    expect(pods.items.map((pod) => pod.spec?.nodeName)).toEqual(['simulated-1', 'simulated-1']);
  });

  test('completes a job', async () => {
    await batch.createNamespacedJob({
      namespace,
      body: {
        metadata: { name: 'once' },
        spec: { template: { spec: restrictedPod({ restartPolicy: 'Never' }) } },
      },
    });
    await eventually(async () => {
      const job = await batch.readNamespacedJob({ namespace, name: 'once' });
      return job.status?.succeeded === 1;
    });
  });

  test('rejects a pod that violates the Pod Security standard of its namespace', async () => {
    const pod = {
      metadata: { name: 'privileged' },
      spec: { containers: [{ name: 'main', image: 'x', securityContext: { privileged: true } }] },
    };
    await expect(core.createNamespacedPod({ namespace, body: pod })).rejects.toMatchObject({ code: 403 });
  });

  test('annotates its node as simulated', async () => {
    const node = await core.readNode({ name: 'simulated-1' });
    expect(node.metadata?.annotations).toMatchObject({ 'kwok.x-k8s.io/node': 'fake' });
  });
});
