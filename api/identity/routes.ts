import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { PeopleRecords } from '../../db/identity/people.ts';
import type { AppEnv } from '../app-env.ts';
import type { SessionCookie } from '../auth/session-cookie.ts';
import {
  ChangePasswordBody,
  LoginBody,
  Me,
  SessionList,
  SessionParam,
  SetupBody,
  StartedSession,
} from '../contract/identity.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses, publicProblemResponses } from '../problems/responses.ts';
import { browserOf } from './browser.ts';
import type { Logins, StartedSession as Started } from './logins.ts';
import { describePrincipal, userIdOf } from './me.ts';

export interface IdentityRoutes {
  readonly people: PeopleRecords;
  readonly logins: Logins;
  readonly cookie: SessionCookie;
  /** The setting AUTH. */
  readonly authentication: string;
  readonly now: () => Date;
}

const body = <T>(schema: T) => ({ body: { content: json(schema), required: true } });

const LOGIN_PROBLEMS = [
  'HOST_NOT_ALLOWED',
  'ORIGIN_REFUSED',
  'INVALID_REQUEST',
  'MALFORMED_JSON',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_TOO_LARGE',
  'LOGIN_METHOD_DISABLED',
  'LOGIN_THROTTLED',
  'DATABASE_UNAVAILABLE',
] as const;

const login = createRoute({
  operationId: 'login',
  method: 'post',
  path: '/login',
  summary: 'Log in with an email address and a password',
  description: 'The response sets the session cookie. A session that the browser had before ends.',
  request: body(LoginBody),
  responses: {
    200: { description: 'The session.', content: json(StartedSession) },
    ...publicProblemResponses('LOGIN_FAILED', ...LOGIN_PROBLEMS),
  },
});

const setUp = createRoute({
  operationId: 'setUp',
  method: 'post',
  path: '/setup',
  summary: 'Create the first operator',
  description:
    'Needs the token of the link that the API prints when it starts without an operator. The operator becomes an admin of the tenant `default-user` and is logged in.',
  request: body(SetupBody),
  responses: {
    201: { description: 'The session of the operator.', content: json(StartedSession) },
    ...publicProblemResponses('SETUP_LINK_INVALID', 'EMAIL_TAKEN', ...LOGIN_PROBLEMS),
  },
});

const logout = createRoute({
  operationId: 'logout',
  method: 'post',
  path: '/logout',
  summary: 'End the session of the request',
  description: 'Other credentials are not affected: revoke an API token instead.',
  responses: {
    204: { description: 'The session has ended.' },
    ...problemResponses('HOST_NOT_ALLOWED', 'ORIGIN_REFUSED', 'DATABASE_UNAVAILABLE'),
  },
});

const changePassword = createRoute({
  operationId: 'changePassword',
  method: 'post',
  path: '/password',
  summary: 'Change your password and end all your other sessions',
  description: 'Needs a browser session. API tokens stay valid.',
  request: body(ChangePasswordBody),
  responses: {
    204: { description: 'The password is changed.' },
    ...problemResponses(...LOGIN_PROBLEMS),
  },
});

const listSessions = createRoute({
  operationId: 'listSessions',
  method: 'get',
  path: '/sessions',
  summary: 'List your browser sessions, newest first',
  responses: {
    200: { description: 'All sessions that have not ended, at most 50.', content: json(SessionList) },
    ...problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

const endSession = createRoute({
  operationId: 'endSession',
  method: 'delete',
  path: '/sessions/{id}',
  summary: 'End one of your browser sessions',
  request: { params: SessionParam },
  responses: {
    204: { description: 'The session has ended.' },
    ...problemResponses('HOST_NOT_ALLOWED', 'ORIGIN_REFUSED', 'SESSION_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

const getMe = createRoute({
  operationId: 'getMe',
  method: 'get',
  path: '/me',
  summary: 'Return who you are, your tenants and your rights',
  responses: {
    200: { description: 'The principal of the request.', content: json(Me) },
    ...problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes with which people log in and out. */
export function identityRoutes({ people, logins, cookie, authentication, now }: IdentityRoutes) {
  const routes = new OpenAPIHono<AppEnv>();

  function withSession(c: Context<AppEnv>, session: Started) {
    cookie.set(c, session);
    const { sessionId, userId, expiresAt } = session;
    return { sessionId, userId, expiresAt: expiresAt.toISOString() };
  }

  routes.openapi(login, async (c) =>
    c.json(withSession(c, await logins.logIn(c.req.valid('json'), browserOf(c, cookie))), 200),
  );
  routes.openapi(setUp, async (c) =>
    c.json(withSession(c, await logins.setUp(c.req.valid('json'), browserOf(c, cookie))), 201),
  );
  routes.openapi(logout, async (c) => {
    const { presentSecret } = browserOf(c, cookie);
    if (c.var.identity.principal.kind === 'user' && presentSecret !== undefined) await logins.logOut(presentSecret);
    cookie.clear(c);
    return c.body(null, 204);
  });
  routes.openapi(changePassword, async (c) => {
    const { principal } = c.var.identity;
    if (principal.kind !== 'user') throw new Problem('FORBIDDEN', 'Log in with a browser to change your password.');
    const { userId, sessionId } = principal;
    const { address } = browserOf(c, cookie);
    await logins.changePassword({ userId, sessionId, address, ...c.req.valid('json') });
    return c.body(null, 204);
  });
  routes.openapi(listSessions, async (c) => {
    const { principal } = c.var.identity;
    const userId = userIdOf(principal);
    const sessions = userId === null ? [] : await people.listSessions(userId, now());
    const data = sessions.map(({ sessionId, userAgent, createdAt, lastUsedAt, expiresAt }) => ({
      sessionId,
      isCurrent: principal.kind === 'user' && principal.sessionId === sessionId,
      userAgent,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
    return c.json({ data }, 200);
  });
  routes.openapi(endSession, async (c) => {
    const userId = userIdOf(c.var.identity.principal);
    const { id: sessionId } = c.req.valid('param');
    if (userId === null || !(await people.endSession({ sessionId, userId }))) {
      throw new Problem('SESSION_NOT_FOUND', `You have no session ${sessionId}.`);
    }
    return c.body(null, 204);
  });
  routes.openapi(getMe, async (c) => c.json(await describePrincipal(people, c.var.identity, authentication), 200));
  return routes;
}
