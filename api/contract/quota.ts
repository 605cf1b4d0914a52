import { z } from '@hono/zod-openapi';

const Use = z.strictObject({
  limit: z.int().openapi({ description: 'The largest number that is allowed at once.' }),
  used: z.int().openapi({ description: 'The number at the moment.' }),
});

export const Quota = z
  .strictObject({
    tenantId: z.string(),
    stores: Use.openapi({ description: 'Stores that are not deleted.' }),
    runningOperations: Use.openapi({
      description:
        'Operations that run at once in a cluster: of several clusters, the one with the most. Further ones wait until a running one in their cluster has ended.',
    }),
  })
  .openapi('Quota');
