import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { encodeTimeCursor } from '../contract/time-cursor.ts';
import { PingMessage, StoreEventMessage } from '../contract/webhook.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import { Problem } from '../problems/problem.ts';
import { entityTagOf } from '../stores/entity-tag.ts';
import { requestOf } from '../stores/routes.ts';
import type { ListPosition } from '../../domain/list-position.ts';
import type { WebhookRecord } from '../../domain/ports/webhook-records.ts';
import { toDelivery, toWebhook } from './present.ts';
import * as routes from './route-descriptions.ts';
import type { RevealedWebhook, WebhookService } from './service.ts';

/** The routes below `/webhooks`. Without a service, webhooks are off. */
export function webhookRoutes(service: WebhookService | undefined) {
  const app = new OpenAPIHono<AppEnv>();

  /** @throws Problem WEBHOOKS_OFF */
  function webhooks(): WebhookService {
    if (service !== undefined) return service;
    throw new Problem(
      'WEBHOOKS_OFF',
      'This platform sends no webhooks. To turn them on, an operator sets WEBHOOK_SECRET_KEY.',
    );
  }

  function shown(c: Context<AppEnv>, webhook: WebhookRecord) {
    c.header('ETag', entityTagOf(webhook));
    return toWebhook(webhook, webhooks().now());
  }

  const revealed = ({ webhook, secret }: RevealedWebhook) => ({ ...toWebhook(webhook, webhooks().now()), secret });

  app.openapi(routes.listWebhooks, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await webhooks().list(requestOf(c), { limit, after });
    const data = page.webhooks.map((webhook) => toWebhook(webhook, webhooks().now()));
    return c.json({ data, pagination: paginationOf(c, limit, page.next) }, 200);
  });

  app.openapi(routes.createWebhook, async (c) => {
    const key = c.req.valid('header')['Idempotency-Key'];
    const body = c.req.valid('json');
    await webhooks().requireAllowedUrl(body.url);
    const created = await webhooks().once(c, { key, body }, async (changes) =>
      revealed(await changes.create(requestOf(c), body)),
    );
    c.header('Location', `/api/webhooks/${created.webhookId}`);
    return c.json(created, 201);
  });

  app.openapi(routes.getWebhook, async (c) =>
    c.json(shown(c, await webhooks().get(requestOf(c), c.req.valid('param').id)), 200),
  );

  app.openapi(routes.updateWebhook, async (c) => {
    const changed = await webhooks().update(requestOf(c), c.req.valid('param').id, c.req.valid('json'));
    return c.json(shown(c, changed), 200);
  });

  app.openapi(routes.deleteWebhook, async (c) => {
    await webhooks().delete(requestOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });

  app.openapi(routes.rotateWebhookSecret, async (c) => {
    const key = c.req.valid('header')['Idempotency-Key'];
    const rotated = await webhooks().once(c, { key, body: null }, async (changes) =>
      revealed(await changes.rotateSecret(requestOf(c), c.req.valid('param').id)),
    );
    return c.json(rotated, 200);
  });

  for (const [route, status] of [
    [routes.enableWebhook, 'enabled'],
    [routes.disableWebhook, 'disabled'],
  ] as const) {
    app.openapi(route, async (c) =>
      c.json(shown(c, await webhooks().setStatus(requestOf(c), c.req.valid('param').id, status)), 200),
    );
  }

  app.openapi(routes.testWebhook, async (c) => {
    const key = c.req.valid('header')['Idempotency-Key'];
    const delivery = await webhooks().once(c, { key, body: null }, async (changes) =>
      toDelivery(await changes.test(requestOf(c), c.req.valid('param').id)),
    );
    return c.json(delivery, 202);
  });

  app.openapi(routes.listDeliveries, async (c) => {
    const { limit, cursor: after, state } = c.req.valid('query');
    const page = await webhooks().listDeliveries(requestOf(c), c.req.valid('param').id, { limit, after, state });
    return c.json({ data: page.deliveries.map(toDelivery), pagination: paginationOf(c, limit, page.next) }, 200);
  });

  app.openapi(routes.redeliver, async (c) => {
    const { id, deliveryId } = c.req.valid('param');
    const key = c.req.valid('header')['Idempotency-Key'];
    const delivery = await webhooks().once(c, { key, body: null }, async (changes) =>
      toDelivery(await changes.redeliver(requestOf(c), id, deliveryId)),
    );
    return c.json(delivery, 202);
  });

  return app;
}

function paginationOf(c: Context<AppEnv>, limit: number, next: ListPosition | null) {
  const nextCursor = next === null ? null : encodeTimeCursor(next);
  if (nextCursor !== null) linkToNext(c, { cursor: nextCursor });
  return { limit, nextCursor };
}

/** Adds the messages that the platform sends to the OpenAPI document of the whole API: they have no path. */
export function describeMessages({ openAPIRegistry }: OpenAPIHono<AppEnv>): void {
  for (const [path, summary, schema] of [
    ['storeEvent', 'An event of a store', StoreEventMessage],
    ['ping', 'A test of a webhook', PingMessage],
  ] as const) {
    openAPIRegistry.registerWebhook({
      method: 'post',
      path,
      operationId: `${path}Message`,
      security: [],
      summary,
      description: 'Signed as the Standard Webhooks specification describes.',
      request: { body: { content: { 'application/json': { schema } } } },
      responses: { 200: { description: 'Any status from 200 to 299 confirms the message.' } },
    });
  }
}
