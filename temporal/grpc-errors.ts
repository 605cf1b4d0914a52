import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC code of a server that does not have the object. A set, because the enum of the codes belongs to a dependency. */
const NOT_FOUND: ReadonlySet<number> = new Set([5]);

/** Returns whether an error says that the Temporal server does not have the object. */
export function isNotFound(error: unknown): boolean {
  return isGrpcServiceError(error) && NOT_FOUND.has(error.code);
}
