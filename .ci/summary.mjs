// Prints what ran, what did not and why, and closes with the line `N passed, N failed` out of Jest's JSON result.
import { readFileSync } from 'node:fs';

const result = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = result.testResults.flatMap((file) => file.assertionResults);
const skipped = tests.filter(({ status }) => status === 'pending' || status === 'skipped' || status === 'todo');
for (const { fullName } of skipped) console.log(`not run: ${fullName}`);

// A file that could not even start counts as one failure each: Jest has no tests to count there.
const brokenFiles = result.numRuntimeErrorTestSuites;
const failed = result.numFailedTests + brokenFiles;
console.log(
  `${result.numPassedTests} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
);
process.exitCode = failed === 0 && result.numPassedTests > 0 ? 0 : 1;
