import { RESOURCE_EXAMPLES } from './resource-examples.ts';
import { componentOf, mapValues, type ApiOperation, type MediaType, type Schema } from './types.ts';

type Schemas = Readonly<Record<string, Schema>>;

const BY_FORMAT: Readonly<Record<string, string>> = {
  uuid: 'ec22c3a6-cb7d-52b2-bcd7-d90f111f826d',
  'date-time': '2026-11-26T14:20:22.595Z',
  uri: 'https://shop.example.com/',
  email: 'ada@example.com',
};

/** Returns the operation with an example for its request body and for each of its JSON responses. */
export function withExamples(operation: ApiOperation, schemas: Schemas): ApiOperation {
  const { requestBody, responses } = operation;
  return {
    ...operation,
    ...(requestBody === undefined
      ? {}
      : { requestBody: { ...requestBody, content: withExample(requestBody.content, schemas) } }),
    responses: mapValues(responses, (response) =>
      response.content === undefined ? response : { ...response, content: withExample(response.content, schemas) },
    ),
  };
}

function withExample(content: Readonly<Record<string, MediaType>>, schemas: Schemas): Record<string, MediaType> {
  return mapValues(content, (media, type) => {
    const isDescribed = media.example !== undefined || media.examples !== undefined;
    if (type !== 'application/json' || isDescribed || media.schema === undefined) return media;
    return { ...media, example: exampleOf(media.schema, schemas) };
  });
}

/**
 * Returns a value that the schema accepts: its example or default if it has one, otherwise a value of its type. An object
 * has its required fields, and the optional ones that have an example.
 */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const component = componentOf(schema);
  if (component !== undefined) {
    const example = exampleOf(schemas[component] ?? {}, schemas);
    const known = RESOURCE_EXAMPLES[component];
    return known === undefined ? example : { ...(example as object), ...known }; // only objects are in the table
  }
  for (const value of [schema.example, schema.const, schema.default, schema.enum?.[0]]) {
    if (value !== undefined) return value;
  }
  const alternative = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].find(({ type }) => type !== 'null');
  if (alternative !== undefined) return exampleOf(alternative, schemas);
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas))) as unknown;
  }
  return valueOfType(schema, schemas);
}

function valueOfType(schema: Schema, schemas: Schemas): unknown {
  const type = [schema.type].flat().find((name) => name !== 'null') ?? 'object';
  if (type === 'string') return BY_FORMAT[schema.format ?? ''] ?? 'text';
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return true;
  if (type === 'array') return schema.items === undefined ? [] : [exampleOf(schema.items, schemas)];
  return objectExample(schema, schemas);
}

function objectExample(
  { properties = {}, required = [] }: Schema,
  schemas: Schemas,
): Readonly<Record<string, unknown>> {
  const shown = Object.entries(properties).filter(
    ([name, property]) => required.includes(name) || property.example !== undefined,
  );
  return Object.fromEntries(shown.map(([name, property]) => [name, exampleOf(property, schemas)]));
}
