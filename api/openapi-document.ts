import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './app-env.ts';
import { apiDocument } from './document/document.ts';

/** Returns the OpenAPI document of the app as it is committed in `api/openapi.json`. */
export function openApiText(app: OpenAPIHono<AppEnv>): string {
  return `${JSON.stringify(apiDocument(app), undefined, 2)}\n`;
}
