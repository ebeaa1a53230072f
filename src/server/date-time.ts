/** What becomes of values of the scalar `DateTime`. */
import { GraphQLDateTimeISO } from 'graphql-scalars';

const { serialize, parseValue, parseLiteral } = GraphQLDateTimeISO.toConfig();

/** Of the library's scalar the functions alone: its name and description would replace those of the schema. */
export const dateTime = { __serialize: serialize, __parseValue: parseValue, __parseLiteral: parseLiteral };
