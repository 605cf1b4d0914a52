// Prints what did not run, and closes with the line `N passed, N failed` out of Jest's JSON results.
import { readFileSync } from 'node:fs';

const results = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const files = results.flatMap((result) => result.testResults);
const tests = files.flatMap((file) => file.assertionResults);

const SKIPPED = new Set(['pending', 'skipped', 'todo', 'disabled']);
const skipped = tests.filter(({ status }) => SKIPPED.has(status));
for (const { fullName } of skipped) console.log(`not run: ${fullName}`);

const passed = results.reduce((sum, result) => sum + result.numPassedTests, 0);
// A file that could not even start counts as one failure: Jest has no tests to count there.
const failed = results.reduce((sum, result) => sum + result.numFailedTests + result.numRuntimeErrorTestSuites, 0);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
