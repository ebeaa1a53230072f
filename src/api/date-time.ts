/** How values of the scalar `DateTime` are read and written. */
import { createRequire } from 'node:module';
import type * as Scalars from 'graphql-scalars';

// Loads only two of about eighty modules of graphql-scalars.
const require = createRequire(import.meta.url);
const file = require.resolve('graphql-scalars').replace(/index\.js$/, 'scalars/iso-date/DateTimeISO.js');
const { GraphQLDateTimeISO } = require(file) as Pick<typeof Scalars, 'GraphQLDateTimeISO'>;
const { serialize, parseValue, parseLiteral } = GraphQLDateTimeISO.toConfig();

/** The form in which `toIsoText` gives moments to rows. */
const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Only the functions of the library's scalar. Its name and description would replace those of the schema. */
export const dateTime = {
  __serialize: (value: unknown) => (typeof value === 'string' && written.test(value) ? value : serialize(value)),
  __parseValue: parseValue,
  __parseLiteral: parseLiteral,
};
