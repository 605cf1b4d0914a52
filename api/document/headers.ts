import { TENANT_HEADER } from '../auth/authorize.ts';
import { mapValues, type ApiOperation, type Components, type Parameter } from './types.ts';

/** Every byte that an HTTP server accepts in a header value. */
const HEADER_VALUE = '^[\\t\\x20-\\x7e\\x80-\\xff]*$';

const POLICIES = '^"[a-z]+";q=\\d+;w=\\d+(, "[a-z]+";q=\\d+;w=\\d+)*$';
const USES = '^"[a-z]+";r=\\d+;t=\\d+(, "[a-z]+";r=\\d+;t=\\d+)*$';

export const HEADER_COMPONENTS: NonNullable<Components['headers']> = {
  'X-Correlation-ID': {
    description: 'The correlation id of the request. The logs, the operation and its events contain it.',
    schema: { type: 'string', pattern: '^[\\w=-]{1,128}$', example: '288e014a-4b4f-494f-a73a-f56292e8c1cb' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the request is sent again.',
    schema: { type: 'integer', minimum: 0, example: 5 },
  },
  'RateLimit-Policy': {
    description: 'The limits that apply to the request: `q` requests in `w` seconds each.',
    schema: { type: 'string', pattern: POLICIES, example: '"changes";q=600;w=60' },
  },
  RateLimit: {
    description: 'The use of each limit: `r` requests are left, and the count begins again in `t` seconds.',
    schema: { type: 'string', pattern: USES, example: '"changes";r=599;t=60' },
  },
};

const correlationId: Parameter = {
  name: 'X-Correlation-ID',
  in: 'header',
  required: false,
  description:
    'The correlation id of the request: 1 to 128 letters, digits, `-`, `_` and `=`. The API replaces any other value by an id of its own.',
  schema: { type: 'string', pattern: HEADER_VALUE, example: '288e014a-4b4f-494f-a73a-f56292e8c1cb' },
};

const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'An `ETag` of an earlier response. If nothing has changed since, the response is 304 without a body.',
  schema: { type: 'string', pattern: HEADER_VALUE, example: '"R4yKj0m3cP1n2ZsT9bXw5Q"' },
};

const tenant: Parameter = {
  name: TENANT_HEADER,
  in: 'header',
  required: false,
  description: 'The tenant for which the request acts. Default: the default tenant of the sender.',
  schema: { type: 'string', pattern: HEADER_VALUE, example: 'default-user' },
};

export const PARAMETER_COMPONENTS: NonNullable<Components['parameters']> = {
  'X-Correlation-ID': correlationId,
  'If-None-Match': ifNoneMatch,
  [TENANT_HEADER]: tenant,
};

const LIMIT_HEADERS = {
  'RateLimit-Policy': { $ref: '#/components/headers/RateLimit-Policy' },
  RateLimit: { $ref: '#/components/headers/RateLimit' },
};

/** Returns the operation with the headers that all operations have, and with those that its responses imply. */
export function withCommonHeaders(operation: ApiOperation, isPublic: boolean): ApiOperation {
  const conditional = '304' in operation.responses ? ['If-None-Match'] : [];
  const names = ['X-Correlation-ID', ...conditional, ...(isPublic ? [] : [TENANT_HEADER])];
  const parameters = names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return {
    ...operation,
    parameters: [...(operation.parameters ?? []), ...parameters],
    responses: mapValues(operation.responses, (response, status) => ({
      ...response,
      headers: {
        ...response.headers,
        ...(isPublic ? {} : LIMIT_HEADERS),
        ...(status === '503' || status === '429'
          ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }
          : {}),
        'X-Correlation-ID': { $ref: '#/components/headers/X-Correlation-ID' },
      },
    })),
  };
}
