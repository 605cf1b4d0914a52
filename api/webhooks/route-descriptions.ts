import { json } from '../contract/json-content.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { createRoute } from '@hono/zod-openapi';
import {
  IdempotencyHeaders,
  locationHeader,
  OptionalIdempotencyHeaders,
  replayedHeader,
} from '../contract/idempotency.ts';
import { linkHeader } from '../contract/pagination.ts';
import {
  ChangeWebhookHeaders,
  CreateWebhookBody,
  DeliveryParams,
  ListDeliveriesQuery,
  ListWebhooksQuery,
  UpdateWebhookBody,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookPage,
  WebhookParams,
  WebhookWithSecret,
} from '../contract/webhook.ts';
import type { ProblemCode } from '../problems/catalogue.ts';
import { problemResponses } from '../problems/responses.ts';
import { entityTag, notModified } from '../stores/entity-tag.ts';

function problemsOfRead(...codes: readonly ProblemCode[]) {
  return problemResponses('HOST_NOT_ALLOWED', 'WEBHOOKS_OFF', 'DATABASE_UNAVAILABLE', ...codes);
}

function problemsOfChange(...codes: readonly ProblemCode[]) {
  return problemsOfRead('ORIGIN_REFUSED', 'BODY_TOO_LARGE', ...codes);
}

const PROBLEMS_OF_OPTIONAL_KEY = ['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_REUSED'] as const;
const PROBLEMS_OF_BODY = ['INVALID_REQUEST', 'MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE'] as const;

export const listWebhooks = createRoute({
  operationId: 'listWebhooks',
  method: 'get',
  path: '/webhooks',
  summary: 'List your webhooks, newest first',
  request: { query: ListWebhooksQuery },
  responses: {
    200: { description: 'One page of webhooks.', headers: linkHeader, content: json(WebhookPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

export const createWebhook = createRoute({
  operationId: 'createWebhook',
  method: 'post',
  path: '/webhooks',
  summary: 'Create a webhook',
  description: 'The response contains the secret with which the platform signs the messages. Store it now.',
  request: {
    headers: IdempotencyHeaders,
    body: { required: true, content: json(CreateWebhookBody) },
  },
  responses: {
    201: {
      description: 'The webhook gets every event from now on.',
      headers: { ...locationHeader, ...replayedHeader },
      content: json(WebhookWithSecret),
    },
    ...problemsOfChange(
      ...PROBLEMS_OF_BODY,
      'IDEMPOTENCY_KEY_REQUIRED',
      'IDEMPOTENCY_KEY_INVALID',
      'IDEMPOTENCY_KEY_REUSED',
      'WEBHOOK_LIMIT_REACHED',
    ),
  },
});

export const getWebhook = createRoute({
  operationId: 'getWebhook',
  method: 'get',
  path: '/webhooks/{id}',
  summary: 'Get a webhook',
  request: { params: WebhookParams },
  responses: {
    200: { description: 'The webhook.', headers: entityTag, content: json(Webhook) },
    304: notModified,
    ...problemsOfRead('WEBHOOK_NOT_FOUND'),
  },
});

export const updateWebhook = createRoute({
  operationId: 'updateWebhook',
  method: 'patch',
  path: '/webhooks/{id}',
  summary: 'Change the URL, the types of events or the description of a webhook',
  description:
    'Fields that the body does not have stay as they are. Later attempts of open deliveries use the new URL.',
  middleware: optionalJson,
  request: {
    headers: ChangeWebhookHeaders,
    params: WebhookParams,
    body: { content: json(UpdateWebhookBody) },
  },
  responses: {
    200: { description: 'The changed webhook.', headers: entityTag, content: json(Webhook) },
    ...problemsOfChange(...PROBLEMS_OF_BODY, 'WEBHOOK_NOT_FOUND', 'PRECONDITION_FAILED'),
  },
});

export const deleteWebhook = createRoute({
  operationId: 'deleteWebhook',
  method: 'delete',
  path: '/webhooks/{id}',
  summary: 'Delete a webhook and cancel its open deliveries',
  request: { params: WebhookParams },
  responses: { 204: { description: 'The webhook is deleted.' }, ...problemsOfChange('WEBHOOK_NOT_FOUND') },
});

export const rotateWebhookSecret = createRoute({
  operationId: 'rotateWebhookSecret',
  method: 'post',
  path: '/webhooks/{id}/rotate-secret',
  summary: 'Create a new secret for a webhook',
  description: 'The former secret signs too for 24 hours, so that receivers can change to the new one in this time.',
  request: { headers: ChangeWebhookHeaders.extend(OptionalIdempotencyHeaders.shape), params: WebhookParams },
  responses: {
    200: {
      description: 'The webhook with its new secret.',
      headers: replayedHeader,
      content: json(WebhookWithSecret),
    },
    ...problemsOfChange(...PROBLEMS_OF_OPTIONAL_KEY, 'INVALID_REQUEST', 'WEBHOOK_NOT_FOUND', 'PRECONDITION_FAILED'),
  },
});

export const testWebhook = createRoute({
  operationId: 'testWebhook',
  method: 'post',
  path: '/webhooks/{id}/test',
  summary: 'Send a message of type ping to a webhook',
  request: { headers: OptionalIdempotencyHeaders, params: WebhookParams },
  responses: {
    202: { description: 'The message will be sent.', headers: replayedHeader, content: json(WebhookDelivery) },
    ...problemsOfChange(...PROBLEMS_OF_OPTIONAL_KEY, 'WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'),
  },
});

function statusRoute(action: 'enable' | 'disable', summary: string, description: string) {
  return createRoute({
    operationId: `${action}Webhook`,
    method: 'post',
    path: `/webhooks/{id}/${action}`,
    summary,
    description,
    request: { headers: ChangeWebhookHeaders, params: WebhookParams },
    responses: {
      200: { description: 'The webhook.', headers: entityTag, content: json(Webhook) },
      ...problemsOfChange('INVALID_REQUEST', 'WEBHOOK_NOT_FOUND', 'PRECONDITION_FAILED'),
    },
  });
}

export const enableWebhook = statusRoute(
  'enable',
  'Enable a disabled webhook',
  'Events of the time in which it was disabled are not sent.',
);
export const disableWebhook = statusRoute(
  'disable',
  'Disable a webhook',
  'It gets no further message, and its open deliveries are cancelled at their next attempt.',
);

export const listDeliveries = createRoute({
  operationId: 'listWebhookDeliveries',
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  summary: 'List the deliveries of a webhook, newest first',
  request: { params: WebhookParams, query: ListDeliveriesQuery },
  responses: {
    200: { description: 'One page of deliveries.', headers: linkHeader, content: json(WebhookDeliveryPage) },
    ...problemsOfRead('INVALID_REQUEST', 'WEBHOOK_NOT_FOUND'),
  },
});

export const redeliver = createRoute({
  operationId: 'redeliverWebhook',
  method: 'post',
  path: '/webhooks/{id}/deliveries/{deliveryId}/redeliver',
  summary: 'Repeat an ended delivery',
  description: 'The message has the same `webhook-id` and body as before.',
  request: { headers: OptionalIdempotencyHeaders, params: DeliveryParams },
  responses: {
    202: { description: 'The message will be sent again.', headers: replayedHeader, content: json(WebhookDelivery) },
    ...problemsOfChange(
      ...PROBLEMS_OF_OPTIONAL_KEY,
      'WEBHOOK_NOT_FOUND',
      'DELIVERY_NOT_FOUND',
      'WEBHOOK_DISABLED',
      'DELIVERY_OPEN',
    ),
  },
});
