/** The sources of a requirement: which directives it comes from, and how they reach the coordinate. */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { allOf, type Requirement, viewerPart } from '../contract/requirement.ts';
import type { Guards, WrittenGuard } from './read-guards.ts';
import type { SchemaGuards } from './read-schema.ts';

/** One directive that contributes to what a coordinate requires. */
export interface Source extends WrittenGuard {
  /** What it stands on, such as `Task` or `Task.notes`. */
  readonly on: string;
  readonly through: Through;
  /** If an input has the requirement because it reads a field: that field. The directive reaches the field. */
  readonly reads?: string;
  /** What it requires at the coordinate. A guard on a returned object or interface gives the viewer's part alone. */
  readonly requirement: Requirement;
}

/**
 * How a directive reaches a coordinate. It may stand on the coordinate itself, on the field's type, or on an interface
 * of that type. It may stand on that interface's field or argument of the same name. Or it stands on the type that the
 * field returns, or on an interface of that type.
 */
export type Through =
  | 'itself'
  | 'type'
  | 'interface'
  | 'interface field'
  | 'interface argument'
  | 'returned type'
  | 'interface of the returned type';

type Field = GraphQLField<unknown, unknown>;

/** What the sources require together. */
export function requirementOf(sources: readonly Source[]): Requirement {
  return allOf(...sources.map(({ requirement }) => requirement));
}

/** A source of an interface's argument, as it reaches the same argument of an implementing type. */
export function throughInterface(source: Source): Source {
  return source.through === 'itself' && !source.reads ? { ...source, through: 'interface argument' } : source;
}

export class Sources {
  readonly #guards: SchemaGuards;

  constructor(guards: SchemaGuards) {
    this.#guards = guards;
  }

  ofField(type: GraphQLObjectType, field: Field): Source[] {
    return [
      ...this.#own(`${type.name}.${field.name}`, 'itself'),
      ...this.inherited(type, field),
      ...this.ofReturned(getNamedType(field.type)),
    ];
  }

  /** What a field's type, and the interfaces of that type, require of the field. */
  inherited(type: GraphQLObjectType | GraphQLInterfaceType, field: Field): Source[] {
    const fields = type.getInterfaces().flatMap(({ name }) => this.#own(`${name}.${field.name}`, 'interface field'));
    return [...this.#onType(type, 'type'), ...this.ofInterfaces(type), ...fields];
  }

  ofInterfaces(type: GraphQLObjectType | GraphQLInterfaceType, through: Through = 'interface'): Source[] {
    return type.getInterfaces().flatMap((implemented) => this.#onType(implemented, through));
  }

  ofInput(coordinate: string): Source[] {
    return sourcesOf(this.#guards.inputs.get(coordinate), coordinate, 'itself');
  }

  /** The returned row is not the parent, so its own fields decide what depends on the row. */
  ofReturned(type: GraphQLNamedType): Source[] {
    const own = this.#onType(type, 'returned type');
    if (!isObjectType(type) && !isInterfaceType(type)) return own;
    const interfaces = this.ofInterfaces(type, 'interface of the returned type');
    return [...own, ...interfaces].map((source) => ({ ...source, requirement: viewerPart(source.requirement) }));
  }

  #onType(type: GraphQLNamedType, through: Through): Source[] {
    return sourcesOf(this.#guards.types.get(type.name), type.name, through);
  }

  #own(coordinate: string, through: Through): Source[] {
    return sourcesOf(this.#guards.fields.get(coordinate), coordinate, through);
  }
}

function sourcesOf(guards: Guards | null | undefined, on: string, through: Through): Source[] {
  return (guards?.written ?? []).map((written) => ({ ...written, on, through }));
}
