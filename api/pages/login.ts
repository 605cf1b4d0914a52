import { Hono } from 'hono';
import { html } from 'hono/html';
import type { AppEnv } from '../app-env.ts';
import { ownPath } from '../auth/own-path.ts';
import { LoginBody, SetupBody } from '../contract/identity.ts';
import { MIN_PASSWORD_LENGTH } from '../auth/passwords.ts';
import { browserOf } from '../identity/browser.ts';
import type { Identification } from '../identity/identity.ts';
import { fieldsOf, submit, validFields } from './form.ts';
import { errorMessage, field, hidden, layout, type Html } from './layout.ts';

/** Texts for the reasons with which a login at the company issuer returns. */
const REASONS: Readonly<Record<string, string>> = {
  unavailable: 'The login of your company does not answer. Try again shortly.',
  expired: 'The login took too long, or it began in another browser. Try again.',
  refused: 'Your company refused the login, or its answer is not valid. Try again, or ask an operator.',
  disabled: 'Your user is disabled. Ask an operator.',
};

/** Pages with which people log in: `/login`, `/setup` and `/logout`. */
export function loginPages({ logins, cookie }: Identification) {
  const pages = new Hono<AppEnv>();

  pages.get('/login', (c) => {
    const { next, error } = c.req.query();
    const message = error === undefined ? undefined : (REASONS[error] ?? 'The login has failed. Try again.');
    return c.html(loginPage({ methods: logins.methods, next: ownPath(next), message }));
  });

  pages.post('/login', async (c) => {
    const { next, ...fields } = await fieldsOf(c);
    const target = ownPath(next);
    return await submit(
      c,
      async () => {
        cookie.set(c, await logins.logIn(validFields(LoginBody, fields), browserOf(c, cookie)));
        return c.redirect(target, 303);
      },
      (message) => loginPage({ methods: logins.methods, next: target, email: fields['email'], message }),
    );
  });

  pages.get('/setup', async (c) => {
    const token = c.req.query('token') ?? '';
    return await submit(
      c,
      async () =>
        (await logins.isSetupToken(token, browserOf(c, cookie)))
          ? c.html(setupPage({ token }))
          : c.html(invalidLinkPage(), 403),
      (message) => layout('Set up the platform', errorMessage(message)),
    );
  });

  pages.post('/setup', async (c) => {
    const fields = await fieldsOf(c);
    return await submit(
      c,
      async () => {
        cookie.set(c, await logins.setUp(validFields(SetupBody, fields), browserOf(c, cookie)));
        return c.redirect(ownPath(undefined), 303);
      },
      (message) => setupPage({ token: fields['token'] ?? '', email: fields['email'], name: fields['name'], message }),
    );
  });

  pages.post('/logout', async (c) => {
    const { presentSecret } = browserOf(c, cookie);
    if (presentSecret !== undefined) await logins.logOut(presentSecret);
    cookie.clear(c);
    return c.redirect('/login', 303);
  });

  return pages;
}

function loginPage(options: {
  readonly methods: readonly string[];
  readonly next: string;
  readonly email?: string | undefined;
  readonly message?: string | undefined;
}): Html {
  const { methods, next, email, message } = options;
  if (methods.length === 0) {
    return layout('Log in', html`<p class="note">Authentication is off: the API needs no login.</p>`);
  }
  const company = html`<p>
    <a class="button" href="/api/login/oidc?next=${encodeURIComponent(next)}">Log in with your company</a>
  </p>`;
  const local = html`<form method="post" action="/login">
    ${hidden('next', next)}
    ${field({ name: 'email', label: 'Email', type: 'email', autocomplete: 'username', value: email ?? '' })}
    ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', maxLength: 1_024 })}
    <button>Log in</button>
  </form>`;
  return layout(
    'Log in',
    html`${errorMessage(message)}${methods.includes('oidc') ? company : html``}${methods.includes('local') ? local : html``}`,
  );
}

function setupPage(options: {
  readonly token: string;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly message?: string | undefined;
}): Html {
  const { token, email, name, message } = options;
  return layout(
    'Create the first operator',
    html`${errorMessage(message)}
      <p>The first operator may do everything on this platform, and can invite others.</p>
      <form method="post" action="/setup">
        ${hidden('token', token)} ${localUserFields({ email, name })}
        <button>Create the operator</button>
      </form>`,
  );
}

function invalidLinkPage(): Html {
  return layout(
    'The link is not valid',
    html`<p>The link is wrong, has expired or was used.</p>
      <p>
        While the platform has no operator, each start of the API prints a new link. Otherwise
        <a href="/login">log in</a>.
      </p>`,
  );
}

/** Returns the fields of a new user with a password. */
export function localUserFields({
  email,
  name,
}: {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}): Html {
  return html`${field({ name: 'name', label: 'Name', type: 'text', autocomplete: 'name', value: name ?? '', maxLength: 63 })}
  ${field({ name: 'email', label: 'Email', type: 'email', autocomplete: 'username', value: email ?? '' })}
  ${field({
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'new-password',
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: 1_024,
    hint: `At least ${MIN_PASSWORD_LENGTH} characters.`,
  })}`;
}
