// Reads Jest's JSON results, prints the skipped tests, and prints `N passed, N failed` as the last line.
import { readFileSync } from 'node:fs';

const results = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const files = results.flatMap((result) => result.testResults);
const tests = files.flatMap((file) => file.assertionResults);

const SKIPPED = new Set(['pending', 'skipped', 'todo', 'disabled']);
const skipped = tests.filter(({ status }) => SKIPPED.has(status));
for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);

const passed = results.reduce((sum, result) => sum + result.numPassedTests, 0);
// A test file that Jest could not load counts as one failure, because Jest reports no tests for it.
const failed = results.reduce((sum, result) => sum + result.numFailedTests + result.numRuntimeErrorTestSuites, 0);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
