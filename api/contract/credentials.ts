import { z } from '@hono/zod-openapi';
import { LOGIN_KINDS } from '../../domain/engines/index.ts';
import { EngineName } from './fields.ts';

/** The only resource with a secret. No other resource, event or log line contains one. */
export const StoreCredentials = z
  .strictObject({
    storeId: z.uuid(),
    engine: EngineName,
    admin: z
      .strictObject({
        url: z.url().nullable().openapi({
          example: 'http://acme-shoes-ec22c3a6cb7d.localhost/wp-admin/',
          description: 'Address of the admin pages. Null while the store is not ready.',
        }),
        login: z.string().openapi({ example: 'admin' }),
        loginKind: z.enum(LOGIN_KINDS).openapi({ description: 'The kind of name in `login`.' }),
        password: z.string().openapi({ example: 'k3Jf…' }),
      })
      .openapi({ description: 'The sign-in of the merchant to the admin pages of the store.' }),
    storefrontUrl: z.url().nullable().openapi({
      example: 'http://acme-shoes-ec22c3a6cb7d.localhost/',
      description: 'Address of the storefront. Null while the store is not ready.',
    }),
  })
  .openapi('StoreCredentials');
