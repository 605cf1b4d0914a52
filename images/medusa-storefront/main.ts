import { serve } from '@hono/node-server';
import { z } from 'zod';
import { createStorefront } from './app.ts';
import { createShop } from './shop.ts';

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const Settings = z.object({
  MEDUSA_URL: address,
  PUBLIC_URL: address,
  STORE_NAME: z.string().min(1),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8000),
});

// An ingress keeps idle connections for up to a minute. The storefront must not close them earlier.
const KEEP_ALIVE_MS = 75_000;
const DRAIN_MS = 20_000;

function main(): void {
  const parsed = Settings.safeParse(process.env);
  if (!parsed.success) {
    console.error(`invalid environment variables\n${z.prettifyError(parsed.error)}`);
    process.exit(1);
  }
  const settings = parsed.data;
  const shop = createShop({ medusaUrl: settings.MEDUSA_URL });
  const app = createStorefront({
    shop,
    storeName: settings.STORE_NAME,
    publicUrl: settings.PUBLIC_URL,
    medusaUrl: settings.MEDUSA_URL,
    log: (entry) => console.log(JSON.stringify({ time: new Date().toISOString(), service: 'storefront', ...entry })),
  });
  const server = serve({ fetch: app.fetch, port: settings.PORT, serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS } });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      setTimeout(() => process.exit(1), DRAIN_MS).unref();
    });
  }
}

main();
