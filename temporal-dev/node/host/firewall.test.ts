import { expect, test } from '@jest/globals';
import { removalInput } from './firewall.ts';

test('removes the rules of the node and of kube-proxy and keeps all other rules', () => {
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
  expect(removalInput(saved)).toBe(`*filter
:KUBE-FORWARD - [0:0]
-D INPUT -i storeplat0 -m comment --comment store-platform-node -j REJECT
-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-X KUBE-FORWARD
COMMIT
`);
});

test('returns an empty string for a machine without rules of the node', () => {
  expect(removalInput('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n')).toBe('');
});
