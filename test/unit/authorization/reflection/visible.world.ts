/**
 * The random world of differential.world.ts, with nested inputs, required arguments, mutations and subscriptions; and a
 * simple reference of the visible schema. The reference knows the guards as they were drawn, and shares no code with
 * src/authorization.
 */
import {
  decide,
  type FieldSpec,
  type Random,
  type TypeSpec,
  type Viewer,
  type World,
  worldOf,
} from '../differential.world.ts';

export interface InputSpec {
  name: string;
  base: string;
  isRequired: boolean;
  hasDefault: boolean;
  /** The right of `@settableBy`; null: none. */
  role: 'USER' | 'ADMIN' | null;
}

export interface WiderWorld extends World {
  inputs: Map<string, InputSpec[]>;
  /** By `Type.field`, for fields that take inputs. */
  args: Map<string, InputSpec[]>;
}

const inputNames = ['N0', 'N1', 'N2', 'N3'];

export function widerWorldOf(random: Random): WiderWorld {
  const world = worldOf(random);
  const inputs = new Map(
    inputNames.map((name, index) => [
      name,
      Array.from({ length: 1 + random.upTo(2) }, (_, i) => inputOf(random, `f${i}`, inputNames.slice(index + 1))),
    ]),
  );
  const args = new Map<string, InputSpec[]>();
  const lines: string[] = [];
  for (const root of ['Query', 'Mutation', 'Subscription']) {
    const fields = Array.from({ length: 2 }, (_, i): FieldSpec => {
      const base = random.pick(['Int', 'Guarded', 'T0', 'T1', 'T2', 'T3', 'I0', 'I1', 'U']);
      const kind = random.pick(['public', 'authenticated', 'role'] as const);
      const checks: FieldSpec['checks'] = [kind === 'role' ? { kind, roles: ['ADMIN'] } : { kind }];
      const field = { name: `${root.toLowerCase()}_${i}`, type: base, base, checks, settable: null };
      const taken = Array.from({ length: random.upTo(2) }, (_, at) => inputOf(random, `a${at}`, inputNames));
      args.set(`${root}.${field.name}`, taken);
      const guard = kind === 'role' ? '@requiresRole(roles: [ADMIN])' : `@${kind}`;
      const written = taken.length > 0 ? `(${taken.map(sdlOfInput).join(', ')})` : '';
      lines.push(`extend type ${root} { ${field.name}${written}: ${base} ${guard} }`);
      return field;
    });
    const known = world.types.get(root);
    if (known) known.fields.push(...fields);
    else world.types.set(root, { name: root, kind: 'root', interfaces: [], checks: [], fields });
  }
  for (const [name, fields] of inputs) lines.push(`input ${name} { ${fields.map(sdlOfInput).join(', ')} }`);
  return { ...world, inputs, args, sdl: [world.sdl, 'type Mutation', 'type Subscription', ...lines].join('\n') };
}

/** @param required the inputs that it may require, without any that leads back. */
function inputOf(random: Random, name: string, required: readonly string[]): InputSpec {
  const base = random.pick(['Int', ...inputNames]);
  const isRequired = random.chance(0.4) && (base === 'Int' || required.includes(base));
  const hasDefault = base === 'Int' && random.chance(0.3);
  return { name, base, isRequired, hasDefault, role: random.pick([null, null, 'USER', 'ADMIN'] as const) };
}

function sdlOfInput({ name, base, isRequired, hasDefault, role }: InputSpec): string {
  const guard = role ? `@settableBy(roles: [${role}])` : '';
  return `${name}: ${base}${isRequired ? '!' : ''} ${hasDefault ? '= 7' : ''} ${guard}`;
}

/**
 * The visible types (`T0`), fields (`T0.t0_1`), arguments (`T0.t0_1(x:)`) and input fields (`N0.f1`). Removes useless
 * types until none is left. Keeps only what a root type leads to.
 */
export function expectedFor(world: WiderWorld, viewer: Viewer | null): Set<string> {
  const gone = new Set<string>();
  const types = [...world.types.values()];
  const implementing = (name: string) => types.filter((one) => one.interfaces.includes(name) && !gone.has(one.name));

  const denies = (type: TypeSpec, { name }: FieldSpec, suppliesArgument: boolean) =>
    decide(world, [type.name, name], viewer, { parent: undefined, suppliesArgument }) === 'viewer';
  const takes = ({ role, base }: InputSpec) => (role === null || viewer?.roles.includes(role)) && !gone.has(base);
  const isFilled = (inputs: readonly InputSpec[] = []) =>
    inputs.every((one) => !one.isRequired || one.hasDefault || takes(one));
  const argsOf = (type: TypeSpec, field: FieldSpec) => world.args.get(`${type.name}.${field.name}`) ?? [];
  const has = (type: TypeSpec, field: FieldSpec): boolean => {
    if (gone.has(field.base)) return false;
    if (type.kind === 'interface') return implementing(type.name).every((one) => has(one, field));
    return !denies(type, field, false) && isFilled(argsOf(type, field));
  };
  const hasX = (type: TypeSpec, field: FieldSpec): boolean =>
    type.kind === 'interface'
      ? implementing(type.name).every((one) => hasX(one, ownField(one, field)))
      : !denies(type, field, true);

  const isBare = (type: TypeSpec) => !type.fields.some((field) => has(type, field));
  const isUseless = new Map<string, () => boolean>([
    ['U', () => world.unionMembers.every((name) => gone.has(name))],
    ...[...world.inputs].map(([name, inputs]) => [name, () => !inputs.some(takes) || !isFilled(inputs)] as const),
    ...types.map((type): [string, () => boolean] => [
      type.name,
      () => (type.kind === 'interface' ? implementing(type.name).length === 0 : isBare(type)),
    ]),
  ]);
  const takeAway = (names: Iterable<string>, isToGo: (name: string) => boolean) => {
    const going = [...names].filter((name) => !gone.has(name) && isToGo(name));
    for (const name of going) gone.add(name);
    return going.length > 0;
  };
  const interfaces = types.filter(({ kind }) => kind === 'interface');
  do {
    while (takeAway(isUseless.keys(), (name) => isUseless.get(name)?.() ?? false));
  } while (
    takeAway(
      interfaces.map(({ name }) => name),
      (name) => isBare(world.types.get(name) as TypeSpec),
    )
  );

  const shown = new Set<string>();
  for (const { name, kind } of types) if (kind === 'root') show(name);
  return shown;

  function show(name: string, isReturned = false): void {
    if (gone.has(name)) return;
    // Every type that may stand where an abstract type is returned.
    if (isReturned)
      for (const one of name === 'U' ? world.unionMembers : implementing(name).map((type) => type.name)) show(one);
    if (shown.has(name)) return;
    if (!specified.has(name)) shown.add(name);
    for (const input of world.inputs.get(name) ?? []) showInput(`${name}.${input.name}`, input);
    const type = world.types.get(name);
    for (const one of type?.interfaces ?? []) show(one);
    for (const field of type?.fields ?? []) {
      if (!type || !has(type, field)) continue;
      const coordinate = `${name}.${field.name}`;
      shown.add(coordinate);
      if (field.settable && hasX(type, field)) shown.add(`${coordinate}(x:)`);
      for (const arg of argsOf(type, field)) showInput(`${coordinate}(${arg.name}:)`, arg);
      show(field.base, true);
    }
  }

  function showInput(coordinate: string, input: InputSpec): void {
    if (!takes(input)) return;
    shown.add(coordinate);
    show(input.base);
  }
}

const specified: ReadonlySet<string> = new Set(['Int', 'String']);

function ownField(type: TypeSpec, { name }: FieldSpec): FieldSpec {
  return type.fields.find((field) => field.name === name) as FieldSpec;
}
