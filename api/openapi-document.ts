import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './app-env.ts';
import { OPENAPI_HEAD } from './app.ts';

/** Returns the OpenAPI document of the app as it is committed in `api/openapi.json`. */
export function openApiText(app: OpenAPIHono<AppEnv>): string {
  return `${JSON.stringify(app.getOpenAPI31Document(OPENAPI_HEAD), undefined, 2)}\n`;
}
