import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Identity } from '../../domain/access/principal.ts';
import type { InvitationRecord } from '../../domain/ports/invitation-records.ts';
import type { AppEnv } from '../app-env.ts';
import { HOME } from '../auth/own-path.ts';
import { hashOf } from '../auth/secrets.ts';
import { AcceptInvitationBody } from '../contract/invitation.ts';
import { browserOf } from '../identity/browser.ts';
import type { Identification } from '../identity/identity.ts';
import type { Acceptance } from '../tenants/accept-invitation.ts';
import type { AuditPage } from './audit-page.ts';
import { fieldsOf, submit, validFields } from './form.ts';
import { errorMessage, layout, type Html } from './layout.ts';
import { localUserFields } from './login.ts';
import type { Identify } from './signed-in.ts';

const PATH = '/invitations/:secret';

interface Shown {
  readonly secret: string;
  readonly invitation: InvitationRecord;
  /** Undefined: the person is not logged in. */
  readonly identity: Identity | undefined;
  readonly message?: string | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}

/** The page on which a person accepts an invitation: as the user who is logged in, or as a new user with a password. */
export function invitationPage(
  { logins, cookie }: Identification,
  acceptance: Acceptance,
  { identify, audit }: { readonly identify: Identify; readonly audit: AuditPage },
) {
  const pages = new Hono<AppEnv>();

  pages.get(PATH, async (c) => {
    const secret = c.req.param('secret');
    const invitation = await acceptance.find(hashOf(secret));
    if (invitation === undefined) return c.html(invalidPage(), 404);
    return c.html(show({ secret, invitation, identity: await identify(c) }));
  });

  pages.post(PATH, async (c) => {
    const secret = c.req.param('secret');
    const hash = hashOf(secret);
    const invitation = await acceptance.find(hash);
    if (invitation === undefined) return c.html(invalidPage(), 404);
    const identity = await identify(c);
    const fields = await fieldsOf(c);
    return await submit(
      c,
      async () => {
        if (identity?.principal.kind === 'user') {
          const { principal } = identity;
          await acceptance.accept(hash, principal.userId);
          await audit(c, { principal, ...entryOf(invitation) });
        } else {
          const { user } = validFields(AcceptInvitationBody.required(), { secret, user: fields });
          const { userId } = await acceptance.acceptAsNewUser(hash, user);
          const session = await logins.startSession(userId, browserOf(c, cookie), 'login');
          const principal = { kind: 'user', userId, sessionId: session.sessionId } as const;
          await audit(c, { principal, ...entryOf(invitation) });
          cookie.set(c, session);
        }
        return c.redirect(HOME, 303);
      },
      (message) => show({ secret, invitation, identity, message, email: fields['email'], name: fields['name'] }),
    );
  });

  function show({ secret, invitation, identity, message, email, name }: Shown): Html {
    const { tenantId, role } = invitation;
    const path = `/invitations/${encodeURIComponent(secret)}`;
    const intro = html`${errorMessage(message)}
      <p>You are invited to the tenant <strong>${tenantId}</strong> with the role ${role}.</p>`;
    if (identity?.principal.kind === 'user') {
      const button = html`<form method="post" action="${path}"><button>Accept</button></form>`;
      return layout('Accept the invitation', html`${intro}${button}`);
    }
    const login = html`<p>
      <a href="/login?next=${encodeURIComponent(path)}">Log in</a> to accept as an existing user.
    </p>`;
    const isLocal = logins.methods.includes('local');
    const register = html`<p>Or create a user:</p>
      <form method="post" action="${path}">
        ${localUserFields({ email: email ?? invitation.email ?? '', name })}
        <button>Create the user and accept</button>
      </form>`;
    return layout('Accept the invitation', html`${intro}${login}${isLocal ? register : html``}`);
  }

  return pages;
}

function entryOf({ id, tenantId, role }: InvitationRecord) {
  return { action: 'acceptInvitation', tenantId, target: `invitation/${id}`, change: { role } };
}

function invalidPage(): Html {
  return layout(
    'The invitation is not valid',
    html`<p>The link is wrong, expired, revoked or used. Ask for a new invitation.</p>`,
  );
}
