/** The guards, and the scopes of roles, at another commit. Read from Git, without touching the working tree. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildASTSchema, type DocumentNode, type GraphQLSchema, Kind, valueFromASTUntyped, visit } from 'graphql';
import { readTypeDefs } from '../../src/api/type-defs.ts';
import type { Requirements } from '../../src/authorization/contract/requirement.ts';
import type { RowPolicies } from '../../src/authorization/guard.ts';
import { compile } from '../../src/authorization/policy/policy.ts';
import { rule } from '../../src/authorization/rules/shield.ts';
import { AccessError } from './options.ts';
import type { ScopesOfRole } from './personas.ts';
import { type Code, codeIn, knownTo } from './reference.code.ts';
import { oneLine } from './words.ts';

export interface Reference {
  /** Such as `main (1a2b3c4)`. */
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly requirements: Requirements;
  readonly rowPolicies: RowPolicies;
  readonly scopesOfRole: ScopesOfRole;
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

/**
 * @param root the folder that holds schema/ and src/.
 * @param current the present requirements, which tell the policies that depend on the viewer alone.
 * @throws AccessError when there is no Git, no such commit, or no schema in it that can be read and guarded.
 */
export async function readReference(ref: string, root: string, current: Requirements): Promise<Reference> {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-access-'));
  try {
    const name = `${ref} (${checkOut(ref, root, directory)})`;
    const scopesOfRole = await scopesIn(join(directory, 'src/users/scopes.ts'), name);
    const code = await codeIn(directory, root);
    const notes = code.reason === null ? [] : [noteOf(code.reason, name)];
    return { name, scopesOfRole, notes, ...guardsIn(join(directory, 'schema'), name, { current, ...code }) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @returns the commit's short name. */
function checkOut(ref: string, root: string, directory: string): string {
  const repository = git(root, ['rev-parse', '--show-toplevel']);
  const commit = git(
    root,
    ['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`],
    `there is no commit ${ref}`,
  );
  // The root may be a folder of the repository.
  const tree = git(root, ['rev-parse', '--verify', `${commit}:./`], `${ref} does not hold this folder`);
  const index = { GIT_INDEX_FILE: join(directory, '.git-index') };
  git(repository, ['read-tree', tree], '', index);
  git(repository, ['checkout-index', '--all', `--prefix=${directory}/`], '', index);
  return git(root, ['rev-parse', '--short', commit]);
}

function git(cwd: string, args: readonly string[], reason = '', env: Record<string, string> = {}): string {
  try {
    const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', args, options).trim();
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') throw new AccessError('--diff needs Git, and there is no `git` to run');
    throw new AccessError(reason || `git ${args[0]}: ${String(stderr).trim().split('\n')[0]}`);
  }
}

async function scopesIn(file: string, name: string): Promise<ScopesOfRole> {
  if (!existsSync(file)) throw new AccessError(`${name} has no src/users/scopes.ts to read the scopes of roles from`);
  let scopesOfRole: unknown;
  try {
    ({ scopesOfRole } = await import(pathToFileURL(file).href));
  } catch (error) {
    throw new AccessError(`src/users/scopes.ts of ${name} cannot be read: ${(error as Error).message}`);
  }
  const lists = Object.values(scopesOfRole ?? {});
  if (lists.length > 0 && lists.every(Array.isArray)) return scopesOfRole as ScopesOfRole;
  throw new AccessError(`src/users/scopes.ts of ${name} exports no \`scopesOfRole\`: lists of scopes by role`);
}

function noteOf(reason: string, name: string): string {
  return (
    'What filters and orders read is not compared: `reads` in src/api/schema.ts of ' +
    `${name} cannot be read: ${oneLine(reason)}`
  );
}

function guardsIn(
  folder: string,
  name: string,
  { current, reads, rowsOf }: Code & { readonly current: Requirements },
): Pick<Reference, 'schema' | 'requirements' | 'rowPolicies'> {
  if (!existsSync(folder)) throw new AccessError(`${name} has no folder schema/`);
  try {
    const document = readTypeDefs(folder);
    const schema = buildASTSchema(document, { assumeValidSDL: true });
    const options = {
      viewer: () => null,
      policies: policiesNamedIn(document, current),
      owners: ownersOfAll(document),
      reads: knownTo(schema, reads),
      rows: { of: rowsIn(document, rowsOf), ask: async () => [] },
    };
    const { requirements, rows } = compile(schema, options);
    return { schema, requirements, rowPolicies: rows };
  } catch (error) {
    throw new AccessError(`the schema of ${name} cannot be compared: ${(error as Error).message}`);
  }
}

/** Does not run the rules, because they are code of that commit. It only matters which policies exist. */
function policiesNamedIn(document: DocumentNode, current: Requirements) {
  const viewerOnly = new Set(
    [...current.values()]
      .flat(2)
      .flatMap((condition) => (condition.kind === 'policy' && condition.viewerOnly ? [condition.name] : [])),
  );
  const names = new Set<string>();
  visit(document, {
    Directive: ({ arguments: args = [] }) => {
      const policies = args.find((arg) => arg.name.value === 'policies');
      const lists = policies ? [valueFromASTUntyped(policies.value)].flat(2) : [];
      for (const policy of lists) if (typeof policy === 'string') names.add(policy);
    },
  });
  const ruleOf = (name: string) => rule({ cache: viewerOnly.has(name) ? 'contextual' : 'no_cache' })(() => false);
  return Object.fromEntries([...names].map((name) => [name, ruleOf(name)]));
}

function ownersOfAll({ definitions }: DocumentNode) {
  const types = definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION ? [definition.name.value] : [],
  );
  return Object.fromEntries(types.map((type) => [type, async (ids: readonly string[]) => ids.map(() => null)]));
}

/** The registered rows of the types that carry `@visibleTo` in that schema. */
function rowsIn(document: DocumentNode, rowsOf: Code['rowsOf']): Code['rowsOf'] {
  const types = new Set<string>();
  visit(document, {
    ObjectTypeDefinition: ({ name, directives = [] }) => {
      if (directives.some((directive) => directive.name.value === 'visibleTo')) types.add(name.value);
    },
  });
  return Object.fromEntries(Object.entries(rowsOf).filter(([type]) => types.has(type)));
}
