/** The personas of the matrix: nobody, each role with its scopes, and those of a file. */
import { readFileSync } from 'node:fs';
import type { Persona } from '../../src/authorization/guard.ts';
import { AccessError } from './options.ts';

export type Personas = Readonly<Record<string, Persona>>;
export type ScopesOfRole = Readonly<Record<string, readonly string[]>>;

export function personasOf(scopesOfRole: ScopesOfRole): Personas {
  const roles = Object.entries(scopesOfRole).map(([role, scopes]): [string, Persona] => [
    role,
    { roles: [role], scopes },
  ]);
  return Object.fromEntries([['anonymous', null], ...roles]);
}

/**
 * The personas of a JSON file, by name: null, or `{ roles, scopes }`.
 *
 * @throws AccessError that lists every fault in the file.
 */
export function readPersonas(file: string, scopesOfRole: ScopesOfRole): Personas {
  const content = parse(file);
  if (!isObject(content) || Object.keys(content).length === 0) {
    throw new AccessError(`${file} must hold an object of personas, by name: ${example}`);
  }
  const names = new Set(Object.keys(personasOf(scopesOfRole)));
  const faults = Object.entries(content).flatMap(([name, persona]) => [
    ...(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u.test(name) ? [] : [`${JSON.stringify(name)} is no name for a persona`]),
    ...(names.has(name) ? [`${name} is there without the file: choose another name`] : []),
    ...faultsOf(persona, scopesOfRole).map((fault) => `${JSON.stringify(name)} ${fault}`),
  ]);
  if (faults.length > 0) throw new AccessError([`${file}:`, ...faults].join('\n  '));
  return content as Personas;
}

const example = '{"auditor": {"roles": ["USER"], "scopes": ["task:read:any"]}, "guest": null}';

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AccessError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AccessError(`${file} is no JSON: ${(error as Error).message}`);
  }
}

function faultsOf(persona: unknown, scopesOfRole: ScopesOfRole): string[] {
  if (persona === null) return [];
  if (!isObject(persona)) return ['must be null, or an object with `roles` and `scopes`'];
  const { roles, scopes, ...others } = persona;
  return [
    ...Object.keys(others).map(
      (key) => `has ${JSON.stringify(key)}, which means nothing: there are \`roles\` and \`scopes\``,
    ),
    ...namesFault('role', roles, Object.keys(scopesOfRole)),
    ...namesFault('scope', scopes, [...new Set(Object.values(scopesOfRole).flat())]),
  ];
}

function namesFault(what: 'role' | 'scope', value: unknown, known: readonly string[]): string[] {
  if (!Array.isArray(value)) return [`needs \`${what}s\`: a list of names, which may be empty`];
  return value
    .filter((name) => !known.includes(name))
    .map((name) => `names the ${what} ${JSON.stringify(name)}; there are ${known.join(', ')}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
