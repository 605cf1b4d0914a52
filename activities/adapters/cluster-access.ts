import { KubeConfig, type User } from '@kubernetes/client-node';
import { inheritedEnvironment, pluginEnvironment } from './child-environment.ts';
import { type Credential, openCredentialPlugin } from './credential-plugin.ts';
import {
  type ContextEntries,
  type Fields,
  isFields,
  kubeconfigFingerprint,
  type KubeconfigSource,
  readContext,
} from './kubeconfig-files.ts';

/** Name of the authenticator that runs the exec plugin in place of the client library's, which runs it too often. */
const PLUGIN_PROVIDER = 'credential-plugin';
/** New credentials are requested at most once in this time, however many calls the API server rejects. */
const DISCARD_EVERY_MS = 5_000;

/**
 * The server and the credentials of one context. The Kubernetes client and Helm both use it, so they reach the same
 * cluster with the same identity. A change of the kubeconfig files takes effect at the next call. Only the server never
 * changes: a kubeconfig that names another server for the context is ignored until the process restarts.
 */
export interface ClusterAccess {
  readonly context: string;
  readonly server: string;
  /** Returns the configuration of the Kubernetes client, with the current credentials. */
  clientConfig(): KubeConfig;
  /** Returns the content of a kubeconfig file that has only this context, with the current credentials. */
  kubeconfig(): string;
  /** Returns the variables that the context's credential plugin needs; undefined when it has no plugin. */
  pluginEnvironment(): Readonly<Record<string, string>> | undefined;
  /** Makes the next call load the credentials again, because the API server rejected the current ones. */
  discardCredentials(): void;
}

/** Opens the access to a cluster. @throws Error when the kubeconfig has no complete context of this name. */
export function openClusterAccess(source: KubeconfigSource): ClusterAccess {
  const { context, env = {} } = source;
  let fingerprint = kubeconfigFingerprint(source);
  let entries = readContext(source);
  let config = clientConfigOf(context, entries, env);
  let discardedAtMs = 0;
  const { server } = entries;

  function refresh(): void {
    const changed = kubeconfigFingerprint(source);
    if (changed === fingerprint) return;
    const next = readOrUndefined(source);
    if (next === undefined) return; // the file is being written: the next call reads it again
    fingerprint = changed;
    if (next.server !== server) return;
    entries = next;
    config = clientConfigOf(context, entries, env);
  }

  return {
    context,
    server,
    clientConfig() {
      refresh();
      return config;
    },
    kubeconfig() {
      refresh();
      return kubeconfigOf(context, entries);
    },
    pluginEnvironment() {
      refresh();
      return isFields(entries.user['exec']) ? pluginEnvironment(env) : undefined;
    },
    discardCredentials() {
      if (Date.now() - discardedAtMs < DISCARD_EVERY_MS) return;
      discardedAtMs = Date.now();
      config = clientConfigOf(context, entries, env);
    },
  };
}

function readOrUndefined(source: KubeconfigSource): ContextEntries | undefined {
  try {
    return readContext(source);
  } catch {
    return undefined;
  }
}

/** Returns the configuration of the client library. The library caches tokens in it, so a new one has no old token. */
function clientConfigOf(
  context: string,
  entries: ContextEntries,
  env: Readonly<Record<string, string | undefined>>,
): KubeConfig {
  const config = new KubeConfig();
  const { exec, token, tokenFile, ...user } = entries.user;
  if (isFields(exec)) {
    const plugin = openCredentialPlugin(exec, entries, { ...inheritedEnvironment(env), ...pluginEnvironment(env) });
    config.addAuthenticator(pluginAuthenticator(plugin));
  }
  config.loadFromString(kubeconfigOf(context, { ...entries, user: { ...user, ...tokenOf(exec, token, tokenFile) } }));
  return config;
}

/** Returns the user's token in the form of the client library. The order of precedence is that of `kubectl`. */
function tokenOf(exec: unknown, token: unknown, tokenFile: unknown): Fields {
  if (tokenFile !== undefined) return { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
  if (token !== undefined) return { token };
  return isFields(exec) ? { 'auth-provider': { name: PLUGIN_PROVIDER } } : {};
}

function pluginAuthenticator(plugin: () => Promise<Credential>): Parameters<KubeConfig['addAuthenticator']>[0] {
  return {
    isAuthProvider: ({ authProvider }: User) => isFields(authProvider) && authProvider['name'] === PLUGIN_PROVIDER,
    applyAuthentication: async (_, options) => {
      const { token, certificate, key } = await plugin();
      if (token !== undefined)
        options.headers = Object.assign({}, options.headers, { Authorization: `Bearer ${token}` });
      if (certificate !== undefined) options.cert = certificate;
      if (key !== undefined) options.key = key;
    },
  };
}

function kubeconfigOf(context: string, { cluster, user }: ContextEntries): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster }],
    users: [{ name: context, user }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    'current-context': context,
  });
}
