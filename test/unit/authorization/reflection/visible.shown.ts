/** The schema that a viewer is shown, from a few lines of SDL. */
import { type GraphQLField, type GraphQLInputField, type GraphQLSchema, validateSchema } from 'graphql';
import { expect } from 'vitest';
import type { GuardOptions, GuardViewer } from '../../../../src/authorization/guard.ts';
import { type Context, guardOf, user } from '../harness.ts';

export const admin = user({ id: 'admin', roles: ['ADMIN'] });

type Options = Partial<GuardOptions<Context>>;

export async function visible(sdl: string, viewer: GuardViewer | null, options: Options = {}): Promise<GraphQLSchema> {
  const schema = await guardOf(sdl, {}, options).visibleSchema({ viewer });
  expect(validateSchema(schema)).toEqual([]);
  return schema;
}

/** Every type except graphql-js's own, with its fields and their arguments: `Query { f(x) }`. */
export async function shown(sdl: string, viewer: GuardViewer | null, options: Options = {}): Promise<string[]> {
  const types = Object.values((await visible(sdl, viewer, options)).getTypeMap());
  return types
    .filter(({ name }) => !/^(__|String$|Int$|Boolean$|ID$|Float$)/.test(name))
    .map((type) => {
      const fields: (GraphQLField<unknown, unknown> | GraphQLInputField)[] =
        'getFields' in type ? Object.values(type.getFields()) : [];
      const written = fields.map((field) => {
        const args = 'args' in field ? field.args.map(({ name }) => name) : [];
        return args.length > 0 ? `${field.name}(${args.join(', ')})` : field.name;
      });
      return written.length > 0 ? `${type.name} { ${written.join(', ')} }` : type.name;
    })
    .sort();
}
