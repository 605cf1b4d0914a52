import { StoreError } from '../../domain/failure.ts';
import type {
  RunState,
  StartKind,
  StartOptions,
  StartOutcome,
  StepRetry,
  StoreMessage,
  StoreOperations,
} from '../../domain/ports/store-operations.ts';
import type { OperationInput } from '../../domain/operations/inputs.ts';

export interface FakeRun {
  readonly kind: StartKind;
  readonly input: OperationInput;
  readonly runId: string;
  state: 'open' | 'completed' | 'failed';
  cancelRequested: boolean;
  readonly messages: StoreMessage[];
  tenantSlotSignals: number;
  /** The repetition of the present step. */
  retry: StepRetry | null;
}

/** An in-memory Temporal client for the API: at most one open run per store, with Temporal's id reuse policies. It can be unavailable. */
export class FakeStoreOperations implements StoreOperations {
  readonly runs: FakeRun[] = [];
  /** True: every call fails as it does when Temporal does not answer. */
  away = false;
  /** Stores for which every call fails as it does when Temporal rejects the request. Empty: none. */
  readonly rejected = new Set<string>();

  async start(kind: StartKind, input: OperationInput, { isFirst = false }: StartOptions = {}): Promise<StartOutcome> {
    this.#requireAnswer(input.store.storeId);
    const earlier = this.runsOf(input.store.storeId);
    if (!mayStart(earlier.at(-1), isFirst)) return { kind: 'alreadyStarted' };
    const runId = `run-${this.runs.length + 1}`;
    this.runs.push({
      kind,
      input,
      runId,
      state: 'open',
      cancelRequested: false,
      messages: [],
      tenantSlotSignals: 0,
      retry: null,
    });
    return { kind: 'started', runId };
  }

  async cancel(storeId: string): Promise<'requested' | 'notRunning'> {
    this.#requireAnswer(storeId);
    const open = this.runsOf(storeId).find((run) => run.state === 'open');
    if (open === undefined) return 'notRunning';
    open.cancelRequested = true;
    return 'requested';
  }

  async signal(storeId: string, message: StoreMessage): Promise<'delivered' | 'notRunning'> {
    this.#requireAnswer(storeId);
    const open = this.runsOf(storeId).find((run) => run.state === 'open');
    open?.messages.push(message);
    return open === undefined ? 'notRunning' : 'delivered';
  }

  async signalTenantSlot(storeId: string): Promise<'delivered' | 'notRunning'> {
    this.#requireAnswer(storeId);
    const open = this.runsOf(storeId).find((run) => run.state === 'open');
    if (open === undefined) return 'notRunning';
    open.tenantSlotSignals += 1;
    return 'delivered';
  }

  async observe(storeId: string): Promise<RunState> {
    this.#requireAnswer(storeId);
    const newest = this.runsOf(storeId).at(-1);
    if (newest === undefined) return { kind: 'unknown' };
    return newest.state === 'open' ? { kind: 'open' } : { kind: 'closed', at: null };
  }

  async retryOf(storeId: string, runId: string): Promise<StepRetry | null> {
    this.#requireAnswer(storeId);
    return this.runsOf(storeId).find((run) => run.runId === runId && run.state === 'open')?.retry ?? null;
  }

  async ping(): Promise<void> {
    this.#requireAvailable();
  }

  runsOf(storeId: string): readonly FakeRun[] {
    return this.runs.filter((run) => run.input.store.storeId === storeId);
  }

  /** Closes the open run of a store, as its workflow does. */
  close(storeId: string, state: 'completed' | 'failed'): void {
    for (const run of this.runsOf(storeId)) if (run.state === 'open') run.state = state;
  }

  #requireAnswer(storeId: string): void {
    this.#requireAvailable();
    if (!this.rejected.has(storeId)) return;
    throw new StoreError('ORCHESTRATOR_REJECTED', 'Temporal rejected the request: INVALID_ARGUMENT: a reason');
  }

  #requireAvailable(): void {
    if (this.away) throw new StoreError('ORCHESTRATOR_UNAVAILABLE', 'Temporal does not answer; try again shortly');
  }
}

function mayStart(newest: FakeRun | undefined, isFirst: boolean): boolean {
  if (newest === undefined) return true;
  if (newest.state === 'open') return false;
  return !isFirst;
}
