import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateFolder } from '../processes/state-folder.ts';

/** Records the requests of service accounts outside of `kube-system`, with their result and without their content. */
const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
    { level: 'None' },
  ],
} as const;

/** Returns the path of the audit log of a stack with the option `audit`: one JSON event per line. */
export function auditLogOf({ path }: Pick<StateFolder, 'path'>): string {
  return join(path, 'kubernetes', 'audit.log');
}

/** Writes the audit policy. Returns the flags of the API server that enable the audit log. */
export function auditFlags(folder: Pick<StateFolder, 'path'>): readonly string[] {
  const policyFile = join(folder.path, 'kubernetes', 'audit-policy.json');
  mkdirSync(join(folder.path, 'kubernetes'), { recursive: true });
  writeFileSync(policyFile, JSON.stringify(POLICY));
  return [`--audit-policy-file=${policyFile}`, `--audit-log-path=${auditLogOf(folder)}`, '--audit-log-mode=blocking'];
}
