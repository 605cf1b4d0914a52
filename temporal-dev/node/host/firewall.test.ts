import { expect, test } from '@jest/globals';
import { removalOf } from './firewall.ts';

test('the removal names our rules and kube-proxy, and leaves those of others alone', () => {
  const saved = `# Generated
*filter
:INPUT ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-FORWARD - [0:0]
-A INPUT -i storeplat0 -m comment --comment store-platform-node -j REJECT
-A INPUT -p tcp -j DOCKER
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE
COMMIT
`;
  expect(removalOf(saved)).toBe(`*filter
:KUBE-FORWARD - [0:0]
-D INPUT -i storeplat0 -m comment --comment store-platform-node -j REJECT
-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-X KUBE-FORWARD
COMMIT
`);
});

test('there is nothing to remove from a machine without our rules', () => {
  expect(removalOf('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n')).toBe('');
});
