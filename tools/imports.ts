/** Fails where an import breaks the rules of tools/imports/rules.ts: `npm run imports`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsOf } from './imports/check.ts';
import { maxFiles, packages, rooms } from './imports/rules.ts';

const root = join(import.meta.dirname, '..');
const names = ['mikro-orm.config.ts', ...globSync('src/**/*.ts', { cwd: root })].filter(
  (name) => !name.startsWith('src/database/migrations/'),
);
const files = new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
const problems = problemsOf(files, { rooms, packages, maxFiles });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${files.size} files keep the rules of tools/imports/rules.ts.`);
