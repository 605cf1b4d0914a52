import { createUserAccountWorkflow } from '@medusajs/medusa/core-flows';
import { Modules } from '@medusajs/framework/utils';
import type { BootstrapContext } from './context';

/**
 * The merchant's first log-in. Medusa's own `user` command makes the user before the identity and fails for ever after a
 * crash in between; here the identity comes first and is found again.
 */
export async function ensureAdminUser({ container, logger, settings }: BootstrapContext): Promise<void> {
  const { email } = settings.admin;
  const users = container.resolve(Modules.USER);
  const [user] = await users.listUsers({ email });
  if (user) return;
  const authIdentityId = await ensureAuthIdentity({ container, logger, settings });
  await createUserAccountWorkflow(container).run({ input: { authIdentityId, userData: { email } } });
  logger.info('bootstrap: made the admin user');
}

async function ensureAuthIdentity({ container, settings }: BootstrapContext): Promise<string> {
  const auth = container.resolve(Modules.AUTH);
  const { email, password } = settings.admin;
  const [known] = await auth.listProviderIdentities({ entity_id: email, provider: 'emailpass' });
  if (known?.auth_identity_id) return known.auth_identity_id;
  const { authIdentity, error } = await auth.register('emailpass', {
    body: { email, password },
  });
  if (!authIdentity) throw new Error(`the admin's log-in could not be made: ${error ?? 'no reason was given'}`);
  return authIdentity.id;
}
