/**
 * What filters and orders read. A list that can be filtered or sorted by a field reveals its value as the field itself
 * does. So supplying such an input needs the guards of the field as well.
 */
import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { describeRequirement } from '../contract/denial.ts';
import type { GuardOptions } from '../contract/options.ts';
import { isViewerOnly, type Requirement } from '../contract/requirement.ts';
import { type Nodes, nodesOf, type SiteOf } from '../vocabulary/site.ts';
import { inputsOf } from './coordinates.ts';
import { requirementOf, type Source } from './sources.ts';

/**
 * Adds to the requirement of each input those of the output fields that it reads.
 *
 * @param sources by coordinate: those of the output fields, and those of the inputs under `@settableBy`.
 */
export function addReads(
  schema: GraphQLSchema,
  reads: GuardOptions<unknown>['reads'],
  sources: Map<string, readonly Source[]>,
  siteOf: SiteOf,
): void {
  const entries = Object.entries(reads ?? {});
  if (entries.length === 0) return;
  const supplied = new Set(inputsOf(schema).map((type) => getNamedType(type)));
  for (const [coordinate, outputs] of entries) {
    const input = findInput(schema, coordinate, supplied);
    const site = siteOf(coordinate, input.nodes);
    if (input.reason) {
      site.problem(input.reason);
    } else if (!Array.isArray(outputs) || outputs.length === 0) {
      site.problem(
        '`reads` must list the output fields that it reads, such as `Task.title`; if it reads none, leave it out',
      );
    } else {
      const needed = outputs.flatMap((output: unknown) => {
        const required = findOutput(schema, output) ? sources.get(output as string) : undefined;
        if (!required) {
          site.problem(`\`reads\` says that it reads \`${String(output)}\`, which is no field of an object type`);
          return [];
        }
        const requirement = requirementOf(required);
        // A requirement that nobody meets is refused for its own reason.
        if (requirement.length > 0 && withoutRow(requirement).length === 0) {
          site.problem(onlyByRow(output as string, requirement));
        }
        return required.map((source) => readBy(source, output as string));
      });
      sources.set(coordinate, [...(sources.get(coordinate) ?? []), ...needed]);
    }
  }
}

function readBy(source: Source, reads: string): Source {
  return { ...source, reads, requirement: withoutRow(source.requirement) };
}

/** What the viewer alone can meet. A filter goes over many rows, so what one row would grant does not count. */
function withoutRow(requirement: Requirement): Requirement {
  return requirement.filter((alternative) => alternative.every(isViewerOnly));
}

function onlyByRow(output: string, requirement: Requirement): string {
  return (
    `it reads \`${output}\`, which requires ${describeRequirement(requirement)}: that is known of a row, not of a list. ` +
    `Let rights alone open \`${output}\` as well (such as \`orRoles\`, \`orScopes\`, or a \`contextual\` policy); or have ` +
    "the resolver look at the viewer's own rows only, and leave this out of `reads`"
  );
}

/**
 * `nodes`: where the input stands, as far as it is known. `reason`: why it cannot be used.
 *
 * @param supplied the types of all arguments and input fields.
 */
function findInput(
  schema: GraphQLSchema,
  coordinate: string,
  supplied: ReadonlySet<GraphQLNamedType>,
): { nodes: Nodes; reason?: string } {
  const found = resolve(schema, coordinate);
  switch (found?.kind) {
    case 'FieldArgument':
      if (isIntrospectionType(found.type)) break;
      return { nodes: [found.fieldArgument.astNode] };
    case 'InputField':
      return { nodes: [found.inputField.astNode] };
    case 'EnumValue': {
      const nodes = [found.enumValue.astNode];
      return supplied.has(found.type)
        ? { nodes }
        : { nodes, reason: `it is in \`reads\`, but no argument and no input field takes the enum` };
    }
    case 'Field':
      return {
        nodes: [found.field.astNode],
        reason: 'it is in `reads`, but it is a field: name the argument, input field or enum value that reads it',
      };
  }
  const type = schema.getType(coordinate.replace(/\..*$/s, ''));
  return {
    nodes: type ? nodesOf(type) : [],
    reason:
      'it is in `reads`, but there is no such input; write `Type.field(argument:)`, `Input.field` or `Enum.VALUE`',
  };
}

function findOutput(schema: GraphQLSchema, coordinate: unknown): boolean {
  const found = typeof coordinate === 'string' ? resolve(schema, coordinate) : undefined;
  return found?.kind === 'Field' && isObjectType(found.type);
}

type Element =
  | { readonly kind: 'Field'; readonly type: GraphQLNamedType; readonly field: GraphQLField<unknown, unknown> }
  | { readonly kind: 'FieldArgument'; readonly type: GraphQLNamedType; readonly fieldArgument: GraphQLArgument }
  | { readonly kind: 'InputField'; readonly inputField: GraphQLInputField }
  | { readonly kind: 'EnumValue'; readonly type: GraphQLEnumType; readonly enumValue: GraphQLEnumValue };

/**
 * Undefined also for what is no coordinate. graphql-js resolves coordinates since 16.12, and the engine runs on 16.11.
 */
function resolve(schema: GraphQLSchema, coordinate: string): Element | undefined {
  const [, typeName = '', member = '', argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isEnumType(type) || isInputObjectType(type)) {
    if (argument !== undefined) return undefined;
    const inputField = isInputObjectType(type) ? type.getFields()[member] : undefined;
    if (inputField) return { kind: 'InputField', inputField };
    const enumValue = isEnumType(type) ? type.getValue(member) : undefined;
    return isEnumType(type) && enumValue ? { kind: 'EnumValue', type, enumValue } : undefined;
  }
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[member] : undefined;
  if (!type || !field) return undefined;
  if (argument === undefined) return { kind: 'Field', type, field };
  const fieldArgument = field.args.find(({ name }) => name === argument);
  return fieldArgument && { kind: 'FieldArgument', type, fieldArgument };
}
