/**
 * Random schemas with rules, data, viewers and queries, for which graphql-shield's meaning is sound: object types, a
 * rule for every field, rules that do not throw, no arguments. Each rule is one object, used by graphql-shield and by a
 * policy.
 */
import { makeExecutableSchema } from '@graphql-tools/schema';
import fc from 'fast-check';
import {
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import {
  allow,
  and,
  chain,
  deny,
  type GuardViewer,
  not,
  or,
  race,
  rule,
  type ShieldRule,
} from '../../../src/authorization/guard.ts';
import { randomOf } from './differential.world.ts';
import { vocabulary } from './harness.ts';

export interface Context {
  viewer: GuardViewer | null;
}

export interface Draw {
  pick<Item>(items: readonly Item[]): Item;
  /** One time in `times`. */
  once(times: number): boolean;
  number(): number;
}

/** Draws through fast-check, so that a failing case shrinks to first items and to false. */
export function drawFrom(gen: fc.GeneratorValue): Draw {
  const upTo = (max: number) => gen(fc.nat, { max });
  return {
    pick: (items) => items[upTo(items.length - 1)] as never,
    once: (times) => upTo(times - 1) === times - 1,
    number: () => upTo(1_000_000),
  };
}

interface Row {
  number: number;
  ownerId: string;
}

const viewers: readonly GuardViewer[] = ['u1', 'u2'].flatMap((id) =>
  [[], ['STAFF']].map((roles) => ({ id, roles, scopes: [] })),
);

export function drawViewer(draw: Draw): GuardViewer | null {
  return draw.pick([...viewers, null]);
}

/** Rules that depend on the viewer alone, and rules that also depend on the row. The last of each answers later. */
const viewerRules: readonly ShieldRule[] = [
  rule('signedIn', { cache: 'contextual' })((_parent, _args, { viewer }) => viewer !== null),
  rule('first', { cache: 'contextual' })((_parent, _args, { viewer }) => viewer?.id === 'u1' || 'Only for the first.'),
  rule('staff', { cache: 'contextual' })(
    async (_parent, _args, { viewer }) => viewer?.roles.includes('STAFF') ?? false,
  ),
];
const rowRules: readonly ShieldRule[] = [
  rule('even', { cache: 'no_cache' })((parent: Row | undefined) => (parent?.number ?? 0) % 2 === 0),
  rule('own')(
    (parent: Row | undefined, _args, { viewer }) => parent?.ownerId === viewer?.id || new Error('Not yours.'),
  ),
  rule('third')(async (parent: Row | undefined) => (parent?.number ?? 0) % 3 === 0),
];

export interface Rule {
  readonly rule: ShieldRule;
  readonly readsRow: boolean;
}

function drawRule(draw: Draw, isAtOnce: boolean, depth = 2): Rule {
  const leaf = (): Rule => {
    const readsRow = draw.once(2);
    const rules = readsRow ? rowRules : viewerRules;
    return { rule: draw.pick(isAtOnce ? rules.slice(0, -1) : rules), readsRow };
  };
  if (depth === 0 || !draw.once(3)) return draw.once(8) ? { rule: draw.pick([allow, deny]), readsRow: false } : leaf();
  if (draw.once(4)) {
    const part = drawRule(draw, isAtOnce, depth - 1);
    return { ...part, rule: draw.once(2) ? not(part.rule, new Error('Not so.')) : not(part.rule) };
  }
  const join = draw.pick([and, or, chain, race]);
  const parts = [drawRule(draw, isAtOnce, depth - 1), drawRule(draw, isAtOnce, depth - 1)];
  return { rule: join(...parts.map((part) => part.rule)), readsRow: parts.some(({ readsRow }) => readsRow) };
}

export interface World {
  readonly sdl: string;
  /** By the names that the directives use. */
  readonly policies: Record<string, ShieldRule>;
  /** graphql-shield's tree. */
  readonly tree: Record<string, Record<string, ShieldRule>>;
  /** The rule of a field that the tree leaves out. */
  readonly fallbackRule: ShieldRule;
  /** By coordinate. */
  readonly readsRow: ReadonlyMap<string, boolean>;
  /** Whether no rule and no resolver answers later. */
  readonly isAtOnce: boolean;
}

const objects = ['A', 'B', 'C'];

export function drawWorld(draw: Draw): World {
  const isAtOnce = draw.once(2);
  const policies: Record<string, ShieldRule> = {};
  const tree: World['tree'] = {};
  const readsRow = new Map<string, boolean>();
  const fallback: Rule = { rule: draw.pick([allow, deny]), readsRow: false };

  const named = ({ rule }: Rule) => {
    const name = `p${Object.keys(policies).length}`;
    policies[name] = rule;
    return name;
  };
  /** The same guard as a rule of the tree and as a directive: `[[a, b], [c]]` is `or(and(a, b), c)`. */
  const drawGuard = (coordinate: string, rules: Record<string, ShieldRule>): string => {
    const isLeft = draw.once(8);
    const lists = isLeft ? [[fallback]] : draw.pick([[1], [1], [1], [2], [1, 1], [2, 1]]).map(drawList);
    readsRow.set(
      coordinate,
      lists.flat().some((part) => part.readsRow),
    );
    if (!isLeft) rules[coordinate.split('.')[1] as string] = asOne(lists);
    return `@policy(policies: ${JSON.stringify(lists.map((list) => list.map(named)))})`;
  };
  const drawList = (length: number) => Array.from({ length }, () => drawRule(draw, isAtOnce));

  const typeDefs = ['Query', ...objects].map((type) => {
    const rules: Record<string, ShieldRule> = {};
    const fields = ['a', 'b', 'c', 'd'].map((name, i) => {
      const base = type === 'Query' || i > 1 ? draw.pick(objects) : 'Int';
      return `  ${name}: ${drawType(draw, base, isAtOnce)} ${drawGuard(`${type}.${name}`, rules)}`;
    });
    tree[type] = rules;
    return `type ${type} ${type === 'Query' ? '' : '@public'} {\n${fields.join('\n')}\n}`;
  });
  return { sdl: typeDefs.join('\n'), policies, tree, fallbackRule: fallback.rule, readsRow, isAtOnce };
}

function asOne(lists: readonly (readonly Rule[])[]): ShieldRule {
  const joined = lists.map((list) => and(...list.map(({ rule }) => rule)));
  const [only] = lists.flat();
  return lists.flat().length === 1 && only ? only.rule : or(...joined);
}

/**
 * Nested lists, nullable or not at each level. Non-null items are drawn only if everything is decided at once. If one
 * item is denied later and the next at once, graphql-js 16 drops the first promise, and its rejection is unhandled.
 */
function drawType(draw: Draw, base: string, isAtOnce: boolean): string {
  const item = () => (isAtOnce && draw.once(4) ? '!' : '');
  const lists = draw.pick([0, 0, 1, 1, 2]);
  let type = base;
  for (let level = 0; level < lists; level++) type = `[${type}${item()}]`;
  return type + (draw.once(4) ? '!' : '');
}

/** @param seed for the data: some resolvers answer at once, some later. */
export function schemaOf(world: World, seed: number): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs: [vocabulary, world.sdl] });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const [i, field] of Object.values(type.getFields()).entries()) {
      field.resolve = (parent?: Row) => {
        const random = randomOf(seed + (parent?.number ?? 0) * 31 + i);
        const value = madeUp(field.type, random);
        return !world.isAtOnce && random.chance(0.3) ? Promise.resolve(value) : value;
      };
    }
  }
  return schema;
}

function madeUp(type: GraphQLOutputType, random: ReturnType<typeof randomOf>): unknown {
  if (!isNonNullType(type) && random.chance(0.1)) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return Array.from({ length: random.upTo(2) }, () => madeUp(nullable.ofType as GraphQLOutputType, random));
  }
  const number = random.upTo(1000);
  return isObjectType(nullable) ? { number, ownerId: random.pick(['u1', 'u2']) } : number;
}

/** With aliases, fragments with and without names, skips and includes. One response key always means one field. */
export function drawQuery(draw: Draw, schema: GraphQLSchema): string {
  const fragments: string[] = [];
  const select = (typeName: string, depth: number): string => {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) return '';
    const parts = Object.values(type.getFields()).map((field) => {
      const base = field.type.toString().replace(/\W/g, '');
      if ((depth === 0 && base !== 'Int') || draw.once(3)) return '';
      const skip = draw.pick(['', '', '', '@skip(if: $no)', '@skip(if: true)', '@include(if: $no)']);
      const alias = draw.once(3) ? `${field.name}${depth}: ` : '';
      return `${skip && alias ? `${alias.replace(':', 'x:')}` : alias}${field.name} ${skip} ${select(base, depth - 1)}`;
    });
    const selection = `{ __typename ${parts.join(' ')} }`;
    if (draw.once(4)) return `{ ... on ${typeName} ${selection} }`;
    if (!draw.once(4)) return selection;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${typeName} ${selection}`);
    return `{ ...${name} }`;
  };
  const body = select('Query', 3);
  return `query ($no: Boolean = false) { used: __typename @skip(if: $no) ... ${body} }\n${fragments.join('\n')}`;
}
