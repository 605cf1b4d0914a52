import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { completeEnv, formatStackEnv, givenServices, readStackEnv, stackEnvFile, stateDirOf } from './stack-env.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stack-env-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the settings file of a stack', () => {
  test('returns every value exactly as it was written', async () => {
    const env = {
      DATABASE_URL: 'postgres://a:b%23c@127.0.0.1:1/d?x=1#y',
      KUBECONFIG: "/home/o'neil/my state/kubeconfig",
    };
    await writeFile(stackEnvFile(folder), formatStackEnv(env));
    expect(await readStackEnv(folder)).toEqual(env);
  });

  test('is empty when no stack runs', async () => {
    expect(await readStackEnv(join(folder, 'absent'))).toEqual({});
  });
});

test('the state folder is .state in the repository unless the environment names another', () => {
  expect(stateDirOf({ STORE_PLATFORM_STATE: '/var/stores' })).toBe('/var/stores');
  expect(stateDirOf({ STORE_PLATFORM_STATE: '' })).toBe(join(import.meta.dirname, '..', '.state'));
});

describe('completeEnv', () => {
  const stack = {
    DATABASE_URL: 'postgres://stack',
    TEMPORAL_ADDRESS: 'stack:7233',
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: '/stack.toml',
    KUBECONFIG: '/stack/kubeconfig',
    KUBE_CONTEXT: 'store-platform-local',
  };

  test('takes settings from the stack that the environment does not set', () => {
    expect(completeEnv({ PORT: '1', KUBE_CONTEXT: '' }, stack)).toEqual({ ...stack, PORT: '1' });
  });

  test('ignores the database of the stack when DB_HOST is set', () => {
    expect(completeEnv({ DB_HOST: 'db' }, stack)['DATABASE_URL']).toBeUndefined();
  });

  test('looks up KUBE_CONTEXT in the kubeconfig of the environment, never in that of the stack', () => {
    expect(completeEnv({ KUBE_CONTEXT: 'prod' }, stack)).toMatchObject({ KUBE_CONTEXT: 'prod' });
    expect(completeEnv({ KUBE_CONTEXT: 'prod' }, stack)['KUBECONFIG']).toBeUndefined();
  });

  test('uses the cluster of the stack when only KUBECONFIG is set', () => {
    expect(completeEnv({ KUBECONFIG: '/home/me/config' }, stack)).toMatchObject({
      KUBECONFIG: '/stack/kubeconfig',
      KUBE_CONTEXT: 'store-platform-local',
    });
    expect(completeEnv({ KUBECONFIG: '/home/me/config' }, {})['KUBECONFIG']).toBe('/home/me/config');
  });

  test('ignores all Temporal settings of the stack when a profile is set', () => {
    const merged = completeEnv({ TEMPORAL_PROFILE: 'cloud', TEMPORAL_CONFIG_FILE: '/mine.toml' }, stack);
    expect(merged).toMatchObject({ TEMPORAL_PROFILE: 'cloud', TEMPORAL_CONFIG_FILE: '/mine.toml' });
    expect([merged['TEMPORAL_ADDRESS'], merged['TEMPORAL_NAMESPACE']]).toEqual([undefined, undefined]);
  });
});

test.each([
  [{}, { database: false, temporal: false, cluster: false }],
  [
    { DATABASE_URL: 'x', TEMPORAL_PROFILE: 'y', KUBE_CONTEXT: 'z' },
    { database: true, temporal: true, cluster: true },
  ],
  [
    { DB_HOST: 'x', TEMPORAL_NAMESPACE: 'y', KUBECONFIG: 'z' },
    { database: true, temporal: false, cluster: false },
  ],
])('the environment %j configures the services %j', (env, given) => {
  expect(givenServices(env)).toEqual(given);
});
