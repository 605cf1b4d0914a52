import { mkdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { minimalEnvironment } from '../service.ts';
import type { PortNeed } from '../processes/ports.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

/** Browsers and curl resolve names below this domain to the loopback address. */
export const INGRESS_DOMAIN = 'localhost';
/** The Service of a store that receives the requests, on port 80. */
const STOREFRONT = 'storefront';

/**
 * Returns the process of the ingress, a Caddy that routes `http://<slug>.localhost:PORT` to the Service `storefront` in
 * the namespace `store-<slug>`. It has no configuration per store, so it needs no reload when a store is created or
 * deleted.
 */
export async function ingressSpec(input: {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly port: PortNeed;
  /** True: pods reach the ingress, too, at `http://<slug>.stores.internal:PORT`. */
  readonly forPods: boolean;
}): Promise<ProcessSpec> {
  const home = join(input.layout.home, 'ingress');
  const caddyfile = join(input.layout.config, 'Caddyfile');
  await mkdir(home, { recursive: true });
  await writeFile(caddyfile, ingressConfig({ port: input.port.port, forPods: input.forPods }, home));
  return {
    name: 'ingress',
    command: input.command,
    args: ['run', '--config', caddyfile, '--adapter', 'caddyfile'],
    env: { ...minimalEnvironment(), HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    ports: [input.port],
    probe: async (signal) => {
      const response = await fetch(`http://127.0.0.1:${input.port.port}`, { signal });
      await response.body?.cancel();
    },
    readyDeadlineMs: 30_000,
  };
}

function ingressConfig({ port, forPods }: { readonly port: number; readonly forPods: boolean }, home: string): string {
  const hasIpv6Loopback = Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.address === '::1');
  return `{
  admin off
  auto_https off
  persist_config off
  grace_period 5s
  storage file_system ${JSON.stringify(home)}
  default_bind 127.0.0.1${hasIpv6Loopback ? ' [::1]' : ''}${forPods ? ` ${NODE.address}` : ''}
}
${siteOf(INGRESS_DOMAIN, port)}${forPods ? siteOf(NODE.podIngressDomain, port) : ''}http://:${port} {
  respond "Open a store at http://<slug>.${INGRESS_DOMAIN}:${port}." 404
}
`;
}

function siteOf(domain: string, port: number): string {
  // Caddy counts the labels of a name from the right.
  const slug = domain.split('.').length;
  return `http://*.${domain}:${port} {
  reverse_proxy {
    dynamic a ${STOREFRONT}.store-{labels.${slug}}.svc.${NODE.clusterDomain} 80 {
      resolvers ${NODE.address}
      refresh 2s
      versions ipv4
    }
    transport http {
      dial_timeout 5s
      # A reused connection would still reach a pod that the Service no longer selects.
      keepalive off
    }
  }
  handle_errors {
    header Content-Type "text/plain; charset=utf-8"
    respond "No store responds at {host}: the store does not exist or is not ready yet." {err.status_code}
  }
}
`;
}
