import type { TcpProxy } from './tcp-proxy.ts';

/** Returns the settings with which a process connects to Postgres and Temporal through the proxies. */
export function throughLinks(
  env: Readonly<Record<string, string>>,
  links: { readonly postgres: TcpProxy; readonly temporal: TcpProxy },
): Record<string, string> {
  const database = new URL(env['DATABASE_URL'] ?? '');
  database.port = String(links.postgres.port);
  return { DATABASE_URL: database.href, TEMPORAL_ADDRESS: `127.0.0.1:${links.temporal.port}` };
}
