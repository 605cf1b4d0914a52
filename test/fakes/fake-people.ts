import type { NewSession, OidcLogin, PeopleRecords, SubjectIdentity, User } from '../../db/identity/people.ts';
import type { Membership } from '../../domain/access/principal.ts';

type FakeUser = User & { passwordHash: string | null; isDisabled: boolean; isOperator: boolean };
type FakeSession = NewSession & { lastUsedAt: Date; idleUntil: Date };

/** The records of people in memory. `db/identity/people.stack.test.ts` checks the real ones. */
export class FakePeople implements PeopleRecords {
  readonly users = new Map<string, FakeUser>();
  readonly sessions = new Map<string, FakeSession>();
  readonly memberships = new Map<string, Membership[]>();
  readonly tenants = new Set<string>();
  readonly #oidcLogins = new Map<string, OidcLogin & { readonly expiresAt: Date }>();
  setupLink: { readonly hash: Buffer; readonly expiresAt: Date } | undefined;

  identityOfSession: PeopleRecords['identityOfSession'] = async ({ hash, requestedTenant, now }) => {
    const session = [...this.sessions.values()].find((each) => each.hash.equals(hash));
    const user = this.users.get(session?.userId ?? '');
    if (session === undefined || user === undefined || user.isDisabled) return undefined;
    if (session.expiresAt <= now || session.idleUntil <= now) return undefined;
    const { sessionId, userId, lastUsedAt } = session;
    const { isOperator } = user;
    return { sessionId, userId, lastUsedAt, isOperator, membership: this.#membership(user, requestedTenant) };
  };

  identityOfSubject: PeopleRecords['identityOfSubject'] = async (query): Promise<SubjectIdentity> => {
    const user = [...this.users.values()].find(({ issuer }) => issuer === query.issuer);
    return {
      userId: user?.userId ?? null,
      isOperator: user?.isOperator ?? false,
      isDisabled: user?.isDisabled ?? false,
      membership: user === undefined ? null : this.#membership(user, query.requestedTenant),
      claimedTenants: query.claimedTenants.filter((id) => this.tenants.has(id)),
    };
  };

  createSession: PeopleRecords['createSession'] = async (session) => {
    if (session.replacedHash !== undefined) await this.endSessionByHash(session.replacedHash);
    this.sessions.set(session.sessionId, { ...session, lastUsedAt: session.now });
  };

  touchSession: PeopleRecords['touchSession'] = async ({ sessionId, now, idleUntil }) => {
    const session = this.sessions.get(sessionId);
    if (session !== undefined) Object.assign(session, { lastUsedAt: now, idleUntil });
  };

  listSessions: PeopleRecords['listSessions'] = async (userId, now) =>
    [...this.sessions.values()]
      .filter((session) => session.userId === userId && session.expiresAt > now)
      .map(({ now: createdAt, ...session }) => ({ ...session, createdAt }));

  endSession: PeopleRecords['endSession'] = async ({ sessionId, userId }) =>
    this.sessions.get(sessionId)?.userId === userId && this.sessions.delete(sessionId);

  endSessionByHash: PeopleRecords['endSessionByHash'] = async (hash) => {
    for (const [id, session] of this.sessions) if (session.hash.equals(hash)) this.sessions.delete(id);
  };

  beginOidcLogin: PeopleRecords['beginOidcLogin'] = async (login) => {
    this.#oidcLogins.set(login.hash.toString('hex'), login);
  };

  endOidcLogin: PeopleRecords['endOidcLogin'] = async ({ hash, browserHash, now }) => {
    const login = this.#oidcLogins.get(hash.toString('hex'));
    if (login === undefined || !login.browserHash.equals(browserHash) || login.expiresAt <= now) return undefined;
    this.#oidcLogins.delete(hash.toString('hex'));
    return login.next;
  };

  replaceSetupLink: PeopleRecords['replaceSetupLink'] = async (link) => {
    if ([...this.users.values()].some(({ isOperator }) => isOperator)) return false;
    this.setupLink = link;
    return true;
  };

  isSetupLink: PeopleRecords['isSetupLink'] = async ({ hash, now }) =>
    this.setupLink !== undefined && this.setupLink.hash.equals(hash) && this.setupLink.expiresAt > now;

  createFirstOperator: PeopleRecords['createFirstOperator'] = async ({ hash, tenantId, user }) => {
    if (!(await this.isSetupLink({ hash, now: user.now }))) return 'linkInvalid';
    if ((await this.findLocalUser(user.email)) !== undefined) return 'emailTaken';
    const { userId, email, name, passwordHash } = user;
    this.users.set(userId, { userId, issuer: 'local', email, name, passwordHash, isOperator: true, isDisabled: false });
    this.tenants.add(tenantId);
    this.memberships.set(userId, [{ tenantId, role: 'admin' }]);
    this.setupLink = undefined;
    return 'created';
  };

  findLocalUser: PeopleRecords['findLocalUser'] = async (email) => {
    const user = [...this.users.values()].find(
      (each) => each.issuer === 'local' && !each.isDisabled && each.email?.toLowerCase() === email.toLowerCase(),
    );
    const { userId = '', passwordHash = null } = user ?? {};
    return passwordHash === null ? undefined : { userId, passwordHash };
  };

  findUser: PeopleRecords['findUser'] = async (userId) => this.users.get(userId);

  membershipsOf: PeopleRecords['membershipsOf'] = async (userId) =>
    (this.memberships.get(userId) ?? []).map((membership) => ({ ...membership, name: membership.tenantId }));

  changePassword: PeopleRecords['changePassword'] = async ({ userId, oldHash, newHash, keptSessionId }) => {
    const user = this.users.get(userId);
    if (user?.passwordHash !== oldHash) return false;
    user.passwordHash = newHash;
    for (const [id, session] of this.sessions) {
      if (session.userId === userId && id !== keptSessionId) this.sessions.delete(id);
    }
    return true;
  };

  recordSubject: PeopleRecords['recordSubject'] = async (subject) => {
    const { newUserId: userId, issuer, email, name, becomesOperator: isOperator } = subject;
    this.users.set(userId, { userId, issuer, email, name, isOperator, passwordHash: null, isDisabled: false });
    return { userId, isDisabled: false };
  };

  #membership({ userId, isOperator }: FakeUser, requestedTenant: string | undefined): Membership | null {
    const memberships = this.memberships.get(userId) ?? [];
    const found =
      requestedTenant === undefined ? memberships[0] : memberships.find(({ tenantId }) => tenantId === requestedTenant);
    if (found !== undefined) return found;
    const isOther = isOperator && requestedTenant !== undefined && this.tenants.has(requestedTenant);
    return isOther ? { tenantId: requestedTenant, role: 'admin' } : null;
  }
}
