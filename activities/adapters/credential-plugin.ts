import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { oneLine, redact } from '../runtime/redaction.ts';
import { type ContextEntries, type Fields, isFields } from './kubeconfig-files.ts';

/** Time limit of one run of the plugin. */
const PLUGIN_TIMEOUT_MS = 20_000;
/** A credential that expires within this time is replaced. */
const REFRESH_BEFORE_MS = 10_000;
/** Key of the cluster extension that a kubeconfig passes to the plugin. */
const CONFIG_EXTENSION = 'client.authentication.k8s.io/exec';

/** A credential that an exec plugin of a kubeconfig returned. */
export interface Credential {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/**
 * Returns a function that runs the exec plugin of a kubeconfig user. It keeps the credential until it expires, and
 * concurrent calls share one run. The plugin inherits only `env`.
 *
 * @throws Error from the returned function when the plugin fails.
 */
export function openCredentialPlugin(
  exec: Fields,
  entries: ContextEntries,
  env: Readonly<Record<string, string>>,
): () => Promise<Credential> {
  let known: { readonly credential: Credential; readonly refreshAtMs: number } | undefined;
  let running: Promise<Credential> | undefined;

  async function refresh(): Promise<Credential> {
    try {
      const status = await runPlugin(exec, entries, env);
      const credential = {
        token: textOf(status, 'token'),
        certificate: textOf(status, 'clientCertificateData'),
        key: textOf(status, 'clientKeyData'),
      };
      const expiresAtMs = Date.parse(textOf(status, 'expirationTimestamp') ?? '');
      known = { credential, refreshAtMs: Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs - REFRESH_BEFORE_MS };
      return credential;
    } finally {
      running = undefined;
    }
  }

  return async () => {
    if (known !== undefined && Date.now() < known.refreshAtMs) return known.credential;
    return (running ??= refresh());
  };
}

async function runPlugin(exec: Fields, entries: ContextEntries, env: Readonly<Record<string, string>>) {
  const command = textOf(exec, 'command') ?? '';
  const args: readonly unknown[] = Array.isArray(exec['args']) ? exec['args'] : [];
  const ended = await execa(command, args.map(String), {
    env: { ...env, ...ownEnvironment(exec), KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(exec, entries)) },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: PLUGIN_TIMEOUT_MS,
    maxBuffer: 256 * 1024,
  });
  if (ended.failed) {
    const reason = ended.timedOut
      ? `it did not end within ${PLUGIN_TIMEOUT_MS / 1_000} s`
      : oneLine(redact(ended.stderr)) || (ended.code ?? `exit code ${ended.exitCode}`);
    throw new Error(`the credential plugin ${command} failed: ${reason}`);
  }
  const status = statusOf(ended.stdout);
  if (status === undefined) throw new Error(`the credential plugin ${command} returned no ExecCredential`);
  return status;
}

/** The variables in `exec.env`, a list of names and values. */
function ownEnvironment(exec: Fields): Record<string, string> {
  const list: readonly unknown[] = Array.isArray(exec['env']) ? exec['env'] : [];
  return Object.fromEntries(list.filter(isFields).map(({ name, value }) => [String(name), String(value)]));
}

/** The object that the plugin protocol puts into KUBERNETES_EXEC_INFO. */
function execInfo(exec: Fields, { cluster }: ContextEntries): Fields {
  const base = { apiVersion: exec['apiVersion'], kind: 'ExecCredential' };
  if (exec['provideClusterInfo'] !== true) return { ...base, spec: { interactive: false } };
  const { 'certificate-authority': caFile, extensions, ...fields } = cluster;
  const ca = typeof caFile === 'string' ? { 'certificate-authority-data': readFileSync(caFile, 'base64') } : {};
  const list: readonly unknown[] = Array.isArray(extensions) ? extensions : [];
  const extension = list.filter(isFields).find(({ name }) => name === CONFIG_EXTENSION);
  const config = extension === undefined ? {} : { config: extension['extension'] };
  return { ...base, spec: { interactive: false, cluster: { ...fields, ...ca, ...config } } };
}

function statusOf(stdout: string): Fields | undefined {
  try {
    const answer: unknown = JSON.parse(stdout);
    return isFields(answer) && isFields(answer['status']) ? answer['status'] : undefined;
  } catch {
    return undefined;
  }
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
