import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { accessTo } from '../auth/access.ts';
import { apiDocument } from './document.ts';
import type { ApiOperation, MediaType, Parameter } from './types.ts';

const document = apiDocument(fakeApi().app);
const { headers: _headers, parameters = {}, schemas, securitySchemes = {} } = document.components;

const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => ({ id: operation.operationId, path, operation })),
);
const byId = new Map(OPERATIONS.map(({ id, operation }) => [id, operation]));

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'api', components: { schemas } });

/** Returns why a value does not match a schema of the document, or an empty list. */
function problemsOf(value: unknown, schema: unknown): readonly string[] {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
  const validate = ajv.compile(JSON.parse(text) as object);
  return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

function mediaTypesOf({ requestBody, responses }: ApiOperation): readonly MediaType[] {
  const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return contents.flatMap((content) => Object.values(content ?? {}));
}

function parametersOf({ parameters: own = [] }: ApiOperation): readonly Parameter[] {
  return own.flatMap((parameter) => {
    const found = '$ref' in parameter ? parameters[parameter.$ref.split('/').at(-1) ?? ''] : parameter;
    return found === undefined ? [] : [found];
  });
}

describe.each(OPERATIONS)('$id', ({ id, path, operation }) => {
  test('has a summary, a tag and security requirements', () => {
    expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(document.tags?.map(({ name }) => name)).toEqual(expect.arrayContaining([...(operation.tags ?? ['none'])]));
    const schemes = operation.security?.flatMap((requirement) => Object.keys(requirement)) ?? ['none'];
    expect(Object.keys(securitySchemes)).toEqual(expect.arrayContaining(schemes));
    if (path.startsWith('/api/') && accessTo(id)?.needs !== 'public') expect(schemes).not.toEqual([]);
  });

  test('has an example of each body, which its schema accepts', () => {
    for (const { schema, example, examples } of mediaTypesOf(operation)) {
      const values = examples === undefined ? [example] : Object.values(examples).map(({ value }) => value);
      for (const value of values) expect([value, problemsOf(value, schema)]).toEqual([expect.anything(), []]);
    }
  });

  test('has an error response for each status, with the codes of its problems in the schema', () => {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue;
      const { schema, examples = {} } = content?.['application/problem+json'] ?? {};
      expect(Object.keys(examples)).not.toEqual([]);
      expect(schema?.allOf?.[1]).toMatchObject({ properties: { code: { enum: Object.keys(examples) } } });
      expect(problemsOf({ ...(Object.values(examples)[0]?.value as object), code: 'NO_CODE' }, schema)).not.toEqual([]);
    }
  });

  test('has a pattern for each text header', () => {
    const texts = parametersOf(operation).filter(
      (parameter) => parameter.in === 'header' && parameter.schema.type === 'string',
    );
    expect(texts.filter(({ schema }) => schema.pattern === undefined)).toEqual([]);
  });

  test('links to operations that exist, by a parameter of their path', () => {
    for (const { links = {} } of Object.values(operation.responses)) {
      for (const { operationId, parameters: given } of Object.values(links)) {
        const target = byId.get(operationId);
        const names = target === undefined ? [] : parametersOf(target).map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(given)));
      }
    }
  });
});

test.each([
  ['createStore', 'Idempotency-Key', 'order-42', 'order\u00e942'],
  ['deleteStore', 'If-Match', '"a", "b"', 'W/"a"'],
])('%s accepts only the values of %s that the API accepts', (id, name, good, bad) => {
  const operation = byId.get(id);
  const schema =
    operation === undefined ? undefined : parametersOf(operation).find((entry) => entry.name === name)?.schema;
  expect(schema).toBeDefined();
  expect(problemsOf(good, schema)).toEqual([]);
  expect(problemsOf(bad, schema)).not.toEqual([]);
});

test('has patterns without flags and Unicode properties, which not all tools can read', () => {
  const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    ([, text = '""']) => JSON.parse(text) as string,
  );
  expect(patterns.length).toBeGreaterThan(5);
  for (const pattern of patterns) {
    expect(pattern).not.toMatch(/\$\/[a-z]+$|\\p\{/i);
    expect(() => new RegExp(pattern)).not.toThrow();
  }
});
