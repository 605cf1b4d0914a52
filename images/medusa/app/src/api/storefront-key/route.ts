import type { MedusaRequest, MedusaResponse } from '@medusajs/framework/http';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

interface PublishableKey {
  readonly token: string;
  readonly revoked_at: string | Date | null;
  readonly sales_channels_link?: readonly unknown[];
}

/**
 * Tells the storefront which publishable key to send. Medusa draws that key at random and keeps it in its database; it
 * only says which sales channel a page sells for and is in every page's requests, so it needs no protection.
 */
export async function GET(request: MedusaRequest, response: MedusaResponse): Promise<void> {
  const query = request.scope.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({
    entity: 'api_key',
    fields: ['token', 'revoked_at', 'created_at', 'sales_channels_link.sales_channel_id'],
    filters: { type: 'publishable' },
    pagination: { order: { created_at: 'ASC' } },
  });
  const usable = (data as unknown as readonly PublishableKey[]).find(
    (key) => (key.revoked_at === null || new Date(key.revoked_at) > new Date()) && key.sales_channels_link?.length,
  );
  if (!usable) {
    response.status(503).json({ message: 'no publishable key is linked to a sales channel' });
    return;
  }
  response.json({ publishable_key: usable.token });
}
