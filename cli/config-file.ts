import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from './exit-codes.ts';

/** A login of this machine. */
export interface StoredLogin {
  /** Address of the API. The token is sent to no other one. */
  readonly url: string;
  readonly token: string;
  readonly tokenId: string;
  readonly tenantId: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The file with the login. Only its owner may read it. */
export class ConfigFile {
  /** Undefined: the user has no home folder. */
  readonly #path: string | undefined;

  constructor(env: Env) {
    const home = env['HOME'] ?? env['USERPROFILE'];
    const folder = env['XDG_CONFIG_HOME'] || (home === undefined ? undefined : join(home, '.config'));
    this.#path = folder === undefined ? undefined : join(folder, 'store-platform', 'config.json');
  }

  /** Returns the login, or undefined if there is none. @throws UsageError if the file cannot be read. */
  async read(): Promise<StoredLogin | undefined> {
    if (this.#path === undefined) return undefined;
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new UsageError(`The file ${this.#path} cannot be read: ${error.message}`);
    });
    if (text === undefined) return undefined;
    const login = parse(text);
    if (login === undefined) throw new UsageError(`The file ${this.#path} is not valid. Delete it and log in again.`);
    return login;
  }

  /** Replaces the login, in one step: another command never reads half of it. */
  async write(login: StoredLogin): Promise<void> {
    if (this.#path === undefined) throw new UsageError('There is no home folder. Set XDG_CONFIG_HOME.');
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.${randomUUID()}`;
    await writeFile(draft, `${JSON.stringify(login, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, this.#path);
  }

  async clear(): Promise<void> {
    if (this.#path !== undefined) await rm(this.#path, { force: true });
  }
}

function parse(text: string): StoredLogin | undefined {
  try {
    const { url, token, tokenId, tenantId } = JSON.parse(text) as Record<keyof StoredLogin, unknown>;
    const fields = [url, token, tokenId, tenantId];
    if (!fields.every((field) => typeof field === 'string')) return undefined;
    const [first = '', second = '', third = '', fourth = ''] = fields;
    return { url: first, token: second, tokenId: third, tenantId: fourth };
  } catch {
    return undefined;
  }
}
