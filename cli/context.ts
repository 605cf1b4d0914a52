import type { StorePlatformClient } from '../client/index.ts';
import type { Output } from './output/output.ts';

/** The client, the streams and the person behind a command. */
export interface CommandContext {
  readonly client: StorePlatformClient;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks a person a question. Undefined: no person is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Opens an address in the browser of the person. */
  readonly openUrl: (url: string) => Promise<void>;
}
