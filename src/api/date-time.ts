/** What becomes of values of the scalar `DateTime`. */
import { createRequire } from 'node:module';
import type * as Scalars from 'graphql-scalars';

// Loads two of the eighty or so modules of graphql-scalars.
const require = createRequire(import.meta.url);
const file = require.resolve('graphql-scalars').replace(/index\.js$/, 'scalars/iso-date/DateTimeISO.js');
const { GraphQLDateTimeISO } = require(file) as Pick<typeof Scalars, 'GraphQLDateTimeISO'>;
const { serialize, parseValue, parseLiteral } = GraphQLDateTimeISO.toConfig();

/** As rows that were read for the answer have it (see `toIsoText`). */
const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Of the library's scalar the functions alone: its name and description would replace those of the schema. */
export const dateTime = {
  __serialize: (value: unknown) => (typeof value === 'string' && written.test(value) ? value : serialize(value)),
  __parseValue: parseValue,
  __parseLiteral: parseLiteral,
};
