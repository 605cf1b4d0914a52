import { Agent } from 'node:https';
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  PatchStrategy,
  type RequestContext,
  ServerConfiguration,
  Watch,
} from '@kubernetes/client-node';
import { MANAGER } from '../../domain/names.ts';
import { timeLimit } from '../../domain/time-limit.ts';
import { attemptSignal } from '../runtime/activity-context.ts';
import { httpStatusOf, translateKubeError } from './kube-errors.ts';
import { nameOf, referenceOf, uidOf } from './object-identity.ts';

/** Longest that one call may take: a cluster that hangs must not hang an activity. */
const CALL_TIMEOUT_MS = 10_000;

/** A manager that owns no field: an apply in its name adds and changes, and never takes a field away. */
const TRIAL_MANAGER = `${MANAGER}-trial`;

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As the cluster sent it: times are strings here, not dates. */
  readonly object: KubernetesObject;
}

/** Not there; or there already, or no longer as it was. */
type Expected = 404 | 409;

/** A cluster, as the activities see it. `what` completes the sentence "the cluster refused to …" in errors. */
export interface Kube {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  /** @throws StoreError, or CancelledFailure when the activity was cancelled meanwhile. */
  call<T>(what: string, request: () => Promise<T>): Promise<T>;
  /** Like `call`, but the given HTTP status, or any of several, is an answer: undefined. */
  callUnless<T>(
    status: Expected | readonly Expected[],
    what: string,
    request: () => Promise<T>,
  ): Promise<T | undefined>;
  /** Server-side apply as this platform, or `as` another field manager; repeating it changes nothing. */
  apply<T extends KubernetesObject>(object: T, options?: { readonly as?: string }): Promise<T>;
  /** What the object would become by `apply`, with nothing changed: defaults, admission and all. */
  tryApply<T extends KubernetesObject>(object: T): Promise<T>;
  /** Deletes this very object, by the UID that it carries; absent is success. A pod ends as it asks for, or within the given time. */
  remove(object: KubernetesObject, ending?: { readonly gracePeriodSeconds?: number }): Promise<void>;
  /** The object of this kind, name and namespace as it is now; undefined when there is none. */
  read(object: KubernetesObject): Promise<KubernetesObject | undefined>;
  /** Merges into an object; undefined when its `resourceVersion`, if given, is no longer the current one. */
  merge<T extends KubernetesObject>(object: T): Promise<T | undefined>;
  /** Streams changes below an API path, beginning with what is there, until `signal` aborts or the stream ends (then `onEnd`). */
  watch(input: {
    readonly path: string;
    readonly signal: AbortSignal;
    readonly onEvent: (event: WatchEvent) => void;
    readonly onEnd: () => void;
  }): void;
}

/**
 * Opens a cluster by the name of its context.
 *
 * @throws Error when the kubeconfig has no such context: a cluster is never guessed.
 */
export function openKube(options: {
  readonly context: string;
  /** File to take the context from; undefined: where kubectl would look. */
  readonly kubeconfig?: string | undefined;
  readonly callTimeoutMs?: number;
}): Kube {
  const config = loadContext(options);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`the context ${options.context} names a cluster that the kubeconfig lacks`);
  const timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: authentication(config) },
    promiseMiddleware: [
      { pre: async (request) => withDeadline(request, timeoutMs), post: async (response) => response },
    ],
  });
  const objects = new KubernetesObjectApi(configuration);

  function apply<T extends KubernetesObject>(object: T, manager: string, dryRun?: 'All'): Promise<T> {
    return call(`apply ${referenceOf(object)}`, () =>
      objects.patch(object, undefined, dryRun, manager, true, PatchStrategy.ServerSideApply),
    );
  }

  function merge<T extends KubernetesObject>(object: T): Promise<T | undefined> {
    return callUnless(409, `change ${referenceOf(object)}`, () =>
      objects.patch(object, undefined, undefined, MANAGER, undefined, PatchStrategy.MergePatch),
    );
  }

  async function read(object: KubernetesObject): Promise<KubernetesObject | undefined> {
    const { apiVersion = 'v1', kind } = object;
    if (kind === undefined) throw new Error(`${referenceOf(object)} has no kind`);
    // The client takes an empty namespace for an object of the cluster.
    const header = {
      apiVersion,
      kind,
      metadata: { name: nameOf(object), namespace: object.metadata?.namespace ?? '' },
    };
    return callUnless(404, `read ${referenceOf(object)}`, () => objects.read(header));
  }

  async function remove(
    object: KubernetesObject,
    ending: { readonly gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    const body = { preconditions: { uid: uidOf(object) }, propagationPolicy: 'Background', ...ending };
    await callUnless(404, `delete ${referenceOf(object)}`, () =>
      objects.delete(object, undefined, undefined, undefined, undefined, undefined, body),
    );
  }

  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    call,
    callUnless,
    apply: (object, { as = MANAGER } = {}) => apply(object, as),
    tryApply: (object) => apply(object, TRIAL_MANAGER, 'All'),
    remove,
    read,
    merge,
    watch: (input) => startWatch(config, input),
  };
}

async function call<T>(what: string, request: () => Promise<T>): Promise<T> {
  const signal = attemptSignal();
  signal?.throwIfAborted();
  try {
    return await request();
  } catch (error) {
    signal?.throwIfAborted();
    throw translateKubeError(what, error);
  }
}

async function callUnless<T>(
  status: Expected | readonly Expected[],
  what: string,
  request: () => Promise<T>,
): Promise<T | undefined> {
  const expected: readonly (number | undefined)[] = [status].flat();
  return call(what, async () => {
    try {
      return await request();
    } catch (error) {
      if (expected.includes(httpStatusOf(error))) return undefined;
      throw error;
    }
  });
}

function loadContext(options: { readonly context: string; readonly kubeconfig?: string | undefined }): KubeConfig {
  const config = new KubeConfig();
  if (options.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(options.kubeconfig);
  if (config.getContextObject(options.context) === null) {
    throw new Error(`the kubeconfig has no context ${options.context}; set KUBE_CONTEXT to one that it has`);
  }
  config.setCurrentContext(options.context);
  return config;
}

function withDeadline(request: RequestContext, timeoutMs: number): RequestContext {
  const signals = [timeLimit(timeoutMs), attemptSignal(), request.getSignal()];
  request.setSignal(AbortSignal.any(signals.filter((signal) => signal !== undefined)));
  return request;
}

/** The kubeconfig's credentials over connections that are kept: the client itself makes a new one, and a handshake, for each call. */
function authentication(config: KubeConfig) {
  let kept: { readonly agent: Agent; readonly key: string } | undefined;
  return {
    getName: () => config.getName(),
    applySecurityAuthentication: async (request: RequestContext) => {
      await config.applySecurityAuthentication(request);
      const made = request.getAgent();
      if (made?.constructor !== Agent) return; // a proxy's agent, or plain HTTP
      const { ca, cert, key, servername, rejectUnauthorized } = made.options;
      const identity = JSON.stringify([ca, cert, key, servername, rejectUnauthorized].map(String));
      if (kept?.key !== identity) kept = { agent: new Agent({ ...made.options, keepAlive: true }), key: identity };
      request.setAgent(kept.agent);
    },
  };
}

function startWatch(config: KubeConfig, input: Parameters<Kube['watch']>[0]): void {
  const { path, signal, onEvent, onEnd } = input;
  if (signal.aborted) return;
  const ended = () => {
    signal.removeEventListener('abort', stop);
    if (!signal.aborted) onEnd();
  };
  const opened = new Watch(config).watch(
    path,
    {},
    (type, object) => {
      if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') onEvent({ type, object });
    },
    ended,
  );
  // The stream can only be closed once it is open; the library hands out its handle no sooner.
  const stop = () => void opened.then((stream) => stream.abort()).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  opened.catch(ended);
}
