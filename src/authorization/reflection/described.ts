/**
 * Adds what each coordinate requires as the last line of its description. Readers of the schema then see the policy.
 */
import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  Kind,
  type StringValueNode,
} from 'graphql';
import { describeRequirement } from '../contract/denial.ts';
import { type Condition, isNothing, type Requirement, type Requirements } from '../contract/requirement.ts';

/**
 * The requirement in words, such as: scope `task:read`, or role `ADMIN`. It is one line, whatever the schema's names
 * hold.
 */
export function requirementText(requirement: Requirement): string {
  if (isNothing(requirement)) return 'nothing';
  if (requirement.length === 0) return 'what nobody has';
  return describeRequirement(requirement.map((alternative) => alternative.map(printable)));
}

/** The text on one line, without characters that move a terminal's cursor or turn the direction of text. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}

/**
 * Ends descriptions with a line such as "Requires: scope `task:read`.", and replaces one that is there. Every field of
 * an object gets the line. An argument, an input field or a value of an enum gets it if it is guarded.
 *
 * This writes into the schema. A guarded schema shares its input types and enums with the schema that it was made
 * from.
 *
 * @param requirements those of the guard.
 */
export function describeRequirements(schema: GraphQLSchema, requirements: Requirements): void {
  for (const [coordinate, element] of describedIn(schema)) {
    const requirement = requirements.get(coordinate);
    if (!requirement || (isNothing(requirement) && !element.isField)) continue;
    describe(element.of, `Requires: ${requirementText(requirement)}.`);
  }
}

/** The parts of a schema's element that hold its description. */
interface Described {
  description?: string | null | undefined;
  astNode?: DescribedNode | null | undefined;
}

interface DescribedNode {
  readonly description?: StringValueNode | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

type Element = readonly [coordinate: string, { readonly of: Described; readonly isField: boolean }];

function describedIn(schema: GraphQLSchema): Element[] {
  return Object.values(schema.getTypeMap()).flatMap((type): Element[] => {
    if (isIntrospectionType(type)) return [];
    const member = (of: Described & { name: string }): Element => [`${type.name}.${of.name}`, { of, isField: false }];
    if (isEnumType(type)) return type.getValues().map(member);
    if (isInputObjectType(type)) return Object.values(type.getFields()).map(member);
    if (!isObjectType(type)) return [];
    return Object.values(type.getFields()).flatMap((field): Element[] => {
      const at = `${type.name}.${field.name}`;
      const args = field.args.map((arg): Element => [`${at}(${arg.name}:)`, { of: arg, isField: false }]);
      return [[at, { of: field, isField: true }], ...args];
    });
  });
}

/** Some printers read the syntax, others the element. */
function describe(element: Described, line: string): void {
  const text = element.description?.replace(/(?:^|\n+)Requires: [^\n]*$/, '');
  element.description = text ? `${text}\n\n${line}` : line;
  if (!element.astNode) return;
  const description: StringValueNode = { kind: Kind.STRING, value: element.description, block: true };
  element.astNode = { ...element.astNode, description };
}

function printable(condition: Condition): Condition {
  return 'name' in condition ? { ...condition, name: oneLine(condition.name).replaceAll('`', '\ufffd') } : condition;
}
