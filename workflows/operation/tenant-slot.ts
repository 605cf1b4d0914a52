import { condition, getExternalWorkflowHandle, log, setHandler } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/names.ts';
import type { TurnOutcome } from '../../domain/operations/types.ts';
import { turnSignal } from './messages.ts';

/** For the word that never came: that of a run which was terminated, or parked, or died with its cluster. */
const ASK_AGAIN = '1m';

/** A tenant's provisions run some at a time: a run waits for its turn, and passes it on when it ends. */
export class Turn {
  #isCalled = false;

  constructor() {
    setHandler(turnSignal, () => {
      this.#isCalled = true;
    });
  }

  /** Waits until `ask` is answered with yes: asks when it is told that there is room, and every minute. */
  async come(ask: () => Promise<TurnOutcome>): Promise<void> {
    do {
      await condition(() => this.#isCalled, ASK_AGAIN);
      this.#isCalled = false;
    } while (!(await ask()).given);
  }

  /** Tells the run of the store that waits longest, if one does. */
  async pass(storeId: string | undefined): Promise<void> {
    if (storeId === undefined) return;
    try {
      await getExternalWorkflowHandle(workflowIdOf(storeId)).signal(turnSignal);
    } catch (error) {
      log.info('the turn could not be passed on: the next run asks by itself', { storeId, error });
    }
  }
}
