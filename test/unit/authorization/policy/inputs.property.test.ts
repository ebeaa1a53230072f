import fc from 'fast-check';
import { execute, parse, validate } from 'graphql';
import { expect, it } from 'vitest';
import type { Guard } from '../../../../src/authorization/guard.ts';
import { guardOf, user } from '../harness.ts';

/** The type of an input, as its SDL writes it: `Int`, `Key`, `[[I1]]`. */
type TypeName = string;
type Value = null | number | Key | Value[] | Fields;
class Key {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
/** Values by field name. A missing field is left out. */
class Fields {
  readonly of: ReadonlyMap<string, Value>;
  constructor(of: ReadonlyMap<string, Value>) {
    this.of = of;
  }
}
/** Draws from a list of choices. */
type Draw = <Choice>(...choices: Choice[]) => Choice;

interface World {
  readonly inputs: ReadonlyMap<string, ReadonlyMap<string, { type: TypeName; default?: string }>>;
  readonly guarded: ReadonlySet<string>;
  readonly sdl: string;
  readonly reads: Record<string, string[]>;
}

const keys = ['A', 'B', 'C'];

function drawWorld(draw: Draw, hasDefaults: boolean): World {
  const names = ['I0', 'I1', 'I2'];
  const guarded = new Set<string>();
  const guard = (coordinate: string) => {
    if (!draw(true, false)) return '';
    guarded.add(coordinate);
    return ` @settableBy(scopes: [["${coordinate}"]])`;
  };
  const inputs = new Map<string, Map<string, { type: TypeName; default?: string }>>();
  let sdl = '';
  for (const name of names) {
    const fields = new Map<string, { type: TypeName; default?: string }>();
    sdl += `input ${name} {`;
    for (const field of ['a', 'b', 'c']) {
      const base = draw('Int', 'Key', ...names);
      const type = draw(base, base, `[${base}]`, `[[${base}]]`);
      const fallback = { Int: '1', Key: 'A' }[type as string];
      const filledIn = hasDefaults && fallback && draw(true, false) ? fallback : undefined;
      fields.set(field, { type, ...(filledIn && { default: filledIn }) });
      sdl += ` ${field}: ${type}${filledIn ? ` = ${filledIn}` : ''}${guard(`${name}.${field}`)}`;
    }
    sdl += ' }\n';
    inputs.set(name, fields);
  }
  const reads: Record<string, string[]> = {};
  for (const key of keys) if (guard(`Key.${key}`)) reads[`Key.${key}`] = [`Row.${key}`];
  const columns = keys.map((key) => `${key}: Int @requiresScopes(scopes: [["Key.${key}"]])`).join(' ');
  sdl += `enum Key { ${keys.join(' ')} }\ntype Row @public { ${columns} }\n`;
  sdl += `type Query { f(x: [I0]${guard('Query.f(x:)')}, y: I1${guard('Query.f(y:)')}): Int @public g(k: Key): Int @public }`;
  return { inputs, guarded, sdl, reads };
}

function drawValue(type: TypeName, world: World, draw: Draw, depth: number): Value {
  if (draw(true, false, false, false, false)) return null;
  if (type.startsWith('[')) {
    const item = type.slice(1, -1);
    return Array.from({ length: draw(0, 1, 1, 2) }, () => drawValue(item, world, draw, depth));
  }
  if (type === 'Int') return draw(1, 2);
  if (type === 'Key') return new Key(draw(...keys));
  const fields = new Map<string, Value>();
  for (const [name, field] of world.inputs.get(type) ?? []) {
    const isDeep = !['Int', 'Key'].includes(field.type);
    if (draw(true, false) && (depth > 0 || !isDeep)) fields.set(name, drawValue(field.type, world, draw, depth - 1));
  }
  return new Fields(fields);
}

/** The guarded coordinates in a value, by the contract and the specification: what is written is supplied. */
function suppliedIn(value: Value, type: TypeName, world: World): string[] {
  if (value === null || typeof value === 'number') return [];
  if (Array.isArray(value)) return value.flatMap((item) => suppliedIn(item, type.slice(1, -1), world));
  const named = type.replace(/[[\]]/g, '');
  const found =
    value instanceof Key
      ? [`Key.${value.name}`]
      : [...value.of].flatMap(([name, held]) => {
          const field = world.inputs.get(named)?.get(name);
          return [`${named}.${name}`, ...suppliedIn(held, field?.type ?? '', world)];
        });
  return found.filter((coordinate) => world.guarded.has(coordinate));
}

/** Writes a call of `f`. `asVariable` decides which values are variables. */
class Writer {
  readonly definitions: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly #world: World;
  readonly #asVariable: () => boolean;
  readonly #draw: Draw;

  constructor(world: World, draw: Draw, asVariable: () => boolean) {
    this.#world = world;
    this.#draw = draw;
    this.#asVariable = asVariable;
  }

  write(value: Value, type: TypeName): string {
    if (this.#asVariable()) {
      const name = `v${this.definitions.length}`;
      // By its default, or by the client. A default that is not used changes nothing.
      const how = this.#draw('sent', 'sent', 'default', 'both');
      const unused = how === 'both' ? this.literal(drawValue(type, this.#world, this.#draw, 1), type) : '';
      const fallback = how === 'default' ? this.literal(value, type) : unused;
      this.definitions.push(`$${name}: ${type}${fallback && ` = ${fallback}`}`);
      if (how !== 'default') this.variables[name] = this.#raw(value, type);
      return `$${name}`;
    }
    return this.#node(value, type, (held, heldType) => this.write(held, heldType));
  }

  /** Without variables, as a default must be. */
  literal(value: Value, type: TypeName): string {
    return this.#node(value, type, (held, heldType) => this.literal(held, heldType));
  }

  #node(value: Value, type: TypeName, write: (held: Value, type: TypeName) => string): string {
    if (value === null || typeof value === 'number') return String(value);
    if (value instanceof Key) return value.name;
    if (Array.isArray(value)) {
      const item = type.slice(1, -1);
      if (this.#isOne(value)) return this.literal(value[0] as Value, item);
      return `[${value.map((held) => write(held, item)).join(', ')}]`;
    }
    const fields = this.#world.inputs.get(type);
    return `{ ${[...value.of].map(([name, held]) => `${name}: ${write(held, fields?.get(name)?.type ?? '')}`).join(', ')} }`;
  }

  #raw(value: Value, type: TypeName): unknown {
    if (value === null || typeof value === 'number') return value;
    if (value instanceof Key) return value.name;
    if (Array.isArray(value)) {
      const item = type.slice(1, -1);
      return this.#isOne(value) ? this.#raw(value[0] as Value, item) : value.map((held) => this.#raw(held, item));
    }
    const fields = this.#world.inputs.get(type);
    const raw: Record<string, unknown> = {};
    for (const name of fields?.keys() ?? []) {
      if (value.of.has(name)) raw[name] = this.#raw(value.of.get(name) as Value, fields?.get(name)?.type ?? '');
      else if (this.#draw(true, false)) raw[name] = undefined;
    }
    return raw;
  }

  /** A value that stands for a list of one. Null would mean no list. */
  #isOne(value: Value[]): boolean {
    return value.length === 1 && value[0] !== null && !Array.isArray(value[0]) && this.#draw(true, false);
  }
}

/** The denials of a call in mode `report`, for a viewer without rights. */
async function supplied(
  guard: Guard,
  told: Set<string>,
  call: { query: string; variables: object },
  executor?: 'graphql-js',
) {
  const document = parse(call.query);
  expect(validate(guard.schema, document)).toEqual([]);
  told.clear();
  const args = {
    document,
    variableValues: call.variables as Record<string, unknown>,
    contextValue: { viewer: user() },
  };
  const result = await (executor ? execute({ ...args, schema: guard.schema }) : guard.execute(args));
  expect(result).toEqual({ data: { f: 1 } });
  return [...told].toSorted();
}

const runs = 400;

it('what is supplied is the same in literals, in variables and in a mixture of both', {
  timeout: 120_000,
}, async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.boolean(), async (gen, hasDefaults) => {
      const draw: Draw = (...choices) => gen(fc.constantFrom, ...choices) as (typeof choices)[number];
      const world = drawWorld(draw, hasDefaults);
      const told = new Set<string>();
      const guard = guardOf(
        world.sdl,
        { Query: { f: () => 1 } },
        {
          denial: 'report',
          reads: world.reads,
          onDenial: ({ coordinate }) => void told.add(coordinate),
        },
      );
      const args = (['x', 'y'] as const)
        .filter(() => draw(true, true, false))
        .map((name) => ({ name, type: { x: '[I0]', y: 'I1' }[name], value: null as Value }));
      for (const arg of args) arg.value = drawValue(arg.type, world, draw, 3);
      const expected = args.flatMap(({ name, type, value }) => [
        `Query.f(${name}:)`,
        ...suppliedIn(value, type, world),
      ]);
      const guarded = [...new Set(expected)].filter((coordinate) => world.guarded.has(coordinate)).toSorted();
      found += guarded.length;
      const ways = {
        literal: () => false,
        variable: () => true,
        mixture: () => draw(true, false, false),
      };
      for (const [way, asVariable] of Object.entries(ways)) {
        const writer = new Writer(world, draw, asVariable);
        const written = args.map(({ name, type, value }) => `${name}: ${writer.write(value, type)}`).join(', ');
        const head = writer.definitions.length > 0 ? `query (${writer.definitions.join(', ')}) ` : '';
        const call = { query: `${head}{ f${written && `(${written})`} }`, variables: writer.variables };
        expect({ way, ...call, supplied: await supplied(guard, told, call) }).toEqual({
          way,
          ...call,
          supplied: guarded,
        });
        // Another executor does not say what the client left out. That matters only with defaults.
        if (!hasDefaults) expect(await supplied(guard, told, call, 'graphql-js')).toEqual(guarded);
      }
    }),
    { numRuns: runs },
  );
  expect(found).toBeGreaterThan(runs);
});
