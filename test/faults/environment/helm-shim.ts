import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A wrapper around Helm that can kill Helm and that detects concurrent writers. */
export interface HelmShim {
  readonly path: string;
  /** Kills only the Helm process, `afterMs` after the start of the next command that writes. */
  killNext(afterMs: number): void;
  /** Returns whether that Helm process has been killed. */
  hasKilled(): boolean;
  /** Returns one line for each Helm process that started while another one was writing to the same namespace. */
  overlaps(): readonly string[];
}

/**
 * Writes a script that locks the namespace (flock) and then replaces itself with Helm (exec). The kernel holds the lock until
 * that Helm process ends, so the script detects two concurrent writers. No process that it starts outlives it.
 *
 * @param helm Path of the real Helm.
 */
export function makeHelmShim(folder: string, helm: string): HelmShim {
  const locks = join(folder, 'locks');
  const overlaps = join(folder, 'overlaps');
  const killNext = join(folder, 'kill-next');
  const path = join(folder, 'helm');
  mkdirSync(locks, { recursive: true });
  writeFileSync(
    path,
    `#!/bin/sh
namespace=; before=
for word in "$@"; do [ "$before" = --namespace ] && namespace=$word; before=$word; done
case "$1" in
upgrade | rollback | uninstall)
  exec 9>"${locks}/$namespace"
  flock -n 9 || echo "$(date -u +%FT%T.%3NZ) $1 $namespace" >>"${overlaps}"
  if mv "${killNext}" "${killNext}.$$" 2>/dev/null; then
    (sleep "$(cat "${killNext}.$$")"; rm -f "${killNext}.$$"; kill -KILL $$) >/dev/null 2>&1 9>&- &
  fi
  ;;
esac
exec "${helm}" "$@"
`,
    { mode: 0o755 },
  );
  return {
    path,
    killNext: (afterMs) => writeFileSync(killNext, String(afterMs / 1_000)),
    hasKilled: () => !existsSync(killNext),
    overlaps: () => (existsSync(overlaps) ? readFileSync(overlaps, 'utf8').trim().split('\n').filter(Boolean) : []),
  };
}
