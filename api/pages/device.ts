import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { Identity } from '../../domain/access/principal.ts';
import type { DeviceRecords } from '../../domain/ports/device-records.ts';
import type { AppEnv } from '../app-env.ts';
import { userIdOf } from '../identity/me.ts';
import type { Identification } from '../identity/identity.ts';
import { Problem } from '../problems/problem.ts';
import { userCodeOf } from '../tenants/user-code.ts';
import type { AuditPage } from './audit-page.ts';
import { fieldsOf, submit } from './form.ts';
import { errorMessage, field, hidden, layout, type Html } from './layout.ts';
import { signedIn, type Identify } from './signed-in.ts';

/** Decides about logins of the command line. */
export type DeviceDecisions = Pick<DeviceRecords, 'decideDeviceCode'>;

interface Choice {
  readonly tenantId: string;
  readonly name: string;
}

/** The page on which a person approves a login of the command line for one tenant. */
export function devicePage(
  { people, now }: Identification,
  devices: DeviceDecisions,
  { identify, audit }: { readonly identify: Identify; readonly audit: AuditPage },
) {
  const pages = new Hono<AppEnv>();

  pages.get('/device', async (c) =>
    signedIn(c, identify, async (identity) => {
      const userCode = c.req.query('user_code') ?? '';
      return c.html(approvePage({ userCode, tenants: await tenantsOf(identity) }));
    }),
  );

  pages.post('/device', async (c) =>
    signedIn(c, identify, async (identity) => {
      const { user_code: userCode = '', tenant, decision } = await fieldsOf(c);
      return await submit(
        c,
        async () => c.html(decidedPage(await decide(c, identity, { userCode, tenant, decision }))),
        async (message) => approvePage({ userCode, tenants: await tenantsOf(identity), message }),
      );
    }),
  );

  async function tenantsOf({ principal, membership }: Identity): Promise<readonly Choice[]> {
    const userId = userIdOf(principal);
    const tenants = userId === null ? [] : await people.membershipsOf(userId);
    if (tenants.length > 0 || membership === null) return tenants;
    return [{ tenantId: membership.tenantId, name: membership.tenantId }];
  }

  async function decide(
    c: Context<AppEnv>,
    { principal }: Identity,
    given: { readonly userCode: string; readonly tenant: string | undefined; readonly decision: string | undefined },
  ) {
    if (principal.kind !== 'user')
      throw new Problem('FORBIDDEN', 'Only a person who is logged in may approve a login.');
    const decision = given.decision === 'approve' ? ('approved' as const) : ('denied' as const);
    const userCode = userCodeOf(given.userCode);
    const tenantId = decision === 'approved' ? (given.tenant ?? null) : null;
    const { userId } = principal;
    const decided =
      userCode === undefined
        ? undefined
        : await devices.decideDeviceCode({ userCode, decision, userId, tenantId, now: now() });
    if (decided === undefined) {
      throw new Problem(
        'DEVICE_CODE_NOT_FOUND',
        'No login waits under this code, or you are not a member of the tenant. Compare the code with the one in your terminal.',
      );
    }
    const change = { decision, tenantId };
    await audit(c, { principal, action: 'decideDevice', tenantId: null, target: null, change });
    return { decision, ...decided };
  }

  return pages;
}

function approvePage(options: {
  readonly userCode: string;
  readonly tenants: readonly Choice[];
  readonly message?: string;
}): Html {
  const { userCode, tenants, message } = options;
  const choices = tenants.map(({ tenantId, name }) => html`<option value="${tenantId}">${name}</option>`);
  const tenantField =
    tenants.length === 1
      ? hidden('tenant', tenants[0]?.tenantId ?? '')
      : html`<label
          >Tenant
          <select name="tenant">
            ${choices}
          </select></label
        >`;
  return layout(
    'Log in on the command line',
    html`${errorMessage(message)}
      <p>
        Approve only if you have started this login yourself, and if your terminal shows the same code. The command line
        then acts with your rights.
      </p>
      <form method="post" action="/device">
        ${field({ name: 'user_code', label: 'Code', type: 'text', autocomplete: 'off', value: userCode, maxLength: 20 })}
        ${tenantField}
        <div class="actions">
          <button name="decision" value="approve">Approve</button>
          <button name="decision" value="deny" class="plain">Deny</button>
        </div>
      </form>`,
  );
}

function decidedPage({
  decision,
  clientName,
}: {
  readonly decision: 'approved' | 'denied';
  readonly clientName: string | null;
}): Html {
  const machine = clientName === null ? 'The command line' : `The command line on ${clientName}`;
  return decision === 'approved'
    ? layout('You are logged in', html`<p>${machine} is logged in. You can close this page.</p>`)
    : layout('The login is denied', html`<p>${machine} is not logged in. You can close this page.</p>`);
}
