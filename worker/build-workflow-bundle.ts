import { writeWorkflowBundle } from './workflow-bundle.ts';

const path = process.argv[2] ?? 'dist/workflow-bundle.js';
const { sizeBytes } = await writeWorkflowBundle(path);
process.stdout.write(`${path}: ${Math.round(sizeBytes / 1024)} KiB\n`);
