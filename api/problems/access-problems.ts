import type { ProblemKind } from './problem-kind.ts';

/** Problems of requests that are not valid, not authenticated or not allowed: 400 to 403. */
export const ACCESS_PROBLEMS = {
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
} as const satisfies Record<string, ProblemKind>;
