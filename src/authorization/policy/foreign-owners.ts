/** Refuses `@owner` that could never be decided, because another service keyed the rows that it reads. */
import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql';
import { ownerPath } from '../vocabulary/owner.ts';
import type { SiteOf } from '../vocabulary/site.ts';
import { requirementOf, type Source } from './sources.ts';

/** Refuses `@owner` where it would read a row of a type that `foreignRows` names. It follows the path along fields. */
export function refuseForeignOwners(
  foreignRows: readonly string[],
  sources: ReadonlyMap<string, readonly Source[]>,
  { schema, siteOf }: { schema: GraphQLSchema; siteOf: SiteOf },
): void {
  for (const [coordinate, its] of sources) {
    const type = schema.getType(coordinate.split('.')[0] as string);
    if (!isObjectType(type)) continue;
    const reads = requirementOf(its).flatMap((alternative) =>
      alternative.flatMap((condition) => (condition.kind === 'owner' ? [condition.field] : [])),
    );
    for (const field of new Set(reads)) {
      const found = readTypes(type, ownerPath(field), schema).find(({ name }) => foreignRows.includes(name));
      if (!found) continue;
      const why =
        found === type
          ? '`foreignRows` names the type'
          : `\`${field}\` leads to \`${found}\`, which \`foreignRows\` names`;
      siteOf(coordinate, []).problem(
        `@owner cannot take effect: ${why}, and clients name the keys of its rows; ` +
          'require rights, or use @ownerOf where an argument names the row',
      );
    }
  }
}

/** The types whose rows are read along the path, as far as its steps are fields. */
function readTypes(type: GraphQLObjectType, path: readonly string[], schema: GraphQLSchema): GraphQLObjectType[] {
  const all = [type];
  let types: readonly GraphQLObjectType[] = all;
  for (const step of path.slice(0, -1)) {
    const returned = types.flatMap((each) => {
      const field = each.getFields()[step];
      const named = field && getNamedType(field.type);
      if (isAbstractType(named)) return schema.getPossibleTypes(named);
      return isObjectType(named) ? [named] : [];
    });
    types = [...new Set(returned)];
    all.push(...types);
  }
  return all;
}
