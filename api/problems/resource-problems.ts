import type { ProblemKind } from './problem-kind.ts';

/** Problems of resources that do not exist or whose state does not allow a request: 404 to 409. */
export const RESOURCE_PROBLEMS = {
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
  ORPHAN_NOT_FOUND: {
    status: 404,
    title: 'The orphan does not exist',
    explanation: 'The last pass of the reconciler found no orphan with this UID. `GET /api/orphans` lists them.',
  },
  SCHEDULE_NOT_FOUND: {
    status: 404,
    title: 'The schedule does not exist',
    explanation:
      'Either the name is wrong, or no worker has started yet: a worker creates the schedules, also those of its cluster. `GET /api/admin/schedules` lists them.',
  },
  CLUSTER_NOT_FOUND: {
    status: 404,
    title: 'The cluster does not exist',
    explanation:
      'Either the name is wrong, or no worker of the cluster has started yet: a worker registers its cluster. `GET /api/admin/clusters` lists them.',
  },
  CLUSTER_EXISTS: {
    status: 409,
    title: 'The cluster exists',
    explanation:
      'Another cluster of the installation has the name. To change it, use `PATCH /api/admin/clusters/{name}`.',
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
  CLUSTER_NOT_ACCEPTING: {
    status: 409,
    title: 'No cluster accepts the store',
    explanation:
      '`clusters` names the clusters that have the labels of `placement`, and `reason` says why none of them accepts the store: `unmatched` if there is none, `full` if each has as many stores as its capacity allows, `cordoned` or `draining` if operators have closed them for new stores. Stores that exist are not affected. Try again after the time in `Retry-After`, or ask an operator.',
  },
  NAMESPACE_RECORDED: {
    status: 409,
    title: 'The store of the namespace has a record',
    explanation:
      'Only a namespace whose store has no record can be adopted, kept or removed here. Use the requests of the store, such as `DELETE /api/stores/{id}`.',
  },
  ORPHAN_NOT_REMOVABLE: {
    status: 409,
    title: 'The platform never removes the orphan',
    explanation:
      '`reason` of the orphan says why: for example, a volume policy keeps it, or no label says whose it is. Look at the object, then delete it with `kubectl`.',
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
} as const satisfies Record<string, ProblemKind>;
