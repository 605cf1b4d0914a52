import type { StorePlatformClient } from '../client/index.ts';
import type { ConfigFile, StoredLogin } from './config-file.ts';
import type { Output } from './output/output.ts';

/** The client, the streams and the person behind a command. */
export interface CommandContext {
  readonly client: StorePlatformClient;
  /** The same client, whose requests Ctrl-C does not abort. */
  readonly uninterruptedClient: StorePlatformClient;
  readonly output: Output;
  /** Address of the API. */
  readonly url: string;
  readonly config: ConfigFile;
  /** The login for this address. Undefined: there is none, or the environment has a token. */
  readonly login: StoredLogin | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks a person a question. Undefined: no person is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Opens an address in the browser of the person. */
  readonly openUrl: (url: string) => Promise<void>;
}
