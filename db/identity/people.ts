import { translatingConnectionErrors } from '../connection/errors.ts';
import type { OpenDatabase } from '../connection/open-db.ts';
import { identityOfSession, identityOfSubject } from './identity-of.ts';
import * as sessions from './sessions.ts';
import * as setup from './setup.ts';
import * as users from './users.ts';

export type { SubjectIdentity } from './identity-of.ts';
export type { NewSession, OidcLogin } from './sessions.ts';
export type { User } from './users.ts';

type Query<F> = F extends (first: never, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** Records of people, their sessions and their logins. Every function throws StoreError DATABASE_UNAVAILABLE. */
export interface PeopleRecords {
  readonly identityOfSession: Query<typeof identityOfSession>;
  readonly identityOfSubject: Query<typeof identityOfSubject>;
  readonly createSession: Query<typeof sessions.createSession>;
  readonly touchSession: Query<typeof sessions.touchSession>;
  readonly listSessions: Query<typeof sessions.listSessions>;
  readonly endSession: Query<typeof sessions.endSession>;
  readonly endSessionByHash: Query<typeof sessions.endSessionByHash>;
  readonly beginOidcLogin: Query<typeof sessions.beginOidcLogin>;
  readonly endOidcLogin: Query<typeof sessions.endOidcLogin>;
  readonly replaceSetupLink: Query<typeof setup.replaceSetupLink>;
  readonly isSetupLink: Query<typeof setup.isSetupLink>;
  readonly createFirstOperator: Query<typeof setup.createFirstOperator>;
  readonly findLocalUser: Query<typeof users.findLocalUser>;
  readonly findUser: Query<typeof users.findUser>;
  readonly membershipsOf: Query<typeof users.membershipsOf>;
  readonly changePassword: Query<typeof users.changePassword>;
  readonly recordSubject: Query<typeof users.recordSubject>;
}

/** Creates the records of people on a database. */
export function createPeopleRecords({ db, pool }: Pick<OpenDatabase, 'db' | 'pool'>): PeopleRecords {
  return translatingConnectionErrors({
    identityOfSession: (query) => identityOfSession(pool, query),
    identityOfSubject: (query) => identityOfSubject(pool, query),
    createSession: (session) => sessions.createSession(db, session),
    touchSession: (use) => sessions.touchSession(db, use),
    listSessions: (userId, now) => sessions.listSessions(db, userId, now),
    endSession: (session) => sessions.endSession(db, session),
    endSessionByHash: (hash) => sessions.endSessionByHash(db, hash),
    beginOidcLogin: (login) => sessions.beginOidcLogin(db, login),
    endOidcLogin: (login) => sessions.endOidcLogin(db, login),
    replaceSetupLink: (link) => setup.replaceSetupLink(db, link),
    isSetupLink: (link) => setup.isSetupLink(db, link),
    createFirstOperator: (operator) => setup.createFirstOperator(db, operator),
    findLocalUser: (email) => users.findLocalUser(db, email),
    findUser: (userId) => users.findUser(db, userId),
    membershipsOf: (userId) => users.membershipsOf(db, userId),
    changePassword: (change) => users.changePassword(db, change),
    recordSubject: (subject) => users.recordSubject(db, subject),
  } satisfies PeopleRecords);
}
