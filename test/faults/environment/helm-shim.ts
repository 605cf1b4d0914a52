import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Helm that can be seen and killed. */
export interface HelmShim {
  readonly path: string;
  /** Has the next Helm that changes something killed, alone, `afterMs` after its start. */
  killNext(afterMs: number): void;
  /** Whether that has happened. */
  hasKilled(): boolean;
  /** Two Helms that changed the same namespace at the same time, one line each. */
  overlaps(): readonly string[];
}

/**
 * Writes a program that becomes Helm. It holds a lock of the kernel's on the namespace for as long as that Helm lifecycles, so two
 * writers at once are seen by somebody who believes neither. It starts nothing that would outlive it.
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
