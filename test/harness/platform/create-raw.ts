import { request } from 'node:https';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';

export interface KubeResponse {
  readonly status: number | undefined;
  readonly warnings: string | undefined;
  readonly body: unknown;
}

/** Sends an object to the Kubernetes API as it is. The client library drops fields that its own types do not have. */
async function send(config: KubeConfig, method: string, path: string, body?: object): Promise<KubeResponse> {
  const url = new URL(path, config.getCurrentCluster()?.server);
  const options = { method, headers: { 'content-type': 'application/json' } };
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, warnings: response.headers['warning'], body: JSON.parse(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/**
 * Creates an object. With `dryRun`, the API server checks it and stores nothing; a field that the kind does not have is an error.
 *
 * @returns the response of the API server. Its body is the object, or a `Status` with a message.
 */
export async function createRaw(
  config: KubeConfig,
  object: KubernetesObject,
  { namespace, dryRun = false }: { readonly namespace?: string; readonly dryRun?: boolean } = {},
): Promise<KubeResponse> {
  const root = object.apiVersion?.includes('/') === true ? `/apis/${object.apiVersion}` : '/api/v1';
  const { body } = await send(config, 'GET', root);
  const { resources = [] } = body as { resources?: readonly { name: string; kind: string; namespaced: boolean }[] };
  const resource = resources.find(({ name, kind }) => kind === object.kind && !name.includes('/'));
  if (resource === undefined)
    return { status: 404, warnings: undefined, body: { message: `${root} has no ${object.kind}` } };
  const place = resource.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
  const query = `fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
  return send(config, 'POST', `${root}${place}/${resource.name}?${query}`, object);
}
