/**
 * Who may do what, read from the schema, without a database.
 *
 *   npm run access                            the access matrix
 *   npm run access -- --explain Task.notes    where a requirement comes from
 *   npm run access -- --diff main             what a change opens and closes
 *   npm run access -- --help                  every option
 *
 * Its exit code is 0; 1 if `--check` or `--exit-code` find a difference; 2 if it cannot do what it is asked.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { guardSchema, SchemaError } from '../src/api/schema.ts';
import { type Guard, GuardError } from '../src/authorization/guard.ts';
import { scopesOfRole } from '../src/users/scopes.ts';
import { printDifference } from './access/difference.text.ts';
import { differenceOf } from './access/difference.ts';
import { explained } from './access/explained.ts';
import { toHtml } from './access/html.ts';
import { toJson } from './access/json.ts';
import { toMarkdown } from './access/markdown.ts';
import { AccessError, type AccessOptions, type Format, readOptions, usage } from './access/options.ts';
import { type Personas, personasOf, readPersonas } from './access/personas.ts';
import { readReference } from './access/reference.ts';
import { type Report, reportOf } from './access/report.ts';
import { toText } from './access/text.ts';

const printers: Record<Format, (report: Report) => string> = {
  text: toText,
  markdown: toMarkdown,
  json: toJson,
  html: toHtml,
};

try {
  await run(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(`access: ${error instanceof GraphQLError ? error.toString() : error.message}`);
  process.exitCode = 2;
}

async function run(options: AccessOptions): Promise<void> {
  if (options.task === 'help') return console.log(usage);
  const named = options.personas === null ? {} : readPersonas(options.personas, scopesOfRole);
  const guard = guardSchema({ denial: 'filter' });
  const text = await textOf(options, guard, named);
  if (options.check && options.output !== null) check(text, options.output);
  else write(text, options.output);
}

async function textOf(options: AccessOptions, guard: Guard, named: Personas): Promise<string> {
  const { task, subject, format } = options;
  const personas = { ...personasOf(scopesOfRole), ...named };
  if (task === 'matrix') return printers[format](reportOf(guard, personas));
  if (task === 'explain') return explained(guard, subject, personas, format);
  const reference = await readReference(subject, join(import.meta.dirname, '..'), guard.requirements);
  const { schema, requirements, rowPolicies } = guard;
  const difference = differenceOf(
    { ...reference, personas: { ...personasOf(reference.scopesOfRole), ...named } },
    { schema, requirements, rowPolicies, scopesOfRole, personas },
  );
  const { roles, coordinates, rows } = difference;
  if (options.exitCode && roles.length + coordinates.length + rows.length + reference.notes.length > 0)
    process.exitCode = 1;
  return printDifference(difference, reference, format);
}

function write(text: string, file: string | null): void {
  if (file === null) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new AccessError(`${file} cannot be written: ${(error as Error).message}`);
  }
  console.log(`wrote ${file}`);
}

function check(text: string, file: string): void {
  if (read(file).replaceAll('\r\n', '\n') === text) {
    console.log(`${file} is current`);
    return;
  }
  const renew = process.argv.slice(2).filter((arg) => arg !== '--check');
  console.error(
    `${file} is not current: who may do what has changed. If that is meant, run\n` +
      `  npm run access -- ${renew.join(' ')}\nand commit it with the change.`,
  );
  process.exitCode = 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isExpected(error: unknown): error is Error {
  return [AccessError, GuardError, SchemaError, GraphQLError].some((kind) => error instanceof kind);
}
