import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { isReachable } from '../../domain/clusters.ts';
import type { ClusterRecord, ClusterRecords } from '../../domain/ports/cluster-records.ts';
import type { AppEnv } from '../app-env.ts';
import {
  AddClusterBody,
  Cluster as ClusterSchema,
  ClusterList,
  ClusterParam,
  UpdateClusterBody,
  type Cluster,
} from '../contract/cluster.ts';
import { json } from '../contract/json-content.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

const listClusters = createRoute({
  operationId: 'listClusters',
  method: 'get',
  path: '/admin/clusters',
  summary: 'List the clusters',
  description: 'For operators. A worker registers its cluster when it starts.',
  responses: {
    200: { description: 'The clusters.', content: json(ClusterList) },
    ...problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

const addCluster = createRoute({
  operationId: 'addCluster',
  method: 'post',
  path: '/admin/clusters',
  summary: 'Add a cluster before its workers exist',
  description:
    'For operators. A store that is placed in the cluster waits for its workers, which have its name as the setting CLUSTER_NAME. As long as no worker reaches the cluster, new stores are placed in another one that has room.',
  middleware: optionalJson,
  request: { body: { content: json(AddClusterBody) } },
  responses: {
    201: { description: 'The cluster.', content: json(ClusterSchema) },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'INVALID_REQUEST',
      'MALFORMED_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'CLUSTER_EXISTS',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const updateCluster = createRoute({
  operationId: 'updateCluster',
  method: 'patch',
  path: '/admin/clusters/{name}',
  summary: 'Cordon or drain a cluster, or change its capacity or labels',
  description:
    'Fields that the body does not have stay as they are. A cluster that is cordoned, draining or full accepts no new stores, and changes nothing about those that it has.',
  middleware: optionalJson,
  request: { params: ClusterParam, body: { content: json(UpdateClusterBody) } },
  responses: {
    200: { description: 'The changed cluster.', content: json(ClusterSchema) },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'INVALID_REQUEST',
      'MALFORMED_JSON',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'CLUSTER_NOT_FOUND',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

/** The routes below `/admin/clusters`. */
export function clusterRoutes(clusters: ClusterRecords, now: () => Date) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listClusters, async (c) => {
    const at = now();
    return c.json({ data: (await clusters.list()).map((cluster) => toCluster(cluster, at)) }, 200);
  });

  routes.openapi(addCluster, async (c) => {
    const cluster = c.req.valid('json');
    const at = now();
    const added = await clusters.add(cluster, at);
    if (added === undefined) {
      throw new Problem('CLUSTER_EXISTS', `There is a cluster ${cluster.name}. To change it, send PATCH.`);
    }
    return c.json(toCluster(added, at), 201);
  });

  routes.openapi(updateCluster, async (c) => {
    const { name } = c.req.valid('param');
    const at = now();
    const updated = await clusters.update(name, c.req.valid('json'), at);
    if (updated === undefined) throw new Problem('CLUSTER_NOT_FOUND', `There is no cluster ${name}.`);
    return c.json(toCluster(updated, at), 200);
  });

  return routes;
}

function toCluster(record: ClusterRecord, now: Date): Cluster {
  const { name, uid, address, kubernetesVersion, nodes, labels, status, capacity, kubeconfigRef } = record;
  const { residentStores, openOperations } = record;
  return {
    name,
    uid,
    address,
    kubernetesVersion,
    nodes,
    labels,
    status,
    capacity,
    kubeconfigRef,
    residentStores,
    openOperations,
    isReachable: isReachable(record, now),
    lastSeenAt: record.lastSeenAt?.toISOString() ?? null,
  };
}
