import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Identity, Principal } from '../../domain/access/principal.ts';
import { assertNever } from '../../domain/assert-never.ts';
import type { IdempotentRequests } from '../../domain/ports/idempotent-requests.ts';
import { singleFlight } from '../../domain/single-flight.ts';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { seal, unseal } from './sealed-response.ts';

/** Time for which a repeated request gets the first response. */
const RETENTION_MS = 86_400_000;

/** A request with a key. */
export interface KeyedRequest {
  readonly identity: Identity;
  readonly key: string;
  /** Method and path. The same key for another operation is a different request. */
  readonly operation: string;
  readonly body: unknown;
}

/** The key of a request, and the hashes with which it is stored. */
interface HashedRequest {
  readonly key: string;
  /** The tenant, the principal and the key. */
  readonly context: string;
  readonly tenantId: string | null;
  readonly requestHash: Buffer;
}

/** The body of the response, and whether the same request came before. */
export interface KeyedResponse<Body> {
  readonly body: Body;
  readonly isReplayed: boolean;
}

/**
 * Returns a function that runs a request once per key. A repetition with the same body gets the same response,
 * also if it arrives while the first request runs. Keys of two tenants or of two principals never meet.
 *
 * The response is stored with the change in one transaction, encrypted with a key that the Idempotency-Key
 * yields: a response can contain a secret that is shown once, and a client that lost it must get it again.
 */
export function createIdempotency<Records>(requests: IdempotentRequests<Records>, now: () => Date) {
  const running = singleFlight<KeyedResponse<unknown>>();

  async function once<Body>(
    request: KeyedRequest,
    work: (records: Records) => Promise<Body>,
  ): Promise<KeyedResponse<Body>> {
    const context = JSON.stringify([...ownerOf(request.identity), request.key]);
    const tenantId = tenantOf(request.identity);
    const requestHash = sha256(canonicalJson([request.operation, request.body]));
    // Equal requests at the same time use one connection to the database.
    const { result, shared } = running(`${requestHash.toString('hex')} ${context}`, () =>
      send({ key: request.key, context, tenantId, requestHash }, work),
    );
    // The key of the flight contains the operation, so every request of the flight has the same type of body.
    const response = (await result) as KeyedResponse<Body>;
    return shared ? { ...response, isReplayed: true } : response;
  }

  async function send<Body>(
    { key, context, tenantId, requestHash }: HashedRequest,
    work: (records: Records) => Promise<Body>,
  ): Promise<KeyedResponse<Body>> {
    const at = now();
    const expiresAt = new Date(at.getTime() + RETENTION_MS);
    const row = { hash: sha256(context), tenantId, requestHash, now: at, expiresAt };
    const result = await requests.once(row, async (records) => {
      const body = await work(records);
      return { value: body, response: seal(body, key, context) };
    });
    if (result.kind === 'done') return { body: result.value, isReplayed: false };
    if (result.kind === 'keyReused') {
      throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key belongs to an earlier request with another body.');
    }
    // The request hash contains the operation, whose responses have this type.
    return { body: unseal(result.response, key, context) as Body, isReplayed: true };
  }

  /** Runs the request of a handler once per key, and marks a repeated response. */
  async function idempotently<Body>(
    c: Context<AppEnv>,
    { key, body }: Pick<KeyedRequest, 'key' | 'body'>,
    work: (records: Records) => Promise<Body>,
  ): Promise<Body> {
    const operation = `${c.req.method} ${c.req.path}`;
    const response = await once({ identity: c.var.identity, key, operation, body }, work);
    if (response.isReplayed) c.header('Idempotency-Replayed', 'true');
    return response.body;
  }

  return { once, idempotently };
}

export type Idempotency<Records> = ReturnType<typeof createIdempotency<Records>>;

/** Returns what a key belongs to. Tokens of one person are separate, because they can have different rights. */
function ownerOf(identity: Identity): readonly (string | null)[] {
  return [tenantOf(identity), identity.principal.kind, idOf(identity.principal)];
}

function tenantOf({ membership }: Identity): string | null {
  return membership?.tenantId ?? null;
}

function idOf(principal: Principal): string | null {
  switch (principal.kind) {
    case 'anonymous':
      return null;
    case 'user':
      return principal.userId;
    case 'userToken':
    case 'serviceAccountToken':
      return principal.tokenId;
    case 'jwt':
      return JSON.stringify([principal.issuer, principal.subject]);
    default:
      return assertNever(principal);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns JSON that does not depend on the order of the fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
