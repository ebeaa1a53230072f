/**
 * A random guarded schema with data, viewers and queries, made from a seed; and a simple reference that decides it. The
 * reference is written only from the contract. It knows the guards as they were drawn, reads no directive, and shares
 * no code with src/authorization.
 */
export interface Random {
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  upTo(max: number): number;
}

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] as never,
    upTo: (max) => Math.floor(next() * (max + 1)),
  };
}

export type Check =
  | { kind: 'public' | 'authenticated' }
  | { kind: 'scopes'; lists: string[][] }
  | { kind: 'role'; roles: string[] }
  | { kind: 'owner'; roles: string[] | null; lists: string[][] | null }
  | { kind: 'policy'; lists: string[][] };

export interface FieldSpec {
  name: string;
  /** Such as `[T1!]`; `base` is its innermost name. */
  type: string;
  base: string;
  checks: Check[];
  /** The argument `x: Int` with the rights of its `@settableBy`; null: no such argument. */
  settable: { roles: string[] | null; lists: string[][] | null } | null;
}

export interface TypeSpec {
  name: string;
  kind: 'root' | 'object' | 'interface';
  interfaces: string[];
  checks: Check[];
  fields: FieldSpec[];
}

export interface World {
  types: Map<string, TypeSpec>;
  leafChecks: Map<string, Check[]>;
  unionMembers: string[];
  sdl: string;
}

const scopes = ['a', 'b', 'c'];
const roles = ['USER', 'ADMIN'];
const objects = ['T0', 'T1', 'T2', 'T3'];
const leaves = ['String', 'Guarded', 'Kind'];
const isLeaf = (name: string) => name === 'Int' || leaves.includes(name);

export function worldOf(random: Random): World {
  const interfaces = ['I0', 'I1'].map((name): TypeSpec => {
    const fields = fieldsOf(random, `${name.toLowerCase()}_`, 2);
    return { name, kind: 'interface', interfaces: [], checks: checksOf(random, 'interface', 0.3), fields };
  });
  const made = objects.map((name, index): TypeSpec => {
    // Each interface has a type that implements it.
    const implemented = interfaces.filter((_, i) => i === index || random.chance(0.5));
    const inherited = implemented.flatMap(({ fields }) =>
      fields.map((field) => ({
        ...field,
        checks: checksOf(random, 'field', 0.2),
        settable: field.settable && (random.chance(0.5) ? settableOf(random) : { roles: null, lists: null }),
      })),
    );
    const isOpen = implemented.every(({ checks }) => checks.length === 0) && random.chance(0.5);
    const checks: Check[] = isOpen ? [{ kind: 'public' }] : checksOf(random, 'object', 1);
    return {
      name,
      kind: 'object',
      interfaces: implemented.map((one) => one.name),
      checks,
      fields: [...inherited, ...fieldsOf(random, `${name.toLowerCase()}_`, 3)],
    };
  });
  const query: TypeSpec = {
    name: 'Query',
    kind: 'root',
    interfaces: [],
    checks: [],
    fields: fieldsOf(random, 'q_', 6).map((field) => {
      const checks = checksOf(random, 'root', 0.5);
      return { ...field, checks: checks.length > 0 ? checks : [{ kind: 'public' }] };
    }),
  };
  const leafChecks = new Map([
    ['Guarded', checksOf(random, 'interface', 0.5)],
    ['Kind', checksOf(random, 'interface', 0.5)],
  ]);
  // Some field returns each guarded leaf, and the type of the variables exists.
  query.fields.push(plainField('q_guarded', 'Guarded'), plainField('q_kind', 'Kind'), plainField('q_int', 'Int'));
  const unionMembers = ['T0', ...objects.slice(1).filter(() => random.chance(0.5))];
  const types = new Map([query, ...interfaces, ...made].map((type) => [type.name, type]));
  return { types, leafChecks, unionMembers, sdl: sdlOf(types, leafChecks, unionMembers) };
}

function plainField(name: string, base: string): FieldSpec {
  return { name, type: base, base, checks: [{ kind: 'public' }], settable: null };
}

function fieldsOf(random: Random, prefix: string, count: number): FieldSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const base = random.chance(0.5) ? random.pick(leaves) : random.pick([...objects, 'I0', 'I1', 'U']);
    let type = base + (random.chance(0.3) ? '!' : '');
    for (let lists = random.pick([0, 0, 0, 1, 1, 2]); lists > 0; lists--) {
      type = `[${type}]${random.chance(0.3) ? '!' : ''}`;
    }
    const settable = random.chance(0.25) ? settableOf(random) : null;
    return { name: `${prefix}${index}`, type, base, checks: checksOf(random, 'field', 0.25), settable };
  });
}

function settableOf(random: Random) {
  return random.chance(0.5) ? { roles: ['ADMIN'], lists: null } : { roles: null, lists: listsOf(random, scopes) };
}

function listsOf(random: Random, names: readonly string[]): string[][] {
  const list = () => [...new Set([random.pick(names), random.pick(names)])];
  return random.chance(0.5) ? [list()] : [list(), list()];
}

function checksOf(random: Random, place: 'root' | 'object' | 'interface' | 'field', probability: number): Check[] {
  if (!random.chance(probability)) return [];
  const kinds: Check['kind'][] = ['authenticated', 'scopes', 'role', 'policy'];
  if (place === 'object' || place === 'field') kinds.push('owner');
  const drawn = new Set([random.pick(kinds), ...(random.chance(0.3) ? [random.pick(kinds)] : [])]);
  return [...drawn].map((kind): Check => {
    switch (kind) {
      case 'scopes':
        return { kind, lists: listsOf(random, scopes) };
      case 'role':
        return { kind, roles: [random.pick(roles)] };
      case 'policy':
        return { kind, lists: listsOf(random, ['even', 'trusted']) };
      case 'owner':
        return {
          kind,
          roles: random.chance(0.3) ? ['ADMIN'] : null,
          lists: random.chance(0.3) ? listsOf(random, scopes) : null,
        };
      default:
        return { kind: 'authenticated' };
    }
  });
}

const quoted = (lists: string[][]) => JSON.stringify(lists);

function directiveOf(check: Check): string {
  switch (check.kind) {
    case 'scopes':
      return `@requiresScopes(scopes: ${quoted(check.lists)})`;
    case 'role':
      return `@requiresRole(roles: [${check.roles}])`;
    case 'policy':
      return `@policy(policies: ${quoted(check.lists)})`;
    case 'owner': {
      const given = [
        check.roles && `orRoles: [${check.roles}]`,
        check.lists && `orScopes: ${quoted(check.lists)}`,
      ].filter(Boolean);
      return `@owner${given.length > 0 ? `(${given.join(', ')})` : ''}`;
    }
    default:
      return `@${check.kind}`;
  }
}

function sdlOf(types: World['types'], leafChecks: World['leafChecks'], unionMembers: string[]): string {
  const all = (checks: readonly Check[]) => checks.map(directiveOf).join(' ');
  const fieldSdl = ({ name, type, checks, settable }: FieldSpec) => {
    const by = settable?.roles ? 'roles: [ADMIN]' : settable?.lists ? `scopes: ${quoted(settable.lists)}` : null;
    const argument = settable ? `(x: Int ${by ? `@settableBy(${by})` : ''})` : '';
    return `  ${name}${argument}: ${type} ${all(checks)}`;
  };
  const typeSdl = ({ name, kind, interfaces, checks, fields }: TypeSpec) =>
    `${kind === 'interface' ? 'interface' : 'type'} ${name} ${interfaces.length > 0 ? `implements ${interfaces.join(' & ')}` : ''} ${all(checks)} {\n${fields.map(fieldSdl).join('\n')}\n}`;
  return [
    `scalar Guarded ${all(leafChecks.get('Guarded') ?? [])}`,
    `enum Kind ${all(leafChecks.get('Kind') ?? [])} { ONE TWO }`,
    `union U = ${unionMembers.join(' | ')}`,
    ...[...types.values()].map(typeSdl),
  ].join('\n');
}

export interface Viewer {
  id: string;
  roles: string[];
  scopes: string[];
}

export function viewerOf(random: Random): Viewer | null {
  if (random.chance(0.15)) return null;
  return {
    id: random.pick(['u1', 'u2']),
    roles: random.chance(0.4) ? ['ADMIN'] : ['USER'],
    scopes: scopes.filter(() => random.chance(0.6)),
  };
}

export interface Row {
  __typename: string;
  ownerId: string;
  number: number;
}

/** Whether the policies allow, written independently. */
export const policyMeanings = {
  /** Depends on the row. */
  even: (parent: Partial<Row> | undefined) => (parent?.number ?? 0) % 2 === 0,
  /** Depends on the viewer alone. */
  trusted: (viewer: Viewer | null) => viewer?.id === 'u1',
};

/** `row`: true to assume that conditions about the row hold. */
function passes(check: Check, viewer: Viewer | null, parent: Partial<Row> | undefined, row: 'asked' | true): boolean {
  const has = (lists: string[][] | null) =>
    viewer !== null && (lists ?? []).some((list) => list.every((scope) => viewer.scopes.includes(scope)));
  switch (check.kind) {
    case 'public':
      return true;
    case 'authenticated':
      return viewer !== null;
    case 'scopes':
      return has(check.lists);
    case 'role':
      return viewer?.roles.some((role) => check.roles.includes(role)) ?? false;
    case 'owner':
      if (viewer === null) return false;
      if (row === true || parent?.ownerId === viewer.id) return true;
      return has(check.lists) || viewer.roles.some((role) => check.roles?.includes(role));
    case 'policy':
      return check.lists.some((list) =>
        list.every((name) =>
          name === 'trusted' ? policyMeanings.trusted(viewer) : row === true || policyMeanings.even(parent),
        ),
      );
  }
}

/** The verdict of the contract on one call of a field: allowed, denied for every row, or denied for this row. */
export function decide(
  world: World,
  [typeName, fieldName]: readonly [string, string],
  viewer: Viewer | null,
  { parent, suppliesArgument }: { parent: Partial<Row> | undefined; suppliesArgument: boolean },
): 'allowed' | 'viewer' | 'row' {
  const type = world.types.get(typeName) as TypeSpec;
  const field = type.fields.find(({ name }) => name === fieldName) as FieldSpec;
  const interfaces = type.interfaces.map((name) => world.types.get(name) as TypeSpec);
  const twins = interfaces.flatMap(({ fields }) => fields.filter(({ name }) => name === fieldName));
  const here = [type, field, ...interfaces, ...twins].flatMap(({ checks }) => checks);
  const returned = world.types.get(field.base);
  const ofReturned = returned
    ? [returned, ...returned.interfaces.map((name) => world.types.get(name) as TypeSpec)].flatMap((one) => one.checks)
    : [];
  // A leaf has only its parent's row.
  here.push(...(world.leafChecks.get(field.base) ?? []));
  const byViewer =
    here.every((check) => passes(check, viewer, parent, true)) &&
    ofReturned.every((check) => passes(check, viewer, undefined, true));
  if (!byViewer) return 'viewer';
  // Who may supply an argument also depends on the viewer alone.
  if (suppliesArgument) {
    const settables = [field, ...twins].flatMap(({ settable }) => settable ?? []);
    const may = settables.every(
      ({ roles: by, lists }) =>
        (!by && !lists) ||
        (by !== null && passes({ kind: 'role', roles: by }, viewer, undefined, true)) ||
        (lists !== null && passes({ kind: 'scopes', lists }, viewer, undefined, true)),
    );
    if (!may) return 'viewer';
  }
  if (!here.every((check) => passes(check, viewer, parent, 'asked'))) return 'row';
  return 'allowed';
}

/** A query with aliases, fragments, skips and variables. */
export function queryOf(world: World, random: Random): string {
  const fragments: string[] = [];
  const selection = (typeName: string, depth: number): string => {
    if (typeName === 'U') {
      const members = world.unionMembers.filter(() => random.chance(0.7));
      return `{ __typename ${members.map((name) => `... on ${name} ${selection(name, depth)}`).join(' ')} }`;
    }
    const type = world.types.get(typeName) as TypeSpec;
    const chosen = type.fields.filter(() => random.chance(type.kind === 'root' ? 0.5 : 0.6));
    const parts = chosen.map((field) => {
      if (!isLeaf(field.base) && depth === 0) return '';
      const alias = random.chance(0.3)
        ? `${typeName}_${field.name}_${random.upTo(1)}: `
        : `${typeName}_${field.name}: `;
      const given = field.settable ? random.pick(['', '(x: 1)', '(x: null)', '(x: $set)', '(x: $unset)']) : '';
      // Each response name must mean one thing.
      const key = given.replace(/\W/g, '');
      const skip = random.chance(0.1) ? random.pick(['@skip(if: $yes)', '@include(if: $yes)']) : '';
      return `${alias.replace(': ', `${key}${skip.replace(/\W/g, '')}: `)}${field.name}${given} ${skip} ${isLeaf(field.base) ? '' : selection(field.base, depth - 1)}`;
    });
    if (type.kind === 'interface') {
      for (const object of world.types.values()) {
        if (object.interfaces.includes(typeName) && random.chance(0.5)) {
          parts.push(`... on ${object.name} ${selection(object.name, Math.max(depth - 1, 0))}`);
        }
      }
    }
    if (random.chance(0.2)) {
      const name = `F${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${typeName} ${selection(typeName, 0)}`;
      parts.push(`...${name}`);
    }
    return `{ __typename ${parts.join(' ')} }`;
  };
  const body = selection('Query', 3);
  return `query ($set: Int, $unset: Int, $yes: Boolean!) ${body} ${fragments.join('\n')}`;
}
