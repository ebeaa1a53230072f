/**
 * Removes the client's values from error messages, because responses are logged on their way, and passwords and refresh
 * tokens are arguments. Knows the messages of authorization/request/variables.ts, of the scalars, and of graphql-js:
 * its `coerceInputValue`, its `ValuesOfCorrectTypeRule` and its parser. Replaces every message that it does not know.
 */
import { GraphQLError } from 'graphql';
import { shortened } from '../../authorization/contract/shown-value.ts';

/** The most characters of a message. The client's names can be long, and a hundred messages may repeat one. */
const maxMessage = 1000;

/** The error with only the variable, field and type of its message; itself if the message has no value. */
export function withoutValues(error: GraphQLError): GraphQLError {
  const message = cut(error);
  if (message === error.message) return error;
  const { nodes, source, positions, path, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

function cut(error: GraphQLError): string {
  const { nodes } = error;
  const message = shortened(error.message, maxMessage);
  switch (error.extensions.code) {
    case 'GRAPHQL_PARSE_FAILED':
      // Names too: a quotation mark in a password ends its literal, and the rest reads as a name.
      return message.replace(/^(Syntax Error: .*?(?:found|Unexpected) \w+) ".*$/s, '$1.');
    case 'GRAPHQL_VALIDATION_FAILED': {
      const kind = nodes?.[0]?.kind;
      if (kind !== undefined && !kind.endsWith('Value') && kind !== 'ObjectField') return message;
      return expectation(message) ?? (message.startsWith('Too many validation errors') ? message : unexpected);
    }
    case 'BAD_USER_INPUT': {
      const variable = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1];
      if (variable) return `Variable "$${variable}" got an invalid value${ofVariable(error, variable)}`;
      // The name of the variable was cut, so the text after it may be a value.
      if (message.startsWith('Variable "$') && message.length === maxMessage) return 'A variable got an invalid value.';
      return message.replace(/^(Argument "\w+" has )invalid value .*$/s, '$1an invalid value.');
    }
    default:
      return message;
  }
}

const unexpected = 'The value is not of the type that is expected here.';

/** The path in the variable, and the fault. The fault is a message of its own, after the value. */
function ofVariable({ message, originalError }: GraphQLError, variable: string): string {
  const problem = shortened(originalError?.message ?? '');
  const reason = `; ${problem}`;
  if (!message.endsWith(reason)) return '.';
  const place = / at "(\w+)((?:\.\w+|\[\d+\])+)"$/.exec(message.slice(0, -reason.length));
  const at = place?.[1] === variable ? ` at "${variable}${place[2]}"` : '';
  // Suggestions reveal the schema, which production hides. Apollo removes them only from validation errors.
  const told = expectation(problem)?.replace(/ Did you mean .*$/, '');
  return `${at}; ${told ?? unexpected}`;
}

/** What may be shown of a message: the first group, and a suggestion if there is a second group. */
const expectations = [
  /^(A representation is an object with a `__typename` that can be asked for: [\w, ]+)\.$/,
  /^(Field "[\w.]+" of required type "[\w[\]!]+" was not provided)\.$/,
  /^(Field "\w+" is not defined by type "\w+")\.( Did you mean [\w", ]+\?)?$/,
  /^(Field "[\w.]+" must be non-null)\.$/,
  /^(Exactly one key must be specified for OneOf type "\w+"|OneOf Input Object "\w+" must specify exactly one key)\.$/,
  /^(Expected non-nullable type "[\w[\]!]+" not to be null)\.$/,
  /^(Expected type "\w+" to be an object)\.$/,
  /^(Expected type "\w+")\./,
  /^(Expected value of type "[\w[\]!]+", found null)\.$/,
  /^(Expected value of type "[\w[\]!]+")[.,]/,
  /^(Value does not exist in "\w+" enum)\.( Did you mean the enum value [\w", ]+\?)?$/,
  /^((?:Enum "\w+"|\w+) cannot represent (?:a )?non[- ](?:string|enum|integer|32-bit signed integer|boolean|numeric) value)\b/,
  /^(ID cannot represent (?:a non-string and non-integer )?value)\b/,
  /^(DateTime cannot represent (?:an invalid date-time-string|non string or Date type))\b/,
];

/** Null if the message is not known. */
function expectation(message: string): string | null {
  const withoutName = message.replace(/^Value ".*" (?=does not exist in "\w+" enum\.)/s, 'Value ');
  for (const pattern of expectations) {
    const [, told, suggestion = ''] = pattern.exec(withoutName) ?? [];
    if (told) return `${told}.${suggestion}`;
  }
  return null;
}
