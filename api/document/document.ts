import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { withExamples } from './examples.ts';
import { HEADER_COMPONENTS, PARAMETER_COMPONENTS, withCommonHeaders } from './headers.ts';
import { linksOf } from './links.ts';
import { narrowProblems } from './problems.ts';
import { accessSentence, SECURITY_SCHEMES, securityOf } from './security.ts';
import { TAG_LIST, tagOf } from './tags.ts';
import { mapValues, type ApiDocument, type ApiOperation, type ApiResponse } from './types.ts';

/** Version and title of the OpenAPI document. */
const HEAD = {
  openapi: '3.1.0',
  info: {
    title: 'Store platform',
    version: '1',
    description: 'Creates, watches and deletes online stores.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'The API that serves this document.' }],
};

/**
 * Returns the OpenAPI document of the app. The zod schemas of the routes describe paths, parameters and bodies. This function
 * adds what is the same for many routes: tags, security, common headers, links, examples and the codes of each problem response.
 */
export function apiDocument(app: OpenAPIHono<AppEnv>): ApiDocument {
  // The generator's type has more alternatives than its output. A copy also keeps the generator's objects unchanged.
  const { components, paths, ...head } = structuredClone(app.getOpenAPI31Document(HEAD)) as unknown as ApiDocument;
  return {
    ...head,
    tags: TAG_LIST,
    components: {
      ...components,
      headers: HEADER_COMPONENTS,
      parameters: PARAMETER_COMPONENTS,
      securitySchemes: SECURITY_SCHEMES,
    },
    paths: mapValues(paths, (methods, path) =>
      mapValues(methods, (operation) => completeOperation(operation, path, components.schemas)),
    ),
  };
}

function completeOperation(
  operation: ApiOperation,
  path: string,
  schemas: ApiDocument['components']['schemas'],
): ApiOperation {
  const security = securityOf(operation.operationId, path);
  const { operationId, description, ...rest } = withCommonHeaders(
    withExamples(operation, schemas),
    security.length === 0,
  );
  const sentences = [description, accessSentence(operationId)].filter((text) => text !== undefined);
  return {
    operationId,
    tags: [tagOf(path)],
    security,
    ...(sentences.length === 0 ? {} : { description: sentences.join('\n\n') }),
    ...rest,
    responses: mapValues(rest.responses, (response) => completeResponse(response)),
  };
}

function completeResponse(response: ApiResponse): ApiResponse {
  const links = linksOf(response);
  return { ...narrowProblems(response), ...(links === undefined ? {} : { links }) };
}
