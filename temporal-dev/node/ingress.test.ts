import { expect, test } from '@jest/globals';
import { ingressConfig } from './ingress.ts';
import { NODE } from './node-layout.ts';

const options = { port: 8480, https: false, forPods: false };

/** Returns the addresses of all sites. */
function sitesOf(config: string): readonly string[] {
  return config.split('\n').flatMap((line) => /^(https?:\/\/\S+) \{$/.exec(line)?.slice(1) ?? []);
}

test('serves the stores over http without TLS', () => {
  const config = ingressConfig(options, '/state/ingress');
  expect(sitesOf(config)).toEqual(['http://*.localhost:8480', 'http://:8480']);
  expect(config).not.toContain('tls ');
  expect(config).toContain('auto_https off');
});

test('serves every site over https with certificates of its own authority, also for pods', () => {
  const config = ingressConfig({ ...options, https: true, forPods: true }, '/state/ingress');
  const sites = ['https://*.localhost:8480', `https://*.${NODE.podIngressDomain}:8480`, 'https://:8480'];
  expect(sitesOf(config)).toEqual(sites);
  expect(config.match(/tls internal \{\n\s+on_demand\n/g)).toHaveLength(sites.length);
});

test.each([true, false])('never changes the certificates that the machine trusts (https: %s)', (https) => {
  const config = ingressConfig({ ...options, https }, '/state/ingress');
  expect(config).toContain('skip_install_trust');
  expect(config).toContain('storage file_system "/state/ingress"');
});
