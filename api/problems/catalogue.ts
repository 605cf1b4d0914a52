/**
 * All problems with which the API can reject a request, and their HTTP statuses. This is the only such table. A code
 * that also exists in `domain/failure.ts` has the same meaning there. `GET /problems/<name>` returns the explanation.
 */
const PROBLEMS = {
  INVALID_REQUEST: {
    status: 400,
    title: 'The request is not valid',
    explanation: 'A field, header or query parameter is missing, unknown or out of range. `errors` names each of them.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    title: 'The request is not valid HTTP',
    explanation:
      'The request line, a header or the body does not follow HTTP/1.1. The API closes the connection after this response.',
  },
  MALFORMED_JSON: {
    status: 400,
    title: 'The body is not valid JSON',
    explanation: 'Send one JSON object, encoded as UTF-8.',
  },
  IDEMPOTENCY_KEY_REQUIRED: {
    status: 400,
    title: 'The Idempotency-Key header is missing',
    explanation: 'Choose a key for each create request. Send the same key again to repeat the request safely.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'The Idempotency-Key header is not valid',
    explanation: 'A key has 1 to 255 printable ASCII characters. Surrounding double quotes do not belong to it.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'The request is not authenticated',
    explanation:
      'The request has no credential, or the credential is wrong, expired or revoked. Log in with `store-platform login`, or send an API token as `Authorization: Bearer …`.',
  },
  LOGIN_FAILED: {
    status: 401,
    title: 'The login has failed',
    explanation:
      'The email address or the password is wrong, or the user is disabled. The response does not say which.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'Your role does not allow this',
    explanation: '`detail` names the role that the operation needs. An admin of the tenant can change your role.',
  },
  INSUFFICIENT_SCOPE: {
    status: 403,
    title: 'The scopes of the token do not allow this',
    explanation: '`detail` names the scope that the operation needs. Use a token with this scope.',
  },
  SETUP_LINK_INVALID: {
    status: 403,
    title: 'The setup link is not valid',
    explanation:
      'The link is wrong, older than 24 hours or used, or a later start of the API has replaced it. While the platform has no operator, each start of the API prints a new link.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    title: 'Cross-origin request rejected',
    explanation:
      'A web page of another origin sent the request. Only pages of the origin of the API and programs that are not browsers may change something.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'The path does not exist',
    explanation: 'The API has no such path. `GET /openapi.json` lists all paths.',
  },
  TENANT_NOT_FOUND: {
    status: 404,
    title: 'The tenant does not exist',
    explanation:
      'You are not a member of the tenant that `X-Tenant-ID` names, or of any tenant. `GET /api/tenants` lists your tenants.',
  },
  LOGIN_METHOD_DISABLED: {
    status: 404,
    title: 'The platform does not offer this login',
    explanation: 'The setting `AUTH` decides how people log in. `GET /health` shows it as `authentication`.',
  },
  SESSION_NOT_FOUND: {
    status: 404,
    title: 'The session does not exist',
    explanation: 'You have no session with this id, or it has ended. `GET /api/sessions` lists your sessions.',
  },
  STORE_NOT_FOUND: {
    status: 404,
    title: 'The store does not exist',
    explanation: 'You have no store with this id. Deleted stores stay readable by their id.',
  },
  OPERATION_NOT_FOUND: {
    status: 404,
    title: 'The operation does not exist',
    explanation:
      'You have no operation with this id. `GET /api/stores/{id}/operations` lists the operations of a store.',
  },
  CREDENTIALS_NOT_FOUND: {
    status: 404,
    title: 'The store has no credentials',
    explanation:
      'The platform creates the credentials of a store in the step `ensure-secrets` of its provision, and deletes them with the store.',
  },
  NAMESPACE_NOT_FOUND: {
    status: 404,
    title: 'The namespace is not unaccounted',
    explanation:
      'The last pass of the reconciler found no such namespace with data and without a record. `GET /api/admin/unaccounted` lists them.',
  },
  SCHEDULE_NOT_FOUND: {
    status: 404,
    title: 'The schedule does not exist',
    explanation:
      'Either the name is wrong, or no worker has started yet: a worker creates the schedules. `GET /api/admin/schedules` lists them.',
  },
  MEMBER_NOT_FOUND: {
    status: 404,
    title: 'The member does not exist',
    explanation: 'The tenant has no member with this user id. `GET /api/members` lists its members.',
  },
  INVITATION_NOT_FOUND: {
    status: 404,
    title: 'The invitation does not exist',
    explanation:
      'The invitation is unknown, expired, revoked or accepted. An admin of the tenant can create a new one.',
  },
  SERVICE_ACCOUNT_NOT_FOUND: {
    status: 404,
    title: 'The service account does not exist',
    explanation:
      'The tenant has no service account with this id, or it was deleted. `GET /api/service-accounts` lists them.',
  },
  TOKEN_NOT_FOUND: {
    status: 404,
    title: 'The API token does not exist',
    explanation: 'You have no API token with this id, or it was revoked. `GET /api/tokens` lists your tokens.',
  },
  DEVICE_CODE_NOT_FOUND: {
    status: 404,
    title: 'No open login has the code',
    explanation:
      'The code is wrong or expired, the login is decided already, or you are not a member of the chosen tenant. Begin a new login with `store-platform login`.',
  },
  WEBHOOK_NOT_FOUND: {
    status: 404,
    title: 'The webhook does not exist',
    explanation: 'You have no webhook with this id, or it was deleted. `GET /api/webhooks` lists your webhooks.',
  },
  DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'The delivery does not exist',
    explanation:
      'The webhook has no delivery with this id, or its event was erased. `GET /api/webhooks/{id}/deliveries` lists the deliveries of a webhook.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The method is not allowed on this path',
    explanation: 'The path exists, but not for this method. The `Allow` header lists its methods.',
  },
  EMAIL_TAKEN: {
    status: 409,
    title: 'Another user has the email address',
    explanation:
      'A user who logs in with a password has this address already. Log in as this user, or use another address.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'The request did not arrive in time',
    explanation:
      'The headers of a request must arrive within 10 seconds, and the whole request within 30 seconds. The API closes the connection after this response.',
  },
  INVALID_STATE: {
    status: 409,
    title: 'The state of the store does not allow this action',
    explanation:
      '`allowedActions` lists the actions that the store allows now. For example, only a provision that runs can be cancelled, and only a held one can be continued.',
  },
  OPERATION_RUNNING: {
    status: 409,
    title: 'Another operation is running on the store',
    explanation: 'A store runs one operation at a time. `operation` is the one that runs. Try again when it has ended.',
  },
  NAMESPACE_TAKEN: {
    status: 409,
    title: 'Another store has the namespace',
    explanation:
      'The namespace consists of the name of the store and the first digits of its id, which the Idempotency-Key determines. Send the request with another key.',
  },
  NAMESPACE_RECORDED: {
    status: 409,
    title: 'The store of the namespace has a record',
    explanation:
      'Only a namespace whose store has no record can be adopted, kept or removed here. Use the requests of the store, such as `DELETE /api/stores/{id}`.',
  },
  LAST_ADMIN: {
    status: 409,
    title: 'The tenant would have no admin',
    explanation: 'The member is the only admin of the tenant. Make another member an admin first.',
  },
  TENANT_EXISTS: {
    status: 409,
    title: 'Another tenant has the id',
    explanation: 'Ids of tenants are unique and never change. Choose another id.',
  },
  WEBHOOK_DISABLED: {
    status: 409,
    title: 'The webhook is disabled',
    explanation: 'A disabled webhook gets no message. `POST /api/webhooks/{id}/enable` enables it.',
  },
  DELIVERY_OPEN: {
    status: 409,
    title: 'The delivery has not ended',
    explanation: 'Only an ended delivery can be repeated. The platform still attempts this one.',
  },
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
    title: 'The API has no access to the cluster',
    explanation:
      'The credentials of a store are only in its cluster. An operator must set KUBE_CONTEXT for the API and allow it to read them.',
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
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly explanation: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** Returns whether a text is a code of the table. */
export function isProblemCode(value: string): value is ProblemCode {
  return Object.hasOwn(PROBLEMS, value);
}

/** Returns the status, title and explanation of a code. */
export function problemKind(code: ProblemCode) {
  return PROBLEMS[code];
}

/** Returns the stable `type` of a problem: a path of the API that returns its explanation. */
export function problemType(code: ProblemCode): string {
  return `/problems/${code.toLowerCase().replaceAll('_', '-')}`;
}
