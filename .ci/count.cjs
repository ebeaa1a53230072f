// Adds up the reports of the test runs, and fails unless every test that should run did, and passed.
const { existsSync, readFileSync } = require('node:fs');

const [status, ...files] = process.argv.slice(2);
const problems = Number(status) === 0 ? [] : [`a command ended with status ${status}`];
let passed = 0;
let failed = 0;
for (const [index, file] of files.entries()) {
  if (!existsSync(file)) {
    problems.push(`run ${index + 1} left no report`);
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (report.numPassedTests === 0) problems.push(`run ${index + 1} executed no test`);
  if (!report.success) problems.push(`run ${index + 1} did not succeed`);
  if (index > 0 && skipped > 0) problems.push(`run ${index + 1} skipped ${skipped} tests`);
}
for (const problem of problems) console.log(`CI: ${problem}`);
if (problems.length > 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
