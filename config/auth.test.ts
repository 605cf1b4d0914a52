import { describe, expect, test } from '@jest/globals';
import { loadConfig } from './index.ts';

const OIDC = { OIDC_ISSUER: 'https://login.example.com', OIDC_CLIENT_ID: 'store-platform' };

describe('the settings of the authentication', () => {
  test('ask for a local login unless something else is set', () => {
    expect(loadConfig({})).toMatchObject({ AUTH: 'local', SESSION_SECONDS: 43_200, SESSION_IDLE_SECONDS: 7_200 });
    expect(loadConfig({ AUTH: '' }).AUTH).toBe('local');
  });

  test.each([
    ['none', 'none'],
    ['oidc', 'oidc'],
    ['oidc, local', 'local,oidc'],
  ])('read AUTH=%j as %s', (AUTH, expected) => {
    expect(loadConfig({ ...OIDC, AUTH }).AUTH).toBe(expected);
  });

  test.each(['None', 'none,local', 'ldap', 'local,local'])('reject AUTH=%j', (AUTH) => {
    expect(() => loadConfig({ ...OIDC, AUTH })).toThrow('AUTH: must be none, local, oidc or local,oidc');
  });

  test.each([
    [{ AUTH: 'oidc' }, 'OIDC_ISSUER: must be set with AUTH=oidc'],
    [{ ...OIDC, AUTH: 'oidc', OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID: must be set with AUTH=oidc'],
    [{ ...OIDC, AUTH: 'oidc', OIDC_ISSUER: 'http://login.example.com' }, 'OIDC_ISSUER: must be an https URL'],
    [{ ...OIDC, AUTH: 'oidc', OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER: must be an https URL'],
    [{ ...OIDC, AUTH: 'oidc', OIDC_AUDIENCE: 'store-platform' }, 'OIDC_AUDIENCE: must differ from OIDC_CLIENT_ID'],
    [{ OIDC_TENANT_CLAIM: 'tenant' }, 'OIDC_ROLE_CLAIM: must be set together with OIDC_TENANT_CLAIM'],
    [{ OIDC_ROLE_MAPPING: 'admins=root' }, 'OIDC_ROLE_MAPPING'],
    [{ OIDC_ROLE_MAPPING: 'admins' }, 'OIDC_ROLE_MAPPING'],
    [{ OIDC_OPERATOR_EMAILS: 'ada' }, 'OIDC_OPERATOR_EMAILS.0: must be email addresses'],
    [{ PUBLIC_URL: 'https://stores.example.com/path' }, 'PUBLIC_URL: must be an origin'],
    [{ PUBLIC_URL: 'stores.example.com' }, 'PUBLIC_URL: must be an origin'],
  ])('reject %j with the name of the setting', (env, problem) => {
    expect(() => loadConfig(env)).toThrow(problem);
  });

  test('accept an issuer on this machine over http', () => {
    expect(loadConfig({ ...OIDC, AUTH: 'oidc', OIDC_ISSUER: 'http://127.0.0.1:9000' }).OIDC_ISSUER).toBe(
      'http://127.0.0.1:9000',
    );
  });

  test('read lists of roles and addresses', () => {
    const config = loadConfig({
      OIDC_ROLE_MAPPING: 'shop-admins=admin, cn=ops;dc=x=operator',
      OIDC_OPERATOR_EMAILS: 'Ada@Example.com, grace@example.com',
      PUBLIC_URL: 'https://Stores.example.com:443/',
    });
    expect(config.OIDC_ROLE_MAPPING).toEqual([
      ['shop-admins', 'admin'],
      ['cn=ops;dc=x', 'operator'],
    ]);
    expect(config.OIDC_OPERATOR_EMAILS).toEqual(['ada@example.com', 'grace@example.com']);
    expect(config.PUBLIC_URL).toBe('https://stores.example.com');
  });
});
