import { z } from '@hono/zod-openapi';
import { NODE_KINDS } from '../../domain/store/store.ts';

/** Contract of the kind of a cluster's nodes. */
export const Nodes = z.enum(NODE_KINDS).openapi({
  description:
    'Kind of the nodes of the cluster. `simulated`: stores become ready, but no container runs and no store serves traffic. `unknown`: no node is ready, or no worker has registered the cluster.',
});
