/**
 * Limits of one request, checked on the validated document before anything runs. Fastify (`bodyLimit`), the number of
 * lines and the parser (`maxTokens`) bound the document's length before that. The length of the answer is checked
 * afterwards.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { coerceVariables } from '../../authorization/request/variables.ts';
import { OperationTooComplexError } from '../../errors.ts';
import { costOf, keptCost } from './cost.ts';

export const limits = {
  /** Bytes of a request's body. */
  body: 262_144,
  /** Lexical tokens in a document. GraphiQL's introspection query has some 400. */
  tokens: 2000,
  /** Lines of a document. For each error, graphql-js counts the lines above it again. */
  lines: 5000,
  /** Characters of a name in a document, because each row and each error of the answer may repeat it. */
  name: 256,
  /** The most validation errors that are reported. */
  validationErrors: 20,
  /** Nested fields. Introspection does not count, because graphql-js limits it itself. */
  depth: 12,
  /** Fields at the top of the operation. */
  rootFields: 20,
  /** Fields with an alias. */
  aliases: 50,
  /** Directives on fields, fragments and the operation. */
  directives: 50,
  /** Fields after every fragment is expanded. */
  fields: 1000,
  /** See cost.ts. */
  cost: 10_000,
  /** Bytes of the answer, known when it is made: see long-answers.ts. */
  answer: 10_485_760,
} as const;

/** Attempts at passwords and tokens are counted by request, so each request may hold one. */
const credentialFields: ReadonlySet<string> = new Set([
  ...['login', 'register', 'refresh'],
  ...['changePassword', 'updateProfile', 'deleteAccount'],
]);

/**
 * @param variables the raw ones.
 * @throws OperationTooComplexError that names the limit and the measured value.
 * @throws CodedError (BAD_USER_INPUT) if an argument is not valid.
 */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  refuseShape(document, operation);
  const cost = keptCost(document, operation, variables, () => {
    // The executor reports variables that cannot be coerced.
    const { coerced } = coerceVariables(operation, { schema, variableValues: variables, hideSuggestions: true });
    return coerced ? costOf(schema, document, operation, variables) : null;
  });
  const fault = cost === null ? null : above('cost', 'points of cost', cost);
  if (fault !== null) throw new OperationTooComplexError(fault);
}

/** The message about an operation whose shape exceeds a limit; null if none does. It depends only on the document. */
const faults = new WeakMap<OperationDefinitionNode, string | null>();

function refuseShape(document: DocumentNode, operation: OperationDefinitionNode): void {
  let fault = faults.get(operation);
  if (fault === undefined) {
    fault = faultOf(document, operation);
    faults.set(operation, fault);
  }
  if (fault !== null) throw new OperationTooComplexError(fault);
}

function faultOf(document: DocumentNode, operation: OperationDefinitionNode): string | null {
  const { directives, name } = namesIn(document);
  const tooMany = above('directives', 'directives', directives) ?? above('name', 'characters in a name', name);
  if (tooMany !== null) return tooMany;
  const { depth, rootFields, aliases, fields, credentials } = shapeOf(document, operation);
  const isOnce = credentials <= 1;
  return (
    above('depth', 'levels of fields', depth) ??
    above('rootFields', 'fields at its top', rootFields) ??
    above('aliases', 'aliases', aliases) ??
    above('fields', 'fields, fragments written out', fields) ??
    (isOnce
      ? null
      : `A request may use ${[...credentialFields].join(', ')} once in all; this one does it ${credentials} times.`)
  );
}

function above(limit: keyof typeof limits, what: string, actual: number): string | null {
  if (actual <= limits[limit]) return null;
  const shown = actual > 1_000_000_000 ? 'far more' : String(actual);
  return `The operation may have ${limits[limit]} ${what}; this one has ${shown}.`;
}

interface Shape {
  depth: number;
  rootFields: number;
  aliases: number;
  fields: number;
  credentials: number;
}

/** Walks each fragment once, however often it is spread. */
function shapeOf(document: DocumentNode, operation: OperationDefinitionNode): Shape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Shape>();

  /** `rootFields` and `credentials` count the fields at the top of this selection. */
  function measure(selectionSet: SelectionSetNode): Shape {
    const total: Shape = { depth: 0, rootFields: 0, aliases: 0, fields: 0, credentials: 0 };
    for (const selection of selectionSet.selections) {
      let part: Shape;
      switch (selection.kind) {
        case Kind.FIELD: {
          const inner = selection.selectionSet ? measure(selection.selectionSet) : null;
          const name = selection.name.value;
          const isIntrospection = name === '__schema' || name === '__type';
          part = {
            depth: isIntrospection ? 1 : 1 + (inner?.depth ?? 0),
            rootFields: 1,
            aliases: (inner?.aliases ?? 0) + (selection.alias && selection.alias.value !== name ? 1 : 0),
            fields: (inner?.fields ?? 0) + 1,
            credentials: credentialFields.has(name) ? 1 : 0,
          };
          break;
        }
        case Kind.INLINE_FRAGMENT:
          part = measure(selection.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD:
          part = measureFragment(selection.name.value);
          break;
      }
      total.depth = Math.max(total.depth, part.depth);
      total.rootFields += part.rootFields;
      total.aliases += part.aliases;
      total.fields += part.fields;
      total.credentials += part.credentials;
    }
    return total;
  }

  function measureFragment(name: string): Shape {
    const found = known.get(name);
    if (found) return found;
    const fragment = fragments.get(name);
    const shape = fragment
      ? measure(fragment.selectionSet)
      : { depth: 0, rootFields: 0, aliases: 0, fields: 0, credentials: 0 };
    known.set(name, shape);
    return shape;
  }

  return { ...measure(operation.selectionSet), ...(operation.operation !== 'mutation' && { credentials: 0 }) };
}

/** The number of directives, and the length of the longest name. */
function namesIn(document: DocumentNode): { directives: number; name: number } {
  let directives = 0;
  let name = 0;
  visit(document, {
    Directive: () => void directives++,
    Name: ({ value }) => {
      name = Math.max(name, value.length);
    },
  });
  return { directives, name };
}

/** @throws OperationTooComplexError for a document that must not be parsed. */
export function checkSource(source: string): void {
  // A document has no more lines than characters.
  const lines = source.length > limits.lines ? source.split(/\r\n|[\n\r]/).length : 1;
  const fault = above('lines', 'lines', lines);
  if (fault !== null) throw new OperationTooComplexError(fault);
}
