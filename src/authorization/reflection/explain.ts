/** Explains why a coordinate requires what it does. */
import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { nothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import { coordinatesOf } from '../policy/coordinates.ts';
import type { Compiled } from '../policy/policy.ts';
import type { Source } from '../policy/sources.ts';
import type { RowPolicy } from '../rows/row-policy.ts';
import type { Policies } from './matrix.ts';
import { explainRows, type RowExplanation } from './row-access.ts';

export interface Explanation {
  readonly coordinate: string;
  /** What its sources require together. */
  readonly requirement: Requirement;
  /** The directives that contribute, the coordinate's own first. There are none for an input that anyone may supply. */
  readonly sources: readonly Source[];
  /** For each returned type of row that has `@visibleTo`: which viewers see its rows. */
  readonly rows: readonly RowExplanation[];
}

/** What an explanation is made from. */
export type Explained = Compiled & Policies;

/**
 * @param access has the requirements that `everyRequirement` gives.
 * @throws RangeError for what is no coordinate that can be asked for. The message names similar coordinates.
 */
export function explain(schema: GraphQLSchema, access: Explained, coordinate: string): Explanation {
  const requirement = access.requirements.get(coordinate);
  if (requirement) {
    const types = access.returned.get(coordinate) ?? [];
    const rows = types.map((type) => explainRows(type, access.rows.get(type) as RowPolicy));
    return { coordinate, requirement, sources: access.sources.get(coordinate) ?? [], rows };
  }
  throw new RangeError(`There is no coordinate \`${coordinate}\`; ${hint(schema, coordinatesOf(schema), coordinate)}`);
}

/** What each coordinate requires. It is `nothing` where no guard stands on the coordinate or reaches it. */
export function everyRequirement(schema: GraphQLSchema, requirements: Requirements): Requirements {
  const unguarded = coordinatesOf(schema).map((coordinate) => [coordinate, nothing] as const);
  return new Map([...unguarded, ...requirements]);
}

function hint(schema: GraphQLSchema, coordinates: readonly string[], asked: string): string {
  const beginningWith = (start: string) =>
    coordinates.filter((coordinate) => coordinate.toLowerCase().startsWith(start.toLowerCase()));
  const meant = beginningWith(asked).filter(({ length }) => length === asked.length);
  if (meant.length > 0) return `did you mean ${list(meant)}?`;
  const [field = ''] = asked.split('(');
  const inputs = beginningWith(`${field}(`);
  if (inputs.length > 0) return `its field has ${list(inputs)}`;
  const [holder = ''] = field.split('.');
  const type = schema.getType(holder);
  if (isInterfaceType(type)) {
    const names = schema
      .getImplementations(type)
      .objects.map(({ name }) => name + asked.slice(holder.length))
      .filter((name) => coordinates.includes(name) || asked === holder);
    return `${holder} is an interface: ask for what implements it, ${list(names)}`;
  }
  const fields = beginningWith(`${holder}.`).filter((coordinate) => !coordinate.includes('('));
  if (fields.length > 0) return `there are ${list(fields)}`;
  const types = new Set(coordinates.map((coordinate) => coordinate.split('.')[0] ?? ''));
  return `write \`Type.field\`, \`Type.field(argument:)\`, \`Input.field\` or \`Enum.VALUE\`; there are the types ${list([...types])}`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ') || 'none';
}
