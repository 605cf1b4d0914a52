import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, type Finding } from '../report.ts';
import { alternate, medianOf } from '../statistics.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/store-platform.mjs', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const TARGET_MS = 250;

/** Measures `store-platform stores list` from the start of the process to its end, against an empty Node process. */
export async function cliList(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  await execa('npm', ['run', '--silent', 'build', '-w', 'cli'], { cwd: REPOSITORY });
  await platform.create();
  const env = { STORE_PLATFORM_URL: platform.url, STORE_PLATFORM_TOKEN: platform.operator?.token };
  const pairs = await alternate(
    {
      platform: () => execa(process.execPath, [CLI, 'stores', 'list', '--json'], { env }),
      baseline: () => execa(process.execPath, ['--eval', '0']),
    },
    { pairs: pairCount, warmUp: 2 },
  );
  const p50 = medianOf(pairs, 'platform');
  return {
    measurement: `\`store-platform stores list\`: start to end of the process, p50 of ${pairCount}`,
    platform: milliseconds(p50),
    baseline: `limit ${TARGET_MS} ms; an empty Node process: ${milliseconds(medianOf(pairs, 'baseline'))}`,
    ratio: (p50 / TARGET_MS).toFixed(2),
    target: '≤ 1',
    met: p50 <= TARGET_MS,
  };
}
