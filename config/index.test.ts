import { describe, expect, test } from '@jest/globals';
import { describeSettings, loadConfig } from './index.ts';
import { tracingFrom } from './traces.ts';

describe('loadConfig', () => {
  test('returns the documented defaults for an empty environment', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ PORT: 3001, HOST: '127.0.0.1', MAX_STORES_PER_TENANT: 10, LOG_LEVEL: 'info' });
    expect(config.databaseUrl).toBe('postgres://store_platform@127.0.0.1:5432/store_platform');
    expect(config.KUBE_CONTEXT).toBeUndefined();
    expect(config.temporal.namespace).toBe('default');
  });

  test('prefers DATABASE_URL to the DB_ settings and escapes the DB_ settings in the URL', () => {
    expect(loadConfig({ DATABASE_URL: 'postgres://a/b', DB_HOST: 'c' }).databaseUrl).toBe('postgres://a/b');
    expect(loadConfig({ DB_HOST: 'db', DB_USER: 'me', DB_PASSWORD: 'p@ss/1' }).databaseUrl).toBe(
      'postgres://me:p%40ss%2F1@db:5432/store_platform',
    );
  });

  test('prefers the environment to the settings of the local stack', () => {
    const stack = { PORT: '4000', KUBE_CONTEXT: 'store-platform-local' };
    expect(loadConfig({ PORT: '5000' }, stack)).toMatchObject({ PORT: 5000, KUBE_CONTEXT: 'store-platform-local' });
    expect(loadConfig({ PORT: '' }, stack)).toMatchObject({ PORT: 4000 });
  });

  test('reads the Temporal settings in the same way as the Temporal tools', () => {
    const { temporal } = loadConfig({ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'shops' });
    expect(temporal).toMatchObject({ namespace: 'shops', connectionOptions: { address: 'temporal:7233' } });
  });

  test('has no limit for pods that no node can schedule unless one is set', () => {
    expect(loadConfig({}).UNSCHEDULABLE_SECONDS).toBeUndefined();
    expect(loadConfig({ UNSCHEDULABLE_SECONDS: '' }).UNSCHEDULABLE_SECONDS).toBeUndefined();
    expect(loadConfig({ UNSCHEDULABLE_SECONDS: '60' }).UNSCHEDULABLE_SECONDS).toBe(60);
    expect(() => loadConfig({ UNSCHEDULABLE_SECONDS: '0' })).toThrow('UNSCHEDULABLE_SECONDS');
  });

  test('requires the name and the build id of a worker version together', () => {
    const both = { WORKER_DEPLOYMENT: 'stores', WORKER_BUILD_ID: '42' };
    expect(loadConfig(both).deployment).toEqual({ name: 'stores', buildId: '42' });
    expect(loadConfig({}).deployment).toBeUndefined();
    expect(() => loadConfig({ WORKER_DEPLOYMENT: 'stores' })).toThrow('WORKER_BUILD_ID: must be set together with');
  });

  test('accepts the worker version as the Temporal Worker Controller sets it', () => {
    const controller = { TEMPORAL_DEPLOYMENT_NAME: 'platform/stores', TEMPORAL_WORKER_BUILD_ID: '0.1.0-6f96' };
    const expected = { name: 'platform/stores', buildId: '0.1.0-6f96' };
    expect(loadConfig(controller).deployment).toEqual(expected);
    const same = { WORKER_DEPLOYMENT: expected.name, WORKER_BUILD_ID: expected.buildId };
    expect(loadConfig({ ...controller, ...same }).deployment).toEqual(expected);
    expect(() => loadConfig({ TEMPORAL_WORKER_BUILD_ID: '1' })).toThrow('must be set together with WORKER_DEPLOYMENT');
    expect(() => loadConfig({ ...controller, ...same, WORKER_BUILD_ID: '2' })).toThrow(
      'WORKER_BUILD_ID: must equal TEMPORAL_WORKER_BUILD_ID',
    );
  });

  test.each([
    ['MAX_STORES_PER_USER', 'MAX_STORES_PER_TENANT'],
    ['UNDELETE_SECONDS', 'UNDELETE_WINDOW_SECONDS'],
    ['HELM_SLOTS', 'CLUSTER_SLOTS_PER_WORKER'],
  ] as const)('accepts the former name %s for %s and reports one deprecation', (former, present) => {
    const config = loadConfig({ [former]: '7' });
    expect(config[present]).toBe(7);
    expect(config.deprecations).toEqual([`The setting ${former} is deprecated. Use ${present} instead.`]);
    expect(loadConfig({ [former]: '7', [present]: '8' })[present]).toBe(8);
    expect(loadConfig({ [present]: '8' }).deprecations).toEqual([]);
  });

  test('reports a setting that has no effect any more', () => {
    const [warning, ...others] = loadConfig({ MAX_CLUSTER_TASKS: '16' }).deprecations;
    expect(warning).toContain('The setting MAX_CLUSTER_TASKS has no effect.');
    expect(others).toEqual([]);
  });

  test.each([
    ['', []],
    ['https://api.example.com', ['https://api.example.com']],
    ['https://API.example.com:443/, http://localhost:8080', ['https://api.example.com', 'http://localhost:8080']],
  ])('reads the list of origins %j', (ALLOWED_ORIGINS, expected) => {
    expect(loadConfig({ ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual(expected);
  });

  test.each([
    'api.example.com',
    'https://api.example.com/path',
    'https://user@api.example.com',
    'ftp://a.example',
    '*',
  ])('rejects %j as an origin', (ALLOWED_ORIGINS) => {
    expect(() => loadConfig({ ALLOWED_ORIGINS })).toThrow('ALLOWED_ORIGINS.0: must be origins such as');
  });

  test.each([
    ['Shops.Example.COM', 'shops.example.com'],
    ['localhost', 'localhost'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['', 'localhost'],
  ])('accepts %j as the domain of the stores', (STORE_DOMAIN, expected) => {
    expect(loadConfig({ STORE_DOMAIN }).STORE_DOMAIN).toBe(expected);
  });

  test.each([
    'localhost:8480',
    'my shop.test',
    '.example.com',
    'example.com.',
    'http://example.com',
    '-a.example',
    '127.0.0.1',
    'a..b',
    `${'a.'.repeat(104)}ab`,
  ])('rejects %j as the domain of the stores, in one line that names the setting', (STORE_DOMAIN) => {
    expect(() => loadConfig({ STORE_DOMAIN })).toThrow(
      /^bad configuration\n {2}STORE_DOMAIN: must be a DNS name such as shops\.example\.com[^\n]*$/,
    );
  });

  test.each([
    [{}, 'http', 80],
    [{ STORE_SCHEME: 'https' }, 'https', 443],
    [{ STORE_SCHEME: 'https', STORE_PORT: '8443' }, 'https', 8443],
    [{ STORE_SCHEME: '', STORE_PORT: '' }, 'http', 80],
  ])('takes the port of the stores from the scheme unless it is set: %j', (env, STORE_SCHEME, STORE_PORT) => {
    expect(loadConfig(env)).toMatchObject({ STORE_SCHEME, STORE_PORT });
  });

  test.each([
    [{ STORE_SCHEME: 'ftp' }, 'STORE_SCHEME: must be http or https'],
    [{ STORE_SCHEME: 'https', STORE_PORT: '80' }, 'STORE_PORT: 80 is the port of http'],
    [{ STORE_PORT: '443' }, 'STORE_PORT: 443 is the port of https'],
    [{ STORE_TLS_ISSUER: 'letsencrypt' }, 'STORE_TLS_ISSUER: needs STORE_SCHEME=https'],
    [{ STORE_TLS_SECRET: 'wildcard' }, 'STORE_TLS_SECRET: needs STORE_SCHEME=https'],
    [{ STORE_CA_FILE: 'ca.pem' }, 'STORE_CA_FILE: needs STORE_SCHEME=https'],
    [
      { STORE_SCHEME: 'https', STORE_TLS_ISSUER: 'a', STORE_TLS_SECRET: 'b' },
      'STORE_TLS_SECRET: must not be set together with STORE_TLS_ISSUER',
    ],
    [{ STORE_SCHEME: 'https', STORE_TLS_ISSUER: 'Not A Name' }, 'STORE_TLS_ISSUER: must be the name of'],
  ])('rejects the contradiction in %j with the name of the setting', (env, problem) => {
    expect(() => loadConfig(env)).toThrow(`bad configuration\n  ${problem}`);
  });

  test.each([
    ['', 0, 0],
    ['cpu=2,memory=1Gi', 2_000, 1_024],
    ['cpu=100m', 100, 0],
    ['memory=128Mi', 0, 128],
  ])('reads %j as the room for injected containers', (value, cpuMillis, memoryMebibytes) => {
    const { STORE_QUOTA_EXTRA_PER_POD } = loadConfig({ STORE_QUOTA_EXTRA_PER_POD: value });
    expect(STORE_QUOTA_EXTRA_PER_POD).toEqual({ cpuMillis, memoryMebibytes });
  });

  test.each([
    '1Gi',
    'cpu',
    'cpu=',
    'cpu=0',
    'cpu=0.5',
    'memory=1G',
    'cpu=1,',
    ',memory=1Gi',
    'memory=1Gi,cpu=1',
    'cpu=1memory=1Gi',
    'disk=1Gi',
  ])('rejects %j as the room for injected containers', (value) => {
    expect(() => loadConfig({ STORE_QUOTA_EXTRA_PER_POD: value })).toThrow(
      'STORE_QUOTA_EXTRA_PER_POD: must be an amount of CPU, of memory or both',
    );
  });

  test('reads the contexts of other clusters', () => {
    const { CLUSTER_CONTEXTS } = loadConfig({ CLUSTER_CONTEXTS: 'eu-1=eu-1-reader, us-1=arn:aws:eks:us=1,' });
    expect([...CLUSTER_CONTEXTS]).toEqual([
      ['eu-1', 'eu-1-reader'],
      ['us-1', 'arn:aws:eks:us=1'],
    ]);
  });

  test.each([
    ['eu-1', 'must be pairs'],
    ['eu-1=', 'must be pairs'],
    ['=reader', 'must be pairs'],
    ['EU=reader', 'must be pairs'],
    ['eu-1=a,eu-1=b', 'must be pairs'],
    ['default=a', 'must not contain default, which is CLUSTER_NAME'],
  ])('rejects %j as the contexts of other clusters', (value, problem) => {
    expect(() => loadConfig({ CLUSTER_CONTEXTS: value })).toThrow(`CLUSTER_CONTEXTS: ${problem}`);
  });

  test('reads networks of resolvers, and rejects anything else', () => {
    const { CLUSTER_DNS_NETWORKS } = loadConfig({ CLUSTER_DNS_NETWORKS: '169.254.20.10/32, fd00::a/128,' });
    expect(CLUSTER_DNS_NETWORKS).toEqual(['169.254.20.10/32', 'fd00::a/128']);
    for (const value of ['169.254.20.10', 'dns.example/32', '10.0.0.0/33']) {
      expect(() => loadConfig({ CLUSTER_DNS_NETWORKS: value })).toThrow(
        'CLUSTER_DNS_NETWORKS.0: must be networks such as',
      );
    }
  });

  test.each(['127.0.0.1:8233', 'ftp://a.example', 'http://'])('rejects %j as the URL of the Web UI', (value) => {
    expect(() => loadConfig({ TEMPORAL_UI_URL: value })).toThrow('TEMPORAL_UI_URL: must be a URL');
  });

  test('reports all problems at once, each with the name of its variable', () => {
    const load = () => loadConfig({ PORT: 'http', LOG_LEVEL: 'loud', MAX_STORES_PER_TENANT: '0' });
    expect(load).toThrow(/PORT: .*0 to 65535[\s\S]*LOG_LEVEL|LOG_LEVEL[\s\S]*PORT/);
    expect(load).toThrow(/MAX_STORES_PER_TENANT/);
  });
});

test('every setting has a description', () => {
  for (const { name, description } of describeSettings()) expect([name, description]).not.toContain('');
});

test('the id of an installation is a UUID in lower case', () => {
  const id = '6F9619FF-8B86-4D01-B42D-00CF4FC964FF';
  expect(loadConfig({ INSTALLATION_ID: id }).INSTALLATION_ID).toBe(id.toLowerCase());
  expect(loadConfig({ INSTALLATION_ID: '' }).INSTALLATION_ID).toBeUndefined();
  expect(problemOf({ INSTALLATION_ID: 'prod' })).toContain(
    'INSTALLATION_ID: must be a UUID, for example from "uuidgen"',
  );
});

/** Returns the message with which a process would refuse its settings. */
function problemOf(env: Record<string, string>): string {
  try {
    loadConfig(env);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the settings of traces', () => {
  const tracing = (env: Record<string, string>) => tracingFrom(loadConfig(env), 'store-platform-api');

  test('leave tracing off without an endpoint', () => {
    expect(tracing({})).toMatchObject({ url: undefined });
    expect(tracing({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_SERVICE_NAME: 'shops' })).toMatchObject({ url: undefined });
  });

  test('have the names and defaults of OpenTelemetry', () => {
    expect(tracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' })).toEqual({
      url: 'http://otel:4318/v1/traces',
      protocol: 'http/protobuf',
      serviceName: 'store-platform-api',
      sampler: 'parentbased_always_on',
      samplerRatio: 1,
    });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_SERVICE_NAME: 'shops',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(tracing(env)).toEqual({
      url: 'https://traces.example.com/otlp',
      protocol: 'http/json',
      serviceName: 'shops',
      sampler: 'parentbased_traceidratio',
      samplerRatio: 0.25,
    });
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'otel:4318', 'must be an HTTP URL such as http://127.0.0.1:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be http/protobuf or http/json: gRPC is not supported'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'must be one of always_on, always_off, traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '25', 'must be a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'many', 'must be a number from 0 to 1'],
  ])('refuse %s=%s', (name, value, message) => {
    expect(() => loadConfig({ [name]: value })).toThrow(`${name}: ${message}`);
  });

  test.each(['api-key=c3Q=', 'Authorization=Bearer s3cret,\n x-org = acme\n', 'Authorization=Bearer%20a%2Cb', ''])(
    'accept the headers %j',
    (headers) => {
      expect(() => loadConfig({ OTEL_EXPORTER_OTLP_HEADERS: headers })).not.toThrow();
    },
  );

  // The SDK would send no header, or a part of one.
  test.each([
    'Authorization: Bearer s3cret',
    's3cret',
    '=s3cret',
    'api-key=',
    'api key=s3cret',
    'api-key=s3cret;b',
    'api-key=s3cret%zz',
    'api-key=s3cret%0Ax',
    'x-org=acme,s3cret',
  ])('refuse the headers %j without their value in the message', (headers) => {
    for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
      expect(problemOf({ [name]: headers })).toMatch(`${name}: must be headers such as api-key=secret`);
      expect(problemOf({ [name]: headers })).not.toContain('s3cret');
    }
  });
});
