import { runHostCommand } from './host-command.ts';
import { NODE } from '../node-layout.ts';

interface OwnRule {
  readonly table: 'filter' | 'nat';
  readonly chain: string;
  readonly match: readonly string[];
}

const { bridge, address, podRange, serviceRange } = NODE;
const ESTABLISHED = ['-m', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED'];

/**
 * Pods reach each other, the name server and the outside; nothing on the outside reaches a pod, and no pod reaches what
 * listens on this machine. What still carries the address of a Service here is led nowhere by kube-proxy (a Service that is
 * gone, or too new), and must not leave the machine. Each chain's rules stand in the order in which they are to be asked.
 */
const OWN_RULES: readonly OwnRule[] = [
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

/** Adds our rules, before all others: a machine whose own rules refuse forwarding would cut pods off otherwise. */
export async function addFirewallRules(): Promise<void> {
  for (const { table, chain, match } of OWN_RULES.toReversed()) {
    const rule = [...match, '-m', 'comment', '--comment', NODE.ruleComment];
    await runHostCommand('iptables', ['-w', '10', '-t', table, '-I', chain, ...rule]);
  }
}

/** Whether kube-proxy, ours or another one, has rules on this machine. */
export async function hasKubeProxyRules(): Promise<boolean> {
  return /^:KUBE-/m.test(await saveRules('iptables'));
}

/** Removes our rules and all of kube-proxy's; the caller has made sure that no other kube-proxy runs here. */
export async function removeFirewallRules(): Promise<void> {
  for (const family of ['iptables', 'ip6tables'] as const) {
    const removal = removalOf(await saveRules(family));
    if (removal !== '') await runHostCommand(`${family}-restore`, ['--wait', '10', '--noflush'], { input: removal });
  }
}

/** The rules in the form of `iptables-save`; none where the machine lacks the family. */
export async function saveRules(family: 'iptables' | 'ip6tables'): Promise<string> {
  try {
    return await runHostCommand(`${family}-save`, []);
  } catch (error) {
    if (family === 'ip6tables') return '';
    throw error;
  }
}

/**
 * Input for `iptables-restore --noflush` that takes away what is ours: rules with our comment, and chains whose names start
 * with `KUBE-` with every jump to them. Empty when there is nothing of the kind.
 */
export function removalOf(saved: string): string {
  return saved
    .split(/^(?=\*)/m)
    .map(removalOfTable)
    .join('');
}

function removalOfTable(section: string): string {
  const lines = section.split('\n');
  const table = lines.find((line) => line.startsWith('*'));
  const chains = lines.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? []);
  const rules = lines.filter((line) => line.startsWith('-A ') && !line.startsWith('-A KUBE-') && isOurs(line));
  if (table === undefined || (chains.length === 0 && rules.length === 0)) return '';
  return [
    table,
    ...chains.map((chain) => `:${chain} - [0:0]`), // naming a chain empties it
    ...rules.map((rule) => rule.replace('-A', '-D')),
    ...chains.map((chain) => `-X ${chain}`),
    'COMMIT\n',
  ].join('\n');
}

function isOurs(rule: string): boolean {
  return (
    / -[jg] KUBE-/.test(rule) ||
    rule.includes(`--comment ${NODE.ruleComment}`) ||
    rule.includes(`"${NODE.ruleComment}"`)
  );
}
