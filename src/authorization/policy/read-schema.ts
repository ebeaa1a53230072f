/** Reads the guards of a whole schema, element by element. What follows from them is the work of policy.ts. */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { isRootType } from '../contract/root-types.ts';
import { nodesOf, type SiteOf } from '../vocabulary/site.ts';
import type { GivenGuards } from './given-guards.ts';
import { type Element, type Guards, readGuards, redefinition, renamedGuards } from './read-guards.ts';

export interface SchemaGuards {
  /** By type; null for one without guards. */
  readonly types: ReadonlyMap<string, Guards | null>;
  /** By `Type.field`, for objects and interfaces; null for one without guards. */
  readonly fields: ReadonlyMap<string, Guards | null>;
  /** By `Type.field(argument:)` and `Input.field`, for those that carry a guard. */
  readonly inputs: ReadonlyMap<string, Guards>;
}

export function readSchema(schema: GraphQLSchema, siteOf: SiteOf, given: GivenGuards): SchemaGuards {
  const types = new Map<string, Guards | null>();
  const fields = new Map<string, Guards | null>();
  const inputs = new Map<string, Guards>();

  const readInput = (coordinate: string, input: GraphQLArgument | GraphQLInputField, location: Element['location']) => {
    const nodes = given.beside(coordinate, [input.astNode]);
    const guards = readGuards({ location, nodes }, siteOf(coordinate, nodes));
    if (guards) inputs.set(coordinate, guards);
  };

  readElsewhere(schema, siteOf);
  for (const type of typesOf(schema)) {
    const isRoot = isRootType(schema, type);
    const nodes = given.beside(type.name, nodesOf(type));
    types.set(
      type.name,
      readGuards(
        { location: locationOfType(type), nodes: nodes as Element['nodes'] },
        siteOf(type.name, nodes, { isRoot }),
      ),
    );
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        const nodes = given.beside(coordinate, [field.astNode]);
        const site = siteOf(coordinate, nodes, { field, isRoot });
        fields.set(coordinate, readGuards({ location: 'FIELD_DEFINITION', nodes }, site));
        for (const arg of field.args) readInput(`${coordinate}(${arg.name}:)`, arg, 'ARGUMENT_DEFINITION');
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        readInput(`${type.name}.${field.name}`, field, 'INPUT_FIELD_DEFINITION');
      }
    } else if (isEnumType(type)) {
      for (const { astNode } of type.getValues()) {
        readGuards({ location: 'ENUM_VALUE', nodes: [astNode] }, siteOf(type.name, [astNode]));
      }
    }
  }
  given.refuseUnread();
  return { types, fields, inputs };
}

/** Refuses guards on the schema itself and on arguments of directives, where none takes effect. */
function readElsewhere(schema: GraphQLSchema, siteOf: SiteOf): void {
  const nodes = [schema.astNode, ...schema.extensionASTNodes];
  const site = siteOf('schema', nodes);
  readGuards({ location: 'SCHEMA', nodes }, site);
  for (const reason of renamedGuards(nodes)) site.problem(reason);
  for (const directive of schema.getDirectives()) {
    const redefined = redefinition(directive);
    if (redefined) siteOf(`@${directive.name}`, [directive.astNode]).problem(redefined);
    for (const { name, astNode } of directive.args) {
      readGuards({ location: 'SCHEMA', nodes: [astNode] }, siteOf(`@${directive.name}(${name}:)`, [astNode]));
    }
  }
}

/** Every type that the schema defines itself. */
export function typesOf(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

function locationOfType(type: GraphQLNamedType): Element['location'] {
  if (isObjectType(type)) return 'OBJECT';
  if (isInterfaceType(type)) return 'INTERFACE';
  if (isUnionType(type)) return 'UNION';
  if (isInputObjectType(type)) return 'INPUT_OBJECT';
  return isEnumType(type) ? 'ENUM' : 'SCALAR';
}
