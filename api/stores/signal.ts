import { actionableOf, versionOf, type StoreRecord } from '../../db/index.ts';
import { allowedActions, type SignalAction } from '../../domain/store/actions.ts';
import { mergeOverrides, parseOverrides, type OverrideChange } from '../../domain/store/overrides.ts';
import { Problem } from '../problems/problem.ts';
import {
  preconditionFailed,
  type Accepted,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

/** The decisions about a held provision. */
type HoldAction = Exclude<SignalAction, 'undelete'>;

export interface Decision {
  readonly action: HoldAction;
  /** Only `continue` takes overrides. */
  readonly overrides?: unknown;
}

/** Words for the message of a rejected action. */
const PAST_PARTICIPLES = {
  continue: 'continued',
  'skip-verification': 'continued without verification',
  abort: 'aborted',
} as const satisfies Record<HoldAction, string>;

export function signalVerb({ operations }: StoreServiceOptions, tools: VerbTools) {
  /** Signals the workflow run that waits for a decision. */
  return async function signal(
    request: RequestContext,
    storeId: string,
    { action, overrides }: Decision,
  ): Promise<Accepted> {
    const store = await tools.get(request, storeId);
    if (request.versions?.includes(versionOf(store)) === false) throw preconditionFailed(storeId);
    if (!allows(store, action)) throw tools.invalidState(store, PAST_PARTICIPLES[action]);
    const change = overrides === undefined ? undefined : validOverrides(store, overrides);
    const { operation } = store;
    if ((await operations.signal(storeId, { action, overrides: change })) === 'delivered') return { store, operation };
    const abandoned = await tools.get(request, storeId);
    // The run was terminated while it waited. Only a continue can be served by a new run.
    if (action !== 'continue' || !allows(abandoned, action)) {
      throw tools.invalidState(abandoned, PAST_PARTICIPLES[action]);
    }
    const changed =
      change === undefined ? abandoned : { ...abandoned, overrides: mergeOverrides(abandoned.overrides, change) };
    await tools.start(abandoned.operation.kind, request, changed);
    return { store: abandoned, operation: abandoned.operation };
  };
}

function allows(store: StoreRecord, action: HoldAction): boolean {
  return allowedActions(actionableOf(store)).includes(action);
}

/** @throws Problem INVALID_REQUEST that names every field that cannot be set. */
function validOverrides(store: StoreRecord, overrides: unknown): OverrideChange {
  const parsed = parseOverrides(store.engine, overrides);
  if (parsed.kind === 'valid') return parsed.change;
  const errors = parsed.problems.map(({ pointer, detail }) => ({
    in: 'body' as const,
    pointer: `/overrides${pointer}`,
    detail,
  }));
  throw new Problem('INVALID_REQUEST', `The overrides are not valid for a ${store.engine} store.`, {
    extensions: { errors },
  });
}
