import type { ProblemKind } from './problem-kind.ts';

/** Problems of the form and number of requests, and of the services behind the API: 412 to 503. */
export const SERVICE_PROBLEMS = {
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The resource has changed',
    explanation:
      'The `ETag` of the store or webhook is none of the tags in `If-Match`, so the request changed nothing. Get it again, and then decide.',
  },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', explanation: 'A body may have up to 64 KiB.' },
  URL_TOO_LONG: {
    status: 414,
    title: 'The URL is too long',
    explanation: 'A URL may have up to 8,192 characters. No valid request comes near this limit.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body has an unsupported media type',
    explanation: 'Send JSON with the header `Content-Type: application/json`.',
  },
  HOST_NOT_ALLOWED: {
    status: 421,
    title: 'The Host header does not name this API',
    explanation:
      'The API accepts requests to the loopback address and its port, and to the origins in the setting ALLOWED_ORIGINS. This keeps web pages from reading the API under a name of their own.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key was used for a different request',
    explanation: 'A key belongs to the first request that used it. Use a new key for a new request.',
  },
  LOGIN_THROTTLED: {
    status: 429,
    title: 'Too many attempts to log in',
    explanation:
      'Attempts with a wrong password or link are limited for each address and for each account, and so are logins at the same moment. Try again after the time in `Retry-After`. Sessions and tokens keep working.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'The quota of stores is used up',
    explanation:
      '`limit` stores may exist at once, not counting deleted ones. Delete a store to free its place. Waiting does not help.',
  },
  TOO_MANY_STREAMS: {
    status: 429,
    title: 'Too many event streams are open',
    explanation:
      'You have `limit` event streams and long polls open at this process. Close some of them. One stream of `GET /api/events` reports the events of all stores.',
  },
  WEBHOOK_LIMIT_REACHED: {
    status: 429,
    title: 'The limit of webhooks is reached',
    explanation: '`limit` webhooks may exist at once. Delete a webhook to free its place. Waiting does not help.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    explanation:
      '`limit` requests are allowed in a period, and `used` were sent. `Retry-After` says after how many seconds the next one is accepted. `RateLimit` and `RateLimit-Policy` name the limit in every response.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The headers are too large',
    explanation:
      'The request line and all headers together may have up to 16 KiB. The API closes the connection after this response.',
  },
  INTERNAL: {
    status: 500,
    title: 'An unexpected error occurred',
    explanation: 'The platform is at fault. Report the correlation id: the logs have the cause under it.',
  },
  WEBHOOKS_OFF: {
    status: 501,
    title: 'Webhooks are off',
    explanation: 'The platform has no key that encrypts the secrets of webhooks. An operator sets WEBHOOK_SECRET_KEY.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database does not answer',
    explanation: 'Try again after the time in `Retry-After`. Repeating a create request with its key is safe.',
  },
  ORCHESTRATOR_UNAVAILABLE: {
    status: 503,
    title: 'Temporal does not answer',
    explanation: 'Try again after the time in `Retry-After`. Stores can be created and deleted even now.',
  },
  ORCHESTRATOR_REJECTED: {
    status: 502,
    title: 'Temporal rejected the request',
    explanation:
      'Temporal answered, but rejected the request of the API, for example because its namespace or a search attribute is missing. `detail` says why. An operator must remove the cause.',
  },
  ISSUER_UNAVAILABLE: {
    status: 503,
    title: 'The issuer of the company does not answer',
    explanation:
      'The API cannot get the keys of the OpenID Connect issuer, so it cannot verify a JWT. API tokens and sessions keep working. Try again after the time in `Retry-After`.',
  },
  CLUSTER_NOT_CONFIGURED: {
    status: 503,
    title: 'The API has no access to the cluster of the store',
    explanation:
      'The credentials of a store are only in its cluster. An operator must set KUBE_CONTEXT for the API and allow it to read them. For clusters other than that of CLUSTER_NAME, the setting is CLUSTER_CONTEXTS.',
  },
  CLUSTER_UNAVAILABLE: {
    status: 503,
    title: 'The Kubernetes API does not answer',
    explanation: 'Try again after the time in `Retry-After`. All other requests work without the cluster.',
  },
  CLUSTER_REFUSED: {
    status: 502,
    title: 'The Kubernetes API refused the request',
    explanation:
      'The cluster answered, but did not return the Secret of the store. The logs have the reason under the correlation id. An operator must remove the cause, for example a missing right.',
  },
  NOT_READY: {
    status: 503,
    title: 'The API is not ready',
    explanation: 'The API is shutting down, or the database cannot serve requests. `checks` names the reason.',
  },
} as const satisfies Record<string, ProblemKind>;
