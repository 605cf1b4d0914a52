import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { namespaceOf } from '../../../domain/names.ts';
import { FakeWoocommerce } from '../../fake-shops/fake-woocommerce.ts';

/** How a hostile shop answers every request. Each name is also the name of its store, and so the beginning of its slug. */
export const ATTACKS = ['endless-body', 'gzip-bomb', 'slow-drip', 'redirect-loop', 'huge-headers'] as const;
export type Attack = (typeof ATTACKS)[number];

const CHUNK = Buffer.alloc(64 * 1024, ' ');
const DRIP_MS = 200;
/** 256 MiB of zeros in 256 kB. */
const BOMB_BYTES = 256 * 1024 * 1024;
const HEADER_BYTES = 4 * 1024 * 1024;

/** A server in place of the ingress and of all WooCommerce stores. */
export interface ShopServer {
  readonly port: number;
  /** Number of requests that each attack has answered. */
  readonly attacked: ReadonlyMap<Attack, number>;
  close(): Promise<void>;
}

/**
 * Serves all stores of the run on one port of this machine. The name of the store selects an attack; every other store gets a shop
 * that accepts orders.
 *
 * @param authKeyOf Returns the `auth-key` in the Secret of a namespace.
 */
export async function openShopServer(authKeyOf: (namespace: string) => Promise<string>): Promise<ShopServer> {
  const attacked = new Map<Attack, number>();
  const shops = new Map<string, { readonly authKey: string; readonly shop: FakeWoocommerce }>();
  const bomb = gzipSync(Buffer.alloc(BOMB_BYTES), { level: 9 });

  /** A provision that is retried after a cancel has a new Secret, and so its shop is a new one. */
  async function shopOf(slug: string): Promise<FakeWoocommerce> {
    const authKey = await authKeyOf(namespaceOf(slug));
    const known = shops.get(slug);
    if (known?.authKey === authKey) return known.shop;
    const shop = new FakeWoocommerce(authKey);
    shops.set(slug, { authKey, shop });
    return shop;
  }

  const server = createServer((request, response) => {
    const slug = (request.headers.host ?? '').split('.')[0] ?? '';
    const attack = ATTACKS.find((name) => slug.startsWith(name));
    if (attack !== undefined) {
      attacked.set(attack, (attacked.get(attack) ?? 0) + 1);
      answerHostile(attack, response, bomb);
      return;
    }
    shopOf(slug).then(
      ({ app }) => getRequestListener(app.fetch)(request, response),
      () => response.writeHead(503).end('no store is available at this address'),
    );
  });
  server.listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    attacked,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerHostile(attack: Attack, response: ServerResponse, bomb: Buffer): void {
  const json = { 'content-type': 'application/json' };
  response.on('error', () => undefined);
  switch (attack) {
    case 'endless-body': {
      response.writeHead(200, json);
      const fill = (): void => {
        while (!response.destroyed && response.write(CHUNK));
      };
      response.on('drain', fill);
      fill();
      return;
    }
    case 'gzip-bomb':
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb);
      return;
    case 'slow-drip': {
      response.writeHead(200, json);
      const timer = setInterval(() => response.write(' '), DRIP_MS);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'redirect-loop':
      response.writeHead(302, { location: response.req.url ?? '/' }).end();
      return;
    case 'huge-headers':
      response.writeHead(200, { ...json, 'x-huge': 'x'.repeat(HEADER_BYTES) }).end('[]');
      return;
    default:
      attack satisfies never;
  }
}
