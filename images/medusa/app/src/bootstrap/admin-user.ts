import { createUserAccountWorkflow } from '@medusajs/medusa/core-flows';
import { Modules } from '@medusajs/framework/utils';
import type { BootstrapContext } from './context';

/**
 * Creates the admin user unless it exists. Medusa's own `user` command creates the user before the identity, and after a crash in
 * between it fails on every retry. This function creates the identity first and reuses an existing one.
 *
 * @throws Error when Medusa rejects the credentials.
 */
export async function ensureAdminUser({ container, logger, settings }: BootstrapContext): Promise<void> {
  const { email } = settings.admin;
  const users = container.resolve(Modules.USER);
  const [user] = await users.listUsers({ email });
  if (user) return;
  const authIdentityId = await ensureAuthIdentity({ container, logger, settings });
  await createUserAccountWorkflow(container).run({ input: { authIdentityId, userData: { email } } });
  logger.info('bootstrap: created the admin user');
}

async function ensureAuthIdentity({ container, settings }: BootstrapContext): Promise<string> {
  const auth = container.resolve(Modules.AUTH);
  const { email, password } = settings.admin;
  const [known] = await auth.listProviderIdentities({ entity_id: email, provider: 'emailpass' });
  if (known?.auth_identity_id) return known.auth_identity_id;
  const { authIdentity, error } = await auth.register('emailpass', {
    body: { email, password },
  });
  if (!authIdentity) throw new Error(`Medusa rejected the credentials of the admin: ${error ?? 'it gave no reason'}`);
  return authIdentity.id;
}
