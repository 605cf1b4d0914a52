import { z } from '@hono/zod-openapi';

const Check = z.strictObject({
  status: z.enum(['up', 'down']),
  reason: z.string().optional().openapi({ description: 'Why the service is down.' }),
});

/** The services that a process needs, by name. */
export const Checks = z
  .record(z.string(), Check)
  .readonly()
  .openapi({
    example: { database: { status: 'up' }, temporal: { status: 'down', reason: 'Temporal does not answer' } },
  });
