import { randomUUID } from 'node:crypto';
import type { PeopleRecords } from '../../db/identity/people.ts';
import type { AuditSink } from '../../domain/ports/audit.ts';
import { DEFAULT_TENANT } from '../auth/authenticator.ts';
import type { LoginLimiter } from '../auth/login-limiter.ts';
import { hashPassword, isPassword } from '../auth/passwords.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import { Problem } from '../problems/problem.ts';

const MAX_USER_AGENT_LENGTH = 300;

/** Ways in which people log in. */
export type LoginMethod = 'local' | 'oidc';

/** The browser that logs in. */
export interface Browser {
  /** Address of the client, or its network, for limits. */
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly correlationId: string;
  /** Secret of the session that the browser has now. It ends: a login always creates a new session. */
  readonly presentSecret: string | undefined;
}

/** A session that was created. The browser gets the secret, and no one else. */
export interface StartedSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly secret: string;
  readonly expiresAt: Date;
}

/** How a session began, for the audit log. */
export type LoginAction = 'login' | 'loginAtIssuer' | 'setUp';

export interface NewOperator {
  readonly token: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** Logs people in and out. The JSON routes and the pages use the same functions. */
export interface Logins {
  readonly methods: readonly LoginMethod[];
  /** @throws Problem LOGIN_METHOD_DISABLED */
  assertOffered(method: LoginMethod): void;
  /** @throws Problem LOGIN_FAILED, LOGIN_THROTTLED, LOGIN_METHOD_DISABLED */
  logIn(credentials: { readonly email: string; readonly password: string }, browser: Browser): Promise<StartedSession>;
  /** Starts the session of a person whom another service has authenticated. */
  startSession(userId: string, browser: Browser, action: LoginAction): Promise<StartedSession>;
  logOut(secret: string): Promise<void>;
  /** Returns whether a link can create the first operator. @throws Problem LOGIN_THROTTLED */
  isSetupToken(token: string, browser: Browser): Promise<boolean>;
  /** @throws Problem SETUP_LINK_INVALID, EMAIL_TAKEN, LOGIN_THROTTLED, LOGIN_METHOD_DISABLED */
  setUp(operator: NewOperator, browser: Browser): Promise<StartedSession>;
  /** Ends all other sessions of the person. @throws Problem INVALID_REQUEST, LOGIN_THROTTLED, LOGIN_METHOD_DISABLED */
  changePassword(change: {
    readonly userId: string;
    readonly sessionId: string;
    readonly oldPassword: string;
    readonly newPassword: string;
    readonly address: string;
  }): Promise<void>;
}

export interface LoginSettings {
  readonly people: PeopleRecords;
  readonly methods: readonly LoginMethod[];
  readonly limiter: LoginLimiter;
  readonly audit: AuditSink;
  /** Time after which a session ends. */
  readonly sessionMs: number;
  /** Time after which a session ends if it is not used. */
  readonly idleMs: number;
  readonly now: () => Date;
}

export function createLogins({ people, methods, limiter, audit, sessionMs, idleMs, now }: LoginSettings): Logins {
  function assertOffered(method: LoginMethod): void {
    if (methods.includes(method)) return;
    const offered =
      methods.length === 0 ? 'Authentication is off' : `The platform offers ${methods.join(' and ')} login`;
    throw new Problem('LOGIN_METHOD_DISABLED', `${offered}, and no ${method} login.`);
  }

  async function startSession(userId: string, browser: Browser, action: LoginAction): Promise<StartedSession> {
    const { secret, hash } = newSecret();
    const at = now();
    const expiresAt = new Date(at.getTime() + sessionMs);
    const sessionId = randomUUID();
    await people.createSession({
      sessionId,
      hash,
      userId,
      userAgent: browser.userAgent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
      replacedHash: browser.presentSecret === undefined ? undefined : hashOf(browser.presentSecret),
      now: at,
      idleUntil: new Date(at.getTime() + Math.min(idleMs, sessionMs)),
      expiresAt,
    });
    // Without an entry in the audit log, the browser does not get the secret.
    await audit.record({
      at,
      tenantId: null,
      principal: { kind: 'user', userId, sessionId },
      action,
      target: `user/${userId}`,
      outcome: 'succeeded',
      correlationId: browser.correlationId,
    });
    return { sessionId, userId, secret, expiresAt };
  }

  async function logIn(credentials: { readonly email: string; readonly password: string }, browser: Browser) {
    assertOffered('local');
    const attempt = { address: browser.address, account: credentials.email };
    await limiter.begin(attempt);
    const user = await people.findLocalUser(credentials.email);
    if (!(await isPassword(credentials.password, user?.passwordHash)) || user === undefined) {
      throw new Problem('LOGIN_FAILED', 'The email address or the password is wrong.');
    }
    await limiter.succeed(attempt);
    return await startSession(user.userId, browser, 'login');
  }

  async function isSetupToken(token: string, { address }: Browser): Promise<boolean> {
    if (!methods.includes('local')) return false;
    await limiter.begin({ address });
    const isValid = await people.isSetupLink({ hash: hashOf(token), now: now() });
    if (isValid) await limiter.succeed({ address });
    return isValid;
  }

  async function setUp({ token, email, name, password }: NewOperator, browser: Browser): Promise<StartedSession> {
    assertOffered('local');
    // The cheap check comes first: without a link, a request costs no password hash.
    if (!(await isSetupToken(token, browser))) throw invalidLink();
    const user = { userId: randomUUID(), email, name, passwordHash: await hashPassword(password), now: now() };
    const result = await people.createFirstOperator({ hash: hashOf(token), tenantId: DEFAULT_TENANT, user });
    if (result === 'linkInvalid') throw invalidLink();
    if (result === 'emailTaken') throw new Problem('EMAIL_TAKEN', `Another user has the email address ${email}.`);
    return await startSession(user.userId, browser, 'setUp');
  }

  const changePassword: Logins['changePassword'] = async (change) => {
    const { userId, sessionId, oldPassword, newPassword, address } = change;
    assertOffered('local');
    const attempt = { address, account: userId };
    await limiter.begin(attempt);
    const oldHash = (await people.findUser(userId))?.passwordHash ?? undefined;
    if (!(await isPassword(oldPassword, oldHash)) || oldHash === undefined) throw wrongPassword();
    const newHash = await hashPassword(newPassword);
    const isChanged = await people.changePassword({ userId, oldHash, newHash, keptSessionId: sessionId });
    if (!isChanged) throw wrongPassword();
    await limiter.succeed(attempt);
  };

  return {
    methods,
    assertOffered,
    logIn,
    startSession,
    logOut: (secret) => people.endSessionByHash(hashOf(secret)),
    isSetupToken,
    setUp,
    changePassword,
  };
}

function invalidLink(): Problem {
  return new Problem(
    'SETUP_LINK_INVALID',
    'The link is wrong, has expired or was used. Restart the API: it prints a new link while the platform has no operator.',
  );
}

function wrongPassword(): Problem {
  return new Problem('INVALID_REQUEST', 'The body is not valid. See `errors`.', {
    extensions: { errors: [{ in: 'body', pointer: '/oldPassword', detail: 'is not your password' }] },
  });
}
