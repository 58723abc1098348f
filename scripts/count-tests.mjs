// Prints the counts of a vitest JSON report as one line. Fails if a test did, or if none ran.
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const {
  numPassedTests: passed,
  numFailedTests,
  testResults,
} = text === '' ? { numPassedTests: 0, numFailedTests: 0, testResults: [] } : JSON.parse(text);
// A file that cannot be loaded has no tests to count: it counts as one.
const broken = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
const failed = numFailedTests + broken.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
