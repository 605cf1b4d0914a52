import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

/**
 * Runs the commands of the bootstrap against a fake WP-CLI that replays wp-cli-recording.json. The recording contains the exit
 * code and the resulting state of the shop for each command in each state. It was made in the image on a real database.
 */
const STEPS = new URL('../woocommerce/rootfs/etc/store/bootstrap-steps.sh', import.meta.url).pathname;
const RECORDING = new URL('wp-cli-recording.json', import.meta.url).pathname;

interface Recorded {
  readonly state: string;
  readonly command: string;
  readonly exitCode: number;
  readonly next: string;
  /** Whether the command changed users, pages, products, terms or shipping. */
  readonly changedContent: boolean;
}

const { commands } = JSON.parse(await readFile(RECORDING, 'utf8')) as { readonly commands: readonly Recorded[] };

/** The fake `wp`. It keeps its calls and the state of the shop in its folder. A shell script, because the tests call it often. */
const WP = `#!/bin/sh
folder=$(dirname "$0")
state=$(cat "$folder/state")
echo "$state|$1 $2" >> "$folder/calls"
case "$state|$1 $2" in
${commands.map(({ state, command, exitCode, next }) => `  '${state}|${command}') code=${exitCode} next=${next} ;;`).join('\n')}
  *) exit 99 ;;
esac
if [ "$KILLED_AT" = "$(wc -l < "$folder/calls")" ]; then
  [ "$KILLED_WHEN" = before ] || echo "$next" > "$folder/state"
  exit 137
fi
echo "$next" > "$folder/state"
exit "$code"
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-platform-wp-'));
  await writeFile(join(folder, 'wp'), WP);
  await chmod(join(folder, 'wp'), 0o755);
  await writeFile(join(folder, 'admin-user'), 'merchant');
  await writeFile(join(folder, 'state'), 'empty');
});

afterEach(() => rm(folder, { recursive: true }));

interface Run {
  readonly exitCode: number | undefined;
  readonly state: string;
  /** The recording of each call, or the call itself when it has no recording. */
  readonly calls: readonly (Recorded | string)[];
}

async function bootstrap(killed: { readonly at?: number; readonly when?: 'before' | 'after' } = {}): Promise<Run> {
  await writeFile(join(folder, 'calls'), '');
  const { exitCode } = await execa('sh', ['-eu', STEPS], {
    reject: false,
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      SECRETS_DIR: folder,
      PUBLIC_URL: 'http://acme.localhost',
      STORE_NAME: 'Acme',
      KILLED_AT: String(killed.at ?? ''),
      KILLED_WHEN: killed.when ?? '',
    },
  });
  const lines = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  return {
    exitCode,
    state: (await readFile(join(folder, 'state'), 'utf8')).trim(),
    calls: lines.map((line) => commands.find(({ state, command }) => line === `${state}|${command}`) ?? line),
  };
}

function changes({ calls }: Run): readonly string[] {
  return calls.flatMap((call) => (typeof call === 'object' && call.changedContent ? [call.command] : []));
}

function unrecorded({ calls }: Run): readonly unknown[] {
  return calls.filter((call) => typeof call === 'string');
}

describe('the bootstrap of WooCommerce', () => {
  test('turns an empty database into a shop with recorded commands only', async () => {
    const run = await bootstrap();
    expect(run).toMatchObject({ exitCode: 0, state: 'ready' });
    expect(unrecorded(run)).toEqual([]);
    expect(changes(run)).not.toEqual([]);
  });

  test('changes nothing when it runs again', async () => {
    await bootstrap();
    const again = await bootstrap();
    expect(again).toMatchObject({ exitCode: 0, state: 'ready' });
    expect(changes(again)).toEqual([]);
  });

  test.each([
    ['empty', 'before'],
    ['empty', 'after'],
    ['ready', 'before'],
    ['ready', 'after'],
  ] as const)(
    'completes on the next run when a run on a database in state %s is killed %s any command',
    async (state, when) => {
      await writeFile(join(folder, 'state'), state);
      const { calls } = await bootstrap();
      for (const at of calls.keys()) {
        await writeFile(join(folder, 'state'), state);
        const killed = await bootstrap({ at: at + 1, when });
        expect(unrecorded(killed)).toEqual([]);
        expect(await bootstrap()).toMatchObject({ exitCode: 0, state: 'ready' });
        expect(changes(await bootstrap())).toEqual([]);
      }
    },
  );
});
