import type { MedusaRequest, MedusaResponse } from '@medusajs/framework/http';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

interface PublishableKey {
  readonly token: string;
  readonly revoked_at: string | Date | null;
  readonly sales_channels_link?: readonly unknown[];
}

/**
 * Returns the publishable key for the storefront, or 503 when none is linked to a sales channel. Medusa generates the key and
 * stores it in its database. The key only selects the sales channel and every request of a page contains it, so it is not secret.
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
