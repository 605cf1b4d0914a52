import { expect, test } from '@jest/globals';
import { fixedPorts } from '../processes/ports.ts';
import { clusterPortNeeds, requireNodeHosts, TEMPORAL_NODES } from './temporal-nodes.ts';

test('each node listens on its own address with the same ports, which differ from each other', () => {
  const needs = clusterPortNeeds(fixedPorts({ STACK_TEMPORAL_PORT: '7300' }));
  const portsOf = (host: string | undefined): readonly number[] =>
    needs.filter((need) => need.host === host).map(({ port }) => port);
  const [first, second] = TEMPORAL_NODES;
  expect(portsOf(first?.host)).toEqual(portsOf(second?.host));
  expect(new Set(portsOf(first?.host)).size).toBe(10);
  expect(portsOf(first?.host)).toContain(7300);
  expect(portsOf(undefined)).toEqual([7300, 8233]); // the address for clients, and the Web UI
});

test('names an address on which this machine cannot listen, and what to do', async () => {
  // The range 192.0.2.0/24 is reserved for documentation, so no machine has such an address.
  await expect(requireNodeHosts([{ name: 'temporal-1', host: '192.0.2.1' }])).rejects.toThrow(
    /need the address 192\.0\.2\.1.*ifconfig lo0 alias 192\.0\.2\.1 up/,
  );
});
