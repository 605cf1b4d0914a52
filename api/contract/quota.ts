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
      description: 'Operations that run at once. Further ones wait until a running one has ended.',
    }),
  })
  .openapi('Quota');
