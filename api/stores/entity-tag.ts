import { versionOf, type StoreRecord } from '../../db/index.ts';
import type { OperationDetail } from '../contract/operation-detail.ts';
import type { WebhookRecord } from '../../domain/ports/webhook-records.ts';

/** OpenAPI description of the header that names the version of a response. */
export const entityTag = {
  ETag: {
    description: 'The version of the response. Send it as `If-None-Match` to read only changes.',
    schema: { type: 'string' as const, pattern: '^"[A-Za-z0-9_-]+"$' },
  },
};

/** OpenAPI description of the response to `If-None-Match` when nothing has changed. */
export const notModified = {
  description: 'Nothing has changed since the version in `If-None-Match`.',
  headers: entityTag,
};

/** Returns the strong entity tag (RFC 9110) of a store, an operation or a webhook. */
export function entityTagOf(record: StoreRecord | OperationDetail | WebhookRecord): string {
  return `"${versionOf(record)}"`;
}

/** Returns the versions in an `If-Match` or `If-None-Match` header, or undefined if it names none or every version. */
export function versionsIn(header: string | undefined): readonly string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return Array.from(header.matchAll(/"([^"]*)"/g), ([, version]) => version ?? '');
}
