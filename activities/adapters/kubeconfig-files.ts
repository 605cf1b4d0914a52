import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';

export type Fields = Readonly<Record<string, unknown>>;

/** Where the kubeconfig of a cluster is. */
export interface KubeconfigSource {
  readonly context: string;
  /** Paths of kubeconfig files, separated as in `KUBECONFIG`. Default: `.kube/config` in the home folder. */
  readonly kubeconfig?: string | undefined;
  /** The environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder with the token and the CA certificate of the pod's service account. */
  readonly serviceAccountFolder?: string;
}

/** The entries of one context. Their paths are absolute. */
export interface ContextEntries {
  readonly server: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

/** Name of the context that stands for the service account of the pod, unless a kubeconfig file defines it. */
export const IN_CLUSTER_CONTEXT = 'in-cluster';

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const CLUSTER_PATHS = ['certificate-authority'] as const;
const USER_PATHS = ['client-certificate', 'client-key', 'tokenFile'] as const;
/** The Kubernetes client cannot send these fields. Without them, it would act with other permissions than Helm. */
const UNSUPPORTED_USER_FIELDS = ['as-groups', 'as-uid', 'as-user-extra'] as const;

/** Returns the paths of the kubeconfig files in the order in which `kubectl` reads them. */
export function kubeconfigFiles({ kubeconfig, env = {} }: KubeconfigSource): readonly string[] {
  const files = (kubeconfig ?? '').split(delimiter).filter((file) => file !== '');
  return files.length > 0 ? files.map((file) => resolve(file)) : [join(env['HOME'] || homedir(), '.kube', 'config')];
}

/** Returns a text that changes when a kubeconfig file changes. */
export function kubeconfigFingerprint(source: KubeconfigSource): string {
  const stats = kubeconfigFiles(source).map((file) => statSync(file, { throwIfNoEntry: false }));
  return stats.map((stat) => (stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeMs}`)).join(' ');
}

/**
 * Reads the entries of a context. As for `kubectl`, several files are merged: the first file that defines a name wins,
 * and a missing file counts as empty. There is no default context.
 *
 * @throws Error that names the context and the files, when a file is not a kubeconfig or the context is incomplete.
 */
export function readContext(source: KubeconfigSource): ContextEntries {
  const { context } = source;
  const files = kubeconfigFiles(source);
  const documents = files.filter((file) => existsSync(file)).map(readDocument);
  const found = find(documents, 'contexts', 'context', context);
  if (found === undefined) {
    if (context === IN_CLUSTER_CONTEXT) return serviceAccountContext(source);
    const read = files.map((file) => (existsSync(file) ? file : `${file}, which does not exist`)).join('; ');
    throw new Error(
      `no kubeconfig has the context ${context}: set KUBE_CONTEXT to an existing context and KUBECONFIG to its file (KUBECONFIG is now ${read})`,
    );
  }
  const cluster = entry(documents, 'cluster', context, found.fields);
  const user = found.fields['user'] ? entry(documents, 'user', context, found.fields) : { fields: {}, folder: '' };
  const { server } = cluster.fields;
  if (typeof server !== 'string') throw new Error(`the cluster of the kubeconfig context ${context} has no server`);
  const unsupported = UNSUPPORTED_USER_FIELDS.find((field) => user.fields[field] !== undefined);
  if (unsupported !== undefined) {
    throw new Error(
      `the user of the kubeconfig context ${context} has the field ${unsupported}, which is not supported`,
    );
  }
  return {
    server: server.replace(/\/$/, ''),
    cluster: withAbsolutePaths(cluster, CLUSTER_PATHS),
    user: withAbsoluteCommand(withAbsolutePaths(user, USER_PATHS), user.folder),
  };
}

interface Document {
  readonly fields: Fields;
  /** Folder of the file. Relative paths in the file refer to it. */
  readonly folder: string;
}

function readDocument(file: string): Document {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
    // oxlint-disable-next-line preserve-caught-error -- the parser's error quotes the file, which contains credentials
    throw new Error(
      `the kubeconfig ${file} cannot be read: ${isSystemError ? String(error.code) : 'it is not valid YAML'}`,
    );
  }
  if (content === null) return { fields: {}, folder: dirname(file) }; // an empty file
  if (!isFields(content)) throw new Error(`the file ${file} is not a kubeconfig`);
  return { fields: content, folder: dirname(file) };
}

function entry(documents: readonly Document[], kind: 'cluster' | 'user', context: string, fields: Fields): Document {
  const name = fields[kind];
  const found = typeof name === 'string' ? find(documents, `${kind}s`, kind, name) : undefined;
  if (found === undefined) {
    throw new Error(`the kubeconfig does not contain the ${kind} of the context ${context}`);
  }
  return found;
}

/** Finds the entry with this name in a list of the documents, such as the field `cluster` of an item of `clusters`. */
function find(documents: readonly Document[], list: string, field: string, name: string): Document | undefined {
  for (const { fields, folder } of documents) {
    const items: unknown = fields[list];
    const item: unknown = Array.isArray(items)
      ? items.find((candidate) => isFields(candidate) && candidate['name'] === name)
      : undefined;
    if (isFields(item)) return { fields: isFields(item[field]) ? item[field] : {}, folder };
  }
  return undefined;
}

function withAbsolutePaths({ fields, folder }: Document, names: readonly string[]): Fields {
  const paths = names.flatMap((name) => {
    const path = fields[name];
    return typeof path === 'string' && path !== '' ? [[name, resolve(folder, path)] as const] : [];
  });
  return { ...fields, ...Object.fromEntries(paths) };
}

/** The command of a credential plugin is a path when it contains a separator, and a name in PATH otherwise. */
function withAbsoluteCommand(user: Fields, folder: string): Fields {
  const { exec } = user;
  if (!isFields(exec) || typeof exec['command'] !== 'string' || !exec['command'].includes(sep)) return user;
  return { ...user, exec: { ...exec, command: resolve(folder, exec['command']) } };
}

function serviceAccountContext({ env = {}, serviceAccountFolder }: KubeconfigSource): ContextEntries {
  const folder = serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const tokenFile = join(folder, 'token');
  if (host === '' || !existsSync(tokenFile)) {
    throw new Error(
      `KUBE_CONTEXT is ${IN_CLUSTER_CONTEXT}, but this process does not run in a pod with a service account: it needs KUBERNETES_SERVICE_HOST and the file ${tokenFile}`,
    );
  }
  const port = env['KUBERNETES_SERVICE_PORT'] || '443';
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  // Paths, not contents: the kubelet rotates the token in its file.
  return { server, cluster: { server, 'certificate-authority': join(folder, 'ca.crt') }, user: { tokenFile } };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
