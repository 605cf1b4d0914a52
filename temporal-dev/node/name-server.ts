import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE, type NodeLayout } from './node-layout.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { minimalEnvironment } from '../service.ts';

/** Every cluster has this Service. Its name resolves as soon as CoreDNS has loaded the Services of the cluster. */
const KNOWN_NAME = `kubernetes.default.svc.${NODE.clusterDomain}`;

/**
 * Returns the process of CoreDNS on the bridge address. The Service `kube-dns` routes the DNS address of pods to it.
 */
export async function nameServerSpec(input: {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly kubeconfig: string;
  readonly context: string;
}): Promise<ProcessSpec> {
  const corefile = join(input.layout.config, 'Corefile');
  await writeFile(
    corefile,
    `${NODE.clusterDomain} {
  bind ${NODE.address}
  errors
  kubernetes {
    kubeconfig ${input.kubeconfig} ${input.context}
    ttl 2
  }
}
${NODE.podIngressDomain} {
  bind ${NODE.address}
  errors
  template IN A {
    answer "{{ .Name }} 60 IN A ${NODE.address}"
  }
  template IN AAAA {
    rcode NOERROR
  }
}
. {
  bind ${NODE.address}
  errors
  forward . /etc/resolv.conf
  cache 30
}
`,
  );
  return {
    name: 'coredns',
    command: input.command,
    args: ['-conf', corefile],
    env: minimalEnvironment(),
    ports: [],
    probe: async () => {
      const resolver = new Resolver({ timeout: 1_000, tries: 1 });
      resolver.setServers([NODE.address]);
      await resolver.resolve4(KNOWN_NAME);
    },
    readyDeadlineMs: 60_000,
  };
}
