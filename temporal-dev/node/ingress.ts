import { mkdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { minimalEnvironment } from '../service.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

/** Names below it lead to the loopback in browsers and in curl without any set-up. */
export const INGRESS_DOMAIN = 'localhost';
/** Service of a store that the front door leads to, on port 80. */
const STOREFRONT = 'storefront';

/**
 * The way into the stores: `http://<handle>.localhost:PORT` leads to the Service `storefront` in the namespace
 * `store-<handle>`. Knows no store by itself, so there is nothing to reload when one comes or goes.
 */
export async function ingressSpec(input: {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly port: number;
}): Promise<ProcessSpec> {
  const home = join(input.layout.home, 'front-door');
  const caddyfile = join(input.layout.config, 'Caddyfile');
  await mkdir(home, { recursive: true });
  await writeFile(caddyfile, ingressConfig(input.port, home));
  return {
    name: 'front-door',
    command: input.command,
    args: ['run', '--config', caddyfile, '--adapter', 'caddyfile'],
    env: { ...minimalEnvironment(), HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    probe: async (signal) => {
      const response = await fetch(`http://127.0.0.1:${input.port}`, { signal });
      await response.body?.cancel();
    },
    readyDeadlineMs: 30_000,
  };
}

function ingressConfig(port: number, home: string): string {
  const hasIpv6Loopback = Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.address === '::1');
  return `{
  admin off
  auto_https off
  persist_config off
  grace_period 5s
  storage file_system ${JSON.stringify(home)}
  default_bind 127.0.0.1${hasIpv6Loopback ? ' [::1]' : ''}
}
http://*.${INGRESS_DOMAIN}:${port} {
  reverse_proxy {
    dynamic a ${STOREFRONT}.store-{labels.1}.svc.${NODE.clusterDomain} 80 {
      resolvers ${NODE.address}
      refresh 2s
      versions ipv4
    }
    transport http {
      dial_timeout 5s
      # A kept connection would go on leading to a pod that the Service no longer means.
      keepalive off
    }
  }
  handle_errors {
    header Content-Type "text/plain; charset=utf-8"
    respond "No store answers at {host}: it does not exist, or is not ready yet." {err.status_code}
  }
}
http://:${port} {
  respond "Stores are served at http://<handle>.${INGRESS_DOMAIN}:${port}." 404
}
`;
}
