/** Every way to remove a guard from the schema, or to weaken it. */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  Kind,
  type ListValueNode,
  parseConstValue,
  print,
  visit,
} from 'graphql';
import { guardDirectives } from '../../../src/authorization/vocabulary/directives.ts';
import { allScopes } from '../../../src/users/scopes.ts';

/** A guard at its place. */
export interface Occurrence {
  /** A coordinate such as `Task.notes`. */
  readonly at: string;
  readonly guard: ConstDirectiveNode;
}

export interface Mutant {
  /** A text such as `without @owner`. */
  readonly change: string;
  readonly typeDefs: DocumentNode;
}

// Which rows exist for whom is proved by the tests of rows: no field requires less without it.
const guardNames = new Set(guardDirectives.filter(({ decides }) => decides !== 'rows').map(({ name }) => name));
const roles = ['USER', 'ADMIN'];

/** Every guard in the schema, in the order of its files. */
export function guardsIn(typeDefs: DocumentNode): Occurrence[] {
  const found: Occurrence[] = [];
  visit(typeDefs, {
    Directive(node, _key, _parent, _path, ancestors) {
      if (!guardNames.has(node.name.value)) return;
      const names = ancestors.flatMap((ancestor) => nameOf(ancestor) ?? []);
      const [type, field, argument] = names;
      const at = argument === undefined ? names.join('.') : `${type}.${field}(${argument}:)`;
      found.push({ at, guard: node as ConstDirectiveNode });
    },
  });
  return found;
}

function nameOf(ancestor: ASTNode | readonly ASTNode[]): string | undefined {
  return 'name' in ancestor && ancestor.name?.kind === Kind.NAME ? ancestor.name.value : undefined;
}

export function withoutGuard(typeDefs: DocumentNode, guard: ConstDirectiveNode): Mutant {
  return { change: `without ${print(guard)}`, typeDefs: replace(typeDefs, guard, null) };
}

/** The guard with fewer demands. Some of these change nothing, because another guard demands the same. */
export function weakened(typeDefs: DocumentNode, guard: ConstDirectiveNode): Mutant[] {
  const others = ['public', 'authenticated'].filter((name) => name !== guard.name.value);
  const isOfInput = guard.name.value === 'settableBy';
  const weaker = [...(isOfInput ? [] : others.map((name) => named(name))), ...withWeakerArguments(guard)];
  return weaker.map((made) => ({
    change: `${print(made)} for ${print(guard)}`,
    typeDefs: replace(typeDefs, guard, made),
  }));
}

function named(value: string): ConstDirectiveNode {
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value } };
}

function withWeakerArguments(guard: ConstDirectiveNode): ConstDirectiveNode[] {
  const given = new Map(guard.arguments?.map(({ name, value }) => [name.value, value]));
  const weaker: (readonly [name: string, value: ConstValueNode])[] = [];
  for (const name of ['scopes', 'orScopes']) {
    const lists = given.get(name);
    if (lists?.kind === Kind.LIST) weaker.push(...weakerLists(lists).map((value) => [name, value] as const));
  }
  const ownsRow = guard.name.value === 'owner' || guard.name.value === 'ownerOf';
  const alternative = ownsRow ? 'or' : guard.name.value === 'settableBy' ? '' : null;
  if (alternative !== null) {
    const [roleNames, scopeLists] = alternative ? ['orRoles', 'orScopes'] : ['roles', 'scopes'];
    if (!given.has(scopeLists)) weaker.push(...allScopes.map((scope) => [scopeLists, listOf([[scope]])] as const));
    weaker.push(...withAnotherRole(roleNames, given.get(roleNames)));
  }
  if (guard.name.value === 'requiresRole') weaker.push(...withAnotherRole('roles', given.get('roles')));
  return weaker.map(([name, value]) => withArgument(guard, name, value));
}

/** One more alternative; and each inner list with one name less. */
function weakerLists(lists: ListValueNode): ConstValueNode[] {
  const current = namesIn(lists);
  const longer = allScopes.filter((scope) => !current.flat().includes(scope)).map((scope) => [...current, [scope]]);
  const shorter = current.flatMap((inner, i) =>
    inner.length < 2
      ? []
      : inner.map((dropped) =>
          current.with(
            i,
            inner.filter((name) => name !== dropped),
          ),
        ),
  );
  return [...longer, ...shorter].map(listOf);
}

function namesIn(lists: ListValueNode): string[][] {
  return lists.values.map((inner) =>
    inner.kind === Kind.LIST ? inner.values.map((name) => (name.kind === Kind.STRING ? name.value : '')) : [],
  );
}

function withAnotherRole(argument: string, given: ConstValueNode | undefined): [string, ConstValueNode][] {
  const current = given?.kind === Kind.LIST ? given.values.map(print) : [];
  return roles
    .filter((role) => !current.includes(role))
    .map((role) => [argument, parseConstValue(`[${[...current, role]}]`)]);
}

function listOf(lists: readonly (readonly string[])[]): ConstValueNode {
  return parseConstValue(JSON.stringify(lists));
}

function withArgument(guard: ConstDirectiveNode, name: string, value: ConstValueNode): ConstDirectiveNode {
  const kept = guard.arguments?.filter((argument) => argument.name.value !== name) ?? [];
  const made = { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value } as const;
  return { ...guard, arguments: [...kept, made] };
}

/** Types without guards. Each field must then demand by itself what it needs. */
export function withoutGuardsOfTypes(typeDefs: DocumentNode): DocumentNode {
  const open = named('public');
  return visit(typeDefs, {
    ObjectTypeDefinition: (node) => {
      if (!node.directives?.length) return;
      const ofRows = node.directives.filter(({ name }) => !guardNames.has(name.value));
      return { ...node, directives: [open, ...ofRows] };
    },
    InterfaceTypeDefinition: (node) => ({ ...node, directives: [] }),
  });
}

function replace(typeDefs: DocumentNode, guard: ConstDirectiveNode, by: ConstDirectiveNode | null): DocumentNode {
  return visit(typeDefs, { Directive: (node) => (node === guard ? by : undefined) });
}
