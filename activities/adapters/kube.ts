import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  CustomObjectsApi,
  KubernetesObjectApi,
  type KubernetesObject,
  PatchStrategy,
  type RequestContext,
  ServerConfiguration,
  VersionApi,
} from '@kubernetes/client-node';
import { MANAGER } from '../../domain/names.ts';
import { timeLimit } from '../../domain/time-limit.ts';
import type { TraceCall } from '../../telemetry/tracing/tracing.ts';
import { attemptSignal } from '../runtime/activity-context.ts';
import { type ClusterAccess, openClusterAccess } from './cluster-access.ts';
import { type ForwardTarget, forwardPort } from './kube-forward.ts';
import { credentialError, freshContinueToken, httpStatusOf, translateKubeError } from './kube-errors.ts';
import { type WatchEvent, watchPath } from './kube-watch.ts';
import type { KubeconfigSource } from './kubeconfig-files.ts';
import { tracedLibrary } from './kube-trace.ts';
import { nameOf, referenceOf, uidOf } from './object-identity.ts';

export type { WatchEvent } from './kube-watch.ts';

/** Time limit of one call, so that a cluster that hangs does not block an activity. */
const CALL_TIMEOUT_MS = 10_000;

/** A field manager that owns no field: an apply as this manager adds and changes fields but removes none. */
const TRIAL_MANAGER = `${MANAGER}-trial`;

/** HTTP statuses that the caller handles: not found, or conflict. */
type Expected = 404 | 409;

/** The Kubernetes API for activities. `what` completes the sentence "the cluster refused to …" in error messages. */
export interface Kube {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly version: VersionApi;
  /** URL of the API server, as the kubeconfig has it. */
  readonly server: string;
  /** Runs a request. @throws StoreError, or CancelledFailure when the activity is cancelled. */
  call<T>(what: string, request: () => Promise<T>): Promise<T>;
  /** Like `call`, but returns undefined for the given HTTP statuses. */
  callUnless<T>(
    status: Expected | readonly Expected[],
    what: string,
    request: () => Promise<T>,
  ): Promise<T | undefined>;
  /**
   * Lists one page of a collection. `after` is the continue token of the previous page, null for the first page. When
   * the token has expired, the list continues at the same place with the objects that exist now.
   */
  callPage<T>(
    what: string,
    after: string | null,
    list: (page: { readonly _continue?: string }) => Promise<T>,
  ): Promise<T>;
  /** Server-side apply as the platform, or `as` another field manager. A second apply changes nothing. */
  apply<T extends KubernetesObject>(object: T, options?: { readonly as?: string }): Promise<T>;
  /** Dry run of `apply`: returns the object with defaults and admission, and changes nothing. */
  tryApply<T extends KubernetesObject>(object: T): Promise<T>;
  /**
   * Deletes this object, with its UID as precondition. An absent object is success. `gracePeriodSeconds` replaces the
   * grace period of a pod.
   */
  remove(object: KubernetesObject, options?: { readonly gracePeriodSeconds?: number }): Promise<void>;
  /**
   * Lists the objects of a kind in a namespace from the cache of the API server, which costs etcd nothing. They may be some
   * seconds old. Empty when the cluster does not know the kind.
   */
  listCached(
    kind: Pick<KubernetesObject, 'apiVersion' | 'kind'>,
    namespace: string,
  ): Promise<readonly KubernetesObject[]>;
  /** Reads the object of this kind, name and namespace. Returns undefined when it does not exist. */
  read(object: KubernetesObject): Promise<KubernetesObject | undefined>;
  /** Merge patch. Returns undefined when the object has a `resourceVersion` that is not the current one. */
  merge<T extends KubernetesObject>(object: T): Promise<T | undefined>;
  /**
   * Streams the objects below an API path and their changes until `signal` aborts. Calls `onEnd` when the stream ends
   * for another reason.
   */
  watch(input: {
    readonly path: string;
    readonly signal: AbortSignal;
    readonly onEvent: (event: WatchEvent) => void;
    readonly onEnd: () => void;
  }): void;
  /** Returns whether the API server serves a custom kind. */
  servesKind(kind: { readonly group: string; readonly version: string; readonly kind: string }): Promise<boolean>;
  /** Opens a connection to a port of a pod through the Kubernetes API. @throws StoreError CLUSTER_UNAVAILABLE */
  forward(target: ForwardTarget): Promise<Duplex>;
}

/**
 * Opens a cluster by the name of its context.
 *
 * @throws Error when the kubeconfig has no such context. There is no default.
 */
export function openKube(
  options: KubeconfigSource & {
    readonly callTimeoutMs?: number;
    /** Records a span for each request. Default: nothing does. */
    readonly traceCall?: TraceCall | undefined;
  },
): Kube {
  const access = openClusterAccess(options);
  const timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const authMethods = { default: authentication(access) };
  const configurationWith = (change: (request: RequestContext) => RequestContext) => {
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(access.server, {}),
      authMethods,
      promiseMiddleware: [
        {
          pre: async (request) => withDeadline(change(request), timeoutMs),
          post: async (response) => {
            if (response.httpStatusCode === 401) access.discardCredentials();
            return response;
          },
        },
      ],
    });
    if (options.traceCall === undefined) return configuration;
    return { ...configuration, httpApi: tracedLibrary(configuration.httpApi, options.traceCall) };
  };
  const configuration = configurationWith((request) => request);
  const objects = new KubernetesObjectApi(configuration);
  const custom = new CustomObjectsApi(configuration);
  const cachedObjects = new KubernetesObjectApi(configurationWith(fromCache));

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

  async function listCached(
    { apiVersion = 'v1', kind = '' }: Pick<KubernetesObject, 'apiVersion' | 'kind'>,
    namespace: string,
  ): Promise<readonly KubernetesObject[]> {
    const list = await callUnless(404, `list the objects of kind ${kind} in ${namespace}`, () =>
      cachedObjects.list(apiVersion, kind, namespace),
    );
    // Items of a list carry no kind.
    return (list?.items ?? []).map((item) => Object.assign(item, { apiVersion, kind }));
  }

  async function remove(
    object: KubernetesObject,
    deletion: { readonly gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    const body = { preconditions: { uid: uidOf(object) }, propagationPolicy: 'Background', ...deletion };
    await callUnless(404, `delete ${referenceOf(object)}`, () =>
      objects.delete(object, undefined, undefined, undefined, undefined, undefined, body),
    );
  }

  async function servesKind({ group, version, kind }: Parameters<Kube['servesKind']>[0]): Promise<boolean> {
    const found = await callUnless(404, `list the kinds of ${group}/${version}`, () =>
      custom.getAPIResources({ group, version }),
    );
    return found?.resources.some((resource) => resource.kind === kind) === true;
  }

  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    version: new VersionApi(configuration),
    server: access.server,
    call,
    callUnless,
    callPage,
    apply: (object, { as = MANAGER } = {}) => apply(object, as),
    tryApply: (object) => apply(object, TRIAL_MANAGER, 'All'),
    remove,
    listCached,
    read,
    merge,
    watch: (input) => watchPath(access, input),
    servesKind,
    forward: (target) => forwardPort(access, target),
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

async function callPage<T>(
  what: string,
  after: string | null,
  list: (page: { readonly _continue?: string }) => Promise<T>,
): Promise<T> {
  if (after === null) return call(what, () => list({}));
  return call(what, async () => {
    try {
      return await list({ _continue: after });
    } catch (error) {
      if (httpStatusOf(error) !== 410) throw error;
      const fresh = freshContinueToken(error);
      return list(fresh === undefined ? {} : { _continue: fresh });
    }
  });
}

/** Lets the API server answer from its cache. `KubernetesObjectApi.list` has no parameter for it. */
function fromCache(request: RequestContext): RequestContext {
  request.setQueryParam('resourceVersion', '0');
  return request;
}

function withDeadline(request: RequestContext, timeoutMs: number): RequestContext {
  const signals = [timeLimit(timeoutMs), attemptSignal(), request.getSignal()];
  request.setSignal(AbortSignal.any(signals.filter((signal) => signal !== undefined)));
  return request;
}

/**
 * Authenticates with the kubeconfig and keeps connections alive: the client itself opens a new connection for each
 * call.
 */
function authentication(access: ClusterAccess) {
  let cached: { readonly agent: Agent; readonly key: string } | undefined;
  return {
    getName: () => 'kubeconfig',
    applySecurityAuthentication: async (request: RequestContext) => {
      try {
        await access.clientConfig().applySecurityAuthentication(request);
      } catch (error) {
        throw credentialError(error);
      }
      const agent = request.getAgent();
      if (agent?.constructor !== Agent) return; // a proxy's agent, or plain HTTP
      const { ca, cert, key, servername, rejectUnauthorized } = agent.options;
      const identity = JSON.stringify([ca, cert, key, servername, rejectUnauthorized].map(String));
      if (cached?.key !== identity) cached = { agent: new Agent({ ...agent.options, keepAlive: true }), key: identity };
      request.setAgent(cached.agent);
    },
  };
}
