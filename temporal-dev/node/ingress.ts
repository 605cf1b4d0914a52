import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
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
/** One certificate per name: clients refuse `*.localhost`, because it covers a top-level domain. */
const TLS = `
  tls internal {
    on_demand
  }`;

export interface IngressOptions {
  readonly port: number;
  /** True: the ingress terminates TLS and serves nothing over plain HTTP. */
  readonly https: boolean;
  /** True: pods reach the ingress, too, at `<slug>.stores.internal:PORT`. */
  readonly forPods: boolean;
}

/** Returns the path of the certificate of the authority that issues the certificates of the stores. Caddy creates it. */
export function ingressCaFile(layout: NodeLayout): string {
  return join(homeOf(layout), 'pki', 'authorities', 'local', 'root.crt');
}

/**
 * Returns the process of the ingress, a Caddy that routes `<slug>.localhost:PORT` to the Service `storefront` in the
 * namespace `store-<slug>`. It has no configuration per store, so it needs no reload when a store is created or deleted:
 * with https, it issues the certificate of a store at the first connection.
 */
export async function ingressSpec(
  input: IngressOptions & { readonly layout: NodeLayout; readonly command: string; readonly need: PortNeed },
): Promise<ProcessSpec> {
  const home = homeOf(input.layout);
  const caddyfile = join(input.layout.config, 'Caddyfile');
  await mkdir(home, { recursive: true });
  await writeFile(caddyfile, ingressConfig(input, home));
  return {
    name: 'ingress',
    command: input.command,
    args: ['run', '--config', caddyfile, '--adapter', 'caddyfile'],
    env: { ...minimalEnvironment(), HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    ports: [input.need],
    probe: (signal) => requireAnswer(input, signal),
    readyDeadlineMs: 30_000,
  };
}

/** Sends a request to the ingress. With https, the request fails unless the own authority has issued the certificate. */
async function requireAnswer(
  { https, port, layout }: Pick<IngressOptions, 'https' | 'port'> & { readonly layout: NodeLayout },
  signal: AbortSignal,
): Promise<void> {
  if (!https) {
    const response = await fetch(`http://127.0.0.1:${port}`, { signal });
    await response.body?.cancel();
    return;
  }
  // Unlike `get`, `fetch` takes no authority.
  const ca = await readFile(ingressCaFile(layout));
  await new Promise<void>((resolve, reject) => {
    const request = get(`https://127.0.0.1:${port}`, { ca, signal, agent: false }, (response) => {
      response.resume().once('error', reject).once('end', resolve);
    });
    request.once('error', reject);
  });
}

function homeOf({ home }: NodeLayout): string {
  return join(home, 'ingress');
}

/** Returns the configuration of Caddy. `home`: the folder of its certificates. */
export function ingressConfig({ port, https, forPods }: IngressOptions, home: string): string {
  const hasIpv6Loopback = Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.address === '::1');
  const scheme = https ? 'https' : 'http';
  const site = { scheme, port, tls: https ? TLS : '' };
  return `{
  admin off
  auto_https ${https ? 'disable_redirects' : 'off'}
  skip_install_trust
  persist_config off
  grace_period 5s
  storage file_system ${JSON.stringify(home)}
  default_bind 127.0.0.1${hasIpv6Loopback ? ' [::1]' : ''}${forPods ? ` ${NODE.address}` : ''}
  servers {
    protocols h1 h2
  }
}
${siteOf(INGRESS_DOMAIN, site)}${forPods ? siteOf(NODE.podIngressDomain, site) : ''}${scheme}://:${port} {${site.tls}
  respond "Open a store at ${scheme}://<slug>.${INGRESS_DOMAIN}:${port}." 404
}
`;
}

/** `tls`: the line that makes a site terminate TLS, or an empty string. */
function siteOf(
  domain: string,
  { scheme, port, tls }: { readonly scheme: string; readonly port: number; readonly tls: string },
): string {
  // Caddy counts the labels of a name from the right.
  const slug = domain.split('.').length;
  return `${scheme}://*.${domain}:${port} {${tls}
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
