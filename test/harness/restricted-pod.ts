import type { V1PodSpec } from '@kubernetes/client-node';

/** A small pod that Pod Security `restricted` and a store's quota let in. It is for tests of what becomes of pods: it need not run. */
export function restrictedPod(spec: Partial<V1PodSpec>): V1PodSpec {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image: 'busybox',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: { limits: { cpu: '10m', memory: '16Mi' } },
      },
    ],
    ...spec,
  };
}
