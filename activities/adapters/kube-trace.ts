import { type Configuration, type RequestContext, wrapHttpLibrary } from '@kubernetes/client-node';
import type { TraceCall } from '../../telemetry/tracing/tracing.ts';

type HttpLibrary = Configuration['httpApi'];

/** Absent, and changed or created by someone else: the code that sends the request expects these answers. */
const EXPECTED_REFUSALS: readonly number[] = [404, 409];
const RESOURCES = /\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(.+)$/;
const NAMESPACED = /^namespaces\/([^/]+)(?:\/(.+))?$/;

/**
 * Returns an HTTP library of the Kubernetes client that records a span for each request. The API server gets the context of
 * the span, and continues the trace if its own tracing is on.
 */
export function tracedLibrary(library: HttpLibrary, traceCall: TraceCall): HttpLibrary {
  return wrapHttpLibrary({
    send(request: RequestContext) {
      const { template, namespace } = describePath(new URL(request.getUrl()).pathname);
      const method = request.getHttpMethod();
      const attributes = {
        'http.request.method': method,
        'url.template': template,
        'k8s.namespace.name': namespace,
      };
      return traceCall({ name: `${method} ${template}`, kind: 'client', attributes }, async (span) => {
        for (const [name, value] of Object.entries(span?.headers ?? {})) request.setHeaderParam(name, value);
        const response = await library.send(request).toPromise();
        const { httpStatusCode: status } = response;
        span?.set({ 'http.response.status_code': status });
        if (status >= 400 && !EXPECTED_REFUSALS.includes(status)) span?.fail(String(status));
        return response;
      });
    },
  });
}

/**
 * Returns the path of a Kubernetes request without the names of objects, and its namespace. The prefix of the API group
 * is left out, because the kinds of the platform have different names.
 */
export function describePath(path: string): { readonly template: string; readonly namespace: string | undefined } {
  const resources = RESOURCES.exec(path)?.[1];
  if (resources === undefined) return { template: path, namespace: undefined }; // such as /version
  const [, namespace, rest] = NAMESPACED.exec(resources) ?? [];
  if (namespace === undefined) return { template: withoutName(resources), namespace: undefined };
  if (rest === undefined) return { template: 'namespaces/{name}', namespace };
  // `namespaces/x/status` and `namespaces/x/finalize` look like a list of a kind, but the platform sends neither.
  return { template: `namespaces/{namespace}/${withoutName(rest)}`, namespace };
}

/** `pods/web-1/log` → `pods/{name}/log` */
function withoutName(resource: string): string {
  const [kind = '', name, ...subresource] = resource.split('/');
  return name === undefined ? kind : [kind, '{name}', ...subresource].join('/');
}
