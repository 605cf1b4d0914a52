import { Hono } from 'hono';
import { html } from 'hono/html';
import type { AppEnv } from '../app-env.ts';
import { describePrincipal } from '../identity/me.ts';
import type { Me } from '../contract/identity.ts';
import type { Identification } from '../identity/identity.ts';
import { layout, type Html } from './layout.ts';
import { signedIn, type Identify } from './signed-in.ts';

/** The page that a person sees after the login. */
export function accountPage({ people, authentication }: Identification, identify: Identify) {
  const pages = new Hono<AppEnv>();
  pages.get('/account', async (c) =>
    signedIn(c, identify, async (identity) =>
      c.html(showAccount(await describePrincipal(people, identity, authentication))),
    ),
  );
  return pages;
}

function showAccount({ user, isOperator, tenants }: Me): Html {
  const rows = tenants.map(
    ({ tenantId, role }) =>
      html`<dt>${tenantId}</dt>
        <dd>${role}</dd>`,
  );
  const member =
    rows.length === 0
      ? html`<p class="note">You are a member of no tenant. Ask an admin for an invitation.</p>`
      : html`<p>Your tenants and roles:</p>
          <dl>${rows}</dl>`;
  return layout(
    user?.name ?? user?.email ?? 'Your account',
    html`<p>
        ${user === null ? 'Authentication is off.' : html`You are logged in${user.email === null ? '' : ` as ${user.email}`}.`}
        ${isOperator ? 'You operate this platform.' : ''}
      </p>
      ${member}
      <p>To use the command line, run <code>npx store-platform login</code>.</p>
      ${user === null ? html`` : html`<form method="post" action="/logout"><button class="plain">Log out</button></form>`}`,
  );
}
