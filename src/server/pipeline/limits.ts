/**
 * What one request may ask for. Checked on the validated document, before anything runs; the length of the
 * document is bounded before that, by Fastify (`bodyLimit`), by its lines and by the parser (`maxTokens`), and that of the
 * answer after it.
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
  /** Lines of a document. To say where an error is, graphql-js counts the lines above it, for each error anew. */
  lines: 5000,
  /** Characters of a name in a document: each row of the answer, and each error, may have it. */
  name: 256,
  /** Errors of a document that are told. */
  validationErrors: 20,
  /** Fields in one another. Introspection is not counted: graphql-js bounds it itself. */
  depth: 12,
  /** Fields at the top of the operation. */
  rootFields: 20,
  /** Fields that are given another name. */
  aliases: 50,
  /** Directives on fields, fragments and the operation. */
  directives: 50,
  /** Fields once every fragment is written out. */
  fields: 1000,
  /** See cost.ts. */
  cost: 10_000,
  /** Bytes of the answer. Known when it is made: see long-answers.ts. */
  answer: 10_485_760,
} as const;

/** Guessing at passwords and tokens is counted by the request: one guess each. */
const credentialFields: ReadonlySet<string> = new Set([
  ...['login', 'register', 'refresh'],
  ...['changePassword', 'updateProfile', 'deleteAccount'],
]);

/**
 * @param variables the raw ones.
 * @throws OperationTooComplexError that states the limit and what was asked for.
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
    // Variables that cannot be coerced are the executor's to report.
    const { coerced } = coerceVariables(operation, { schema, variableValues: variables, hideSuggestions: true });
    return coerced ? costOf(schema, document, operation, variables) : null;
  });
  const fault = cost === null ? null : above('cost', 'points of cost', cost);
  if (fault !== null) throw new OperationTooComplexError(fault);
}

/** What is too much of an operation's shape, which depends on nothing but the document; null: nothing. */
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

  /** `rootFields` and `credentials` count what lies at the top of this very selection. */
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

/** How many directives it has, and how long its longest name is. */
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

/** @throws OperationTooComplexError for a document that is not to be parsed. */
export function checkSource(source: string): void {
  // It has no more lines than characters.
  const lines = source.length > limits.lines ? source.split(/\r\n|[\n\r]/).length : 1;
  const fault = above('lines', 'lines', lines);
  if (fault !== null) throw new OperationTooComplexError(fault);
}
