import type { V1PodSpec } from '@kubernetes/client-node';

/** A small pod that Pod Security `restricted` and a store's quota admit. Tests that use it do not need its container to run. */
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
