import { runHostCommand } from './host-command.ts';
import { NODE } from '../node-layout.ts';

interface NodeRule {
  readonly table: 'filter' | 'nat';
  readonly chain: string;
  readonly match: readonly string[];
}

const { bridge, address, podRange, serviceRange } = NODE;
const ESTABLISHED = ['-m', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED'];

/**
 * Pods can reach each other, the name server and external hosts. External hosts can't reach a pod, and a pod can't
 * reach a port of this machine. A packet that still has a Service address here matched no rule of kube-proxy, because
 * the Service was deleted or is too new. It must not leave the machine. The rules of a chain are in evaluation order.
 */
const NODE_RULES: readonly NodeRule[] = [
  { table: 'nat', chain: 'POSTROUTING', match: ['-s', podRange, '!', '-o', bridge, '-j', 'MASQUERADE'] },
  { table: 'filter', chain: 'OUTPUT', match: ['-d', serviceRange, '-j', 'REJECT'] },
  { table: 'filter', chain: 'FORWARD', match: ['-d', serviceRange, '-j', 'REJECT'] },
  { table: 'filter', chain: 'FORWARD', match: ['-i', bridge, '-j', 'ACCEPT'] },
  { table: 'filter', chain: 'FORWARD', match: ['-o', bridge, ...ESTABLISHED, '-j', 'ACCEPT'] },
  { table: 'filter', chain: 'FORWARD', match: ['-o', bridge, '-j', 'REJECT'] },
  { table: 'filter', chain: 'INPUT', match: ['-i', bridge, ...ESTABLISHED, '-j', 'ACCEPT'] },
  {
    table: 'filter',
    chain: 'INPUT',
    match: ['-i', bridge, '-d', address, '-p', 'udp', '--dport', '53', '-j', 'ACCEPT'],
  },
  {
    table: 'filter',
    chain: 'INPUT',
    match: ['-i', bridge, '-d', address, '-p', 'tcp', '--dport', '53', '-j', 'ACCEPT'],
  },
  { table: 'filter', chain: 'INPUT', match: ['-i', bridge, '-j', 'REJECT'] },
];

/**
 * Inserts the node's rules before all other rules. Otherwise a machine whose rules reject forwarding would isolate the
 * pods.
 *
 * @param podPorts TCP ports of the bridge address that pods may reach.
 */
export async function addFirewallRules(podPorts: readonly number[] = []): Promise<void> {
  const opened = podPorts.map((port): NodeRule => {
    const match = ['-i', bridge, '-d', address, '-p', 'tcp', '--dport', String(port), '-j', 'ACCEPT'];
    return { table: 'filter', chain: 'INPUT', match };
  });
  for (const { table, chain, match } of [...opened, ...NODE_RULES].toReversed()) {
    const rule = [...match, '-m', 'comment', '--comment', NODE.ruleComment];
    await runHostCommand('iptables', ['-w', '10', '-t', table, '-I', chain, ...rule]);
  }
}

/** Returns true when this machine has rules of a kube-proxy: of this node or of another one. */
export async function hasKubeProxyRules(): Promise<boolean> {
  return /^:KUBE-/m.test(await saveRules('iptables'));
}

/** Removes the node's rules and all rules of kube-proxy. The caller makes sure that no other kube-proxy runs here. */
export async function removeFirewallRules(): Promise<void> {
  for (const family of ['iptables', 'ip6tables'] as const) {
    const removal = removalInput(await saveRules(family));
    if (removal !== '') await runHostCommand(`${family}-restore`, ['--wait', '10', '--noflush'], { input: removal });
  }
}

/** Returns the rules in the format of `iptables-save`, or an empty string on a machine without ip6tables. */
export async function saveRules(family: 'iptables' | 'ip6tables'): Promise<string> {
  try {
    return await runHostCommand(`${family}-save`, []);
  } catch (error) {
    if (family === 'ip6tables') return '';
    throw error;
  }
}

/**
 * Returns input for `iptables-restore --noflush` that deletes the node's rules: rules with the node's comment, chains
 * whose names start with `KUBE-`, and every jump to these chains. Returns an empty string when there is nothing to
 * delete.
 */
export function removalInput(saved: string): string {
  return saved
    .split(/^(?=\*)/m)
    .map(removalInputForTable)
    .join('');
}

function removalInputForTable(section: string): string {
  const lines = section.split('\n');
  const table = lines.find((line) => line.startsWith('*'));
  const chains = lines.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? []);
  const rules = lines.filter((line) => line.startsWith('-A ') && !line.startsWith('-A KUBE-') && belongsToNode(line));
  if (table === undefined || (chains.length === 0 && rules.length === 0)) return '';
  return [
    table,
    ...chains.map((chain) => `:${chain} - [0:0]`), // naming a chain empties it
    ...rules.map((rule) => rule.replace('-A', '-D')),
    ...chains.map((chain) => `-X ${chain}`),
    'COMMIT\n',
  ].join('\n');
}

function belongsToNode(rule: string): boolean {
  return (
    / -[jg] KUBE-/.test(rule) ||
    rule.includes(`--comment ${NODE.ruleComment}`) ||
    rule.includes(`"${NODE.ruleComment}"`)
  );
}
