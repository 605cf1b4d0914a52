import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { endWithUsage, readOptions } from '../../bench/command-line.ts';
import startPlatform from '../test/global-setup.js';
import stopPlatform from '../test/global-teardown.js';
import { openPlatform } from '../test/platform.ts';
import { createExamples } from './examples.ts';
import { PICTURES } from './pictures.ts';
import { takePicture } from './take-picture.ts';

/** `npm run screenshots`: takes the pictures of the documentation, on the platform of the browser tests. */

const FOLDER = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

const USAGE = `npm run screenshots -- [--only NAME]
  --only NAME  take only this picture; repeat the option for more pictures
               pictures: ${PICTURES.map(({ name }) => name).join(', ')}
  --help       print this text and exit

Writes the pictures to docs/screenshots/. It starts a stack of its own and needs Chromium. CHROMIUM_BIN names another browser.`;

const { only, help } = readOptions({ only: { type: 'string', multiple: true }, help: { type: 'boolean' } }, USAGE);
const unknown = (only ?? []).filter((wanted) => PICTURES.every(({ name }) => name !== wanted));
if (unknown.length > 0) endWithUsage(`Unknown picture: ${unknown.join(', ')}.`, USAGE);

if (help === true) process.stdout.write(`${USAGE}\n`);
else await takePictures(PICTURES.filter(({ name }) => only === undefined || only.includes(name)));

async function takePictures(pictures: typeof PICTURES): Promise<void> {
  try {
    await startPlatform();
    const platform = await openPlatform();
    try {
      process.stderr.write('creating stores …\n');
      const examples = await createExamples(platform);
      await mkdir(FOLDER, { recursive: true });
      for (const picture of pictures) {
        await takePicture(platform, picture, { examples, file: `${FOLDER}/${picture.name}.png` });
        process.stderr.write(`docs/screenshots/${picture.name}.png\n`);
      }
    } finally {
      await platform.close();
    }
  } finally {
    await stopPlatform();
  }
}
