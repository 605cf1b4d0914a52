import { mapValues, type ApiResponse, type MediaType } from './types.ts';

/**
 * Returns the response with the codes of its problems in the schema. The examples of the response, one for each code, name
 * them.
 */
export function narrowProblems(response: ApiResponse): ApiResponse {
  if (response.content === undefined) return response;
  return { ...response, content: mapValues(response.content, narrowed) };
}

function narrowed(media: MediaType, type: string): MediaType {
  if (type !== 'application/problem+json' || media.schema === undefined) return media;
  const codes = Object.keys(media.examples ?? {});
  return {
    ...media,
    schema: { allOf: [media.schema, { type: 'object', properties: { code: { type: 'string', enum: codes } } }] },
  };
}
