import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../workflows/search-attributes.ts';

type OperatorService = Pick<Connection['operatorService'], 'listSearchAttributes' | 'addSearchAttributes'>;

/** `INDEXED_VALUE_TYPE_KEYWORD` of the Temporal API. */
const KEYWORD = 2;
/**
 * gRPC codes that are no errors here: ALREADY_EXISTS, PERMISSION_DENIED and UNIMPLEMENTED (Temporal Cloud). In the last two
 * cases the operator of the server registers the search attributes.
 */
const TOLERATED_CODES = new Set([6, 7, 12]);

/**
 * Registers the missing search attributes of the platform, where the server allows it. Temporal rejects the start of a run
 * that sets an unknown search attribute.
 */
export async function registerSearchAttributes(
  connection: { readonly operatorService: OperatorService },
  namespace: string,
): Promise<void> {
  const operator = connection.operatorService;
  try {
    const { customAttributes } = await operator.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !Object.hasOwn(customAttributes ?? {}, name));
    if (missing.length === 0) return;
    await operator.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || !TOLERATED_CODES.has(error.code)) throw error;
  }
}
