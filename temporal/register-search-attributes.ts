import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { StoreError } from '../domain/failure.ts';
import { SEARCH_ATTRIBUTE_NAMES } from '../workflows/search-attributes.ts';

type OperatorService = Pick<Connection['operatorService'], 'listSearchAttributes' | 'addSearchAttributes'>;
type Operator = { readonly operatorService: OperatorService };

/** Names of the types of search attributes, in the order of the enum `IndexedValueType` of the Temporal API. */
const TYPE_NAMES = ['unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const KEYWORD = TYPE_NAMES.indexOf('Keyword');
/**
 * gRPC codes that are no errors here: ALREADY_EXISTS, PERMISSION_DENIED and UNIMPLEMENTED (Temporal Cloud). In the last two
 * cases the operator of the server registers the search attributes.
 */
const TOLERATED_CODES = new Set([6, 7, 12]);

/** The search attributes of the platform as a namespace has them. */
export interface RegisteredSearchAttributes {
  readonly missing: readonly string[];
  /** One sentence about an attribute of another type, with what to do. */
  readonly wrong: string | undefined;
}

/** Reads the search attributes of a namespace. Where the server does not allow it, it returns no missing ones. */
export async function registeredSearchAttributes(
  connection: { readonly operatorService: Pick<OperatorService, 'listSearchAttributes'> },
  namespace: string,
): Promise<RegisteredSearchAttributes> {
  const found = await unlessTolerated(() => connection.operatorService.listSearchAttributes({ namespace }));
  if (found === undefined) return { missing: [], wrong: undefined };
  const types = new Map<string, number>(Object.entries(found.customAttributes ?? {}));
  const wrong = SEARCH_ATTRIBUTE_NAMES.find((name) => types.has(name) && types.get(name) !== KEYWORD);
  return {
    missing: SEARCH_ATTRIBUTE_NAMES.filter((name) => !types.has(name)),
    wrong:
      wrong === undefined
        ? undefined
        : `the search attribute ${wrong} of the Temporal namespace ${namespace} has the type ${TYPE_NAMES[types.get(wrong) ?? 0]} instead of Keyword: remove it with "temporal operator search-attribute remove --name ${wrong}", or set TEMPORAL_NAMESPACE to another one`,
  };
}

/**
 * Registers the missing search attributes of the platform, where the server allows it, and returns their names. Temporal
 * rejects the start of a run that sets an unknown search attribute.
 *
 * @throws StoreError ORCHESTRATOR_REJECTED when an attribute has another type.
 */
export async function registerSearchAttributes(connection: Operator, namespace: string): Promise<readonly string[]> {
  const { missing, wrong } = await registeredSearchAttributes(connection, namespace);
  if (wrong !== undefined) throw new StoreError('ORCHESTRATOR_REJECTED', wrong);
  if (missing.length === 0) return [];
  await unlessTolerated(() =>
    connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    }),
  );
  return missing;
}

async function unlessTolerated<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!isGrpcServiceError(error) || !TOLERATED_CODES.has(error.code)) throw error;
    return undefined;
  }
}
