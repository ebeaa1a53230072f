import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isObjectType,
  isScalarType,
} from 'graphql';
import type { OwnersOf, ViewerOf } from '../contract/options.ts';
import { anyOf, never } from '../contract/requirement.ts';
import { rule, type ShieldRule } from '../rules/shield.ts';
import type { GuardDirective, Site } from './guard-directive.ts';
import { orRights } from './names.ts';

export const ownerOfGuard: GuardDirective = {
  name: 'ownerOf',
  locations: ['FIELD_DEFINITION'],
  sdl: `"""
The row of \`type\` that an argument names is the viewer's own. \`id\` is a dotted path into the arguments, such
as \`input.id\`. A missing row and another's are denied alike. \`orRoles\` and \`orScopes\` as in \`@owner\`.
"""
directive @ownerOf(type: String!, id: String!, orRoles: [Role!], orScopes: [[Scope!]!]) on FIELD_DEFINITION`,
  require: (args, site) => {
    const { type, id } = args;
    const rights = orRights(args, site, 'ownerOf');
    if (typeof type !== 'string' || !isObjectType(site.schema.getType(type))) {
      site.problem(`@ownerOf names the type \`${type}\`, which is no object type of the schema`);
      return never;
    }
    if (!site.owners.has(type)) {
      site.problem(`the owners of \`${type}\` cannot be looked up: register \`owners.${type}\``);
      return never;
    }
    if (typeof id !== 'string' || !namesAnId(id, site)) {
      site.problem(`@ownerOf names the argument \`${id}\`, which is no single scalar among the arguments`);
      return never;
    }
    return anyOf([[{ kind: 'ownerOf', type, id }]], rights);
  },
};

function namesAnId(path: string, site: Site): boolean {
  const [first, ...rest] = path.split('.');
  let at: GraphQLArgument | GraphQLInputField | undefined = site.field?.args.find(({ name }) => name === first);
  for (const name of rest) {
    const type: GraphQLInputType | undefined = at && getNullableType(at.type);
    at = isInputObjectType(type) ? type.getFields()[name] : undefined;
  }
  return at !== undefined && isScalarType(getNullableType(at.type));
}

/** @param ownersOf looks up the owners that are asked for at the same time together. */
export function ownerOfRule(type: string, path: string, viewerOf: ViewerOf, ownersOf: OwnersOf): ShieldRule {
  const names = path.split('.');
  return rule(`ownerOf ${type} ${path}`)((_parent, args, context, info) => {
    const viewer = viewerOf(context);
    const id = names.reduce<unknown>(
      (value, name) => (value as Record<string, unknown> | null | undefined)?.[name],
      args,
    );
    // A custom scalar can hold a list, which names no single row.
    if (viewer === null || id == null || Array.isArray(id)) return false;
    return ownersOf(type, String(id), context, info).then((owner) => owner === viewer.id);
  });
}
