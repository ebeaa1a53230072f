/** Reads which rows of each type exist for whom, `@visibleTo` and `@tenant`, and refuses what could not be decided. */
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GuardOptions } from '../contract/options.ts';
import type { RowsOf } from '../contract/relations.ts';
import { type Alternative, anyOf, never, type Requirement } from '../contract/requirement.ts';
import { isRootType } from '../contract/root-types.ts';
import { edgeTypes, rowTypesIn } from '../rows/connections.ts';
import type { RowPolicies, RowPolicy, TenantRule } from '../rows/row-policy.ts';
import type { Site } from '../vocabulary/guard-directive.ts';
import { listOf, oneList, orRights, scopeCondition } from '../vocabulary/names.ts';
import { relationCondition } from '../vocabulary/rows/relation-names.ts';
import { argumentsOfDirective, nodesOf, type SiteOf } from '../vocabulary/site.ts';
import { typesOf } from './read-schema.ts';

export function readRows<Context>(schema: GraphQLSchema, options: GuardOptions<Context>, siteOf: SiteOf): RowPolicies {
  const registered = new Map(Object.entries(options.rows?.of ?? {}));
  const policies = new Map<string, RowPolicy>();
  const reader = new RowReader(schema, registered, siteOf);
  for (const [name, rows] of registered) {
    const type = schema.getType(name);
    if (isObjectType(type) && !isRootType(schema, type)) policies.set(name, reader.read(type, rows));
    else siteOf(name, []).problem('`rows.of` names it, and it is no object type of rows');
    if (options.foreignRows?.includes(name))
      siteOf(name, []).problem('`foreignRows` names it: rows that a client keyed cannot decide who sees them');
  }
  for (const type of typesOf(schema)) {
    if (!isObjectType(type)) continue;
    if (!policies.has(type.name)) reader.refuseUnregistered(type);
    else reader.refuseEndless(type.name);
  }
  if (policies.size > 0) reader.refuseWithheld(policies);
  return policies;
}

class RowReader {
  readonly #schema: GraphQLSchema;
  readonly #registered: ReadonlyMap<string, RowsOf>;
  readonly #siteOf: SiteOf;
  /** By type: the relation names of `@visibleTo`. */
  readonly #names = new Map<string, readonly string[]>();

  constructor(schema: GraphQLSchema, registered: ReadonlyMap<string, RowsOf>, siteOf: SiteOf) {
    this.#schema = schema;
    this.#registered = registered;
    this.#siteOf = siteOf;
  }

  read(type: GraphQLObjectType, rows: RowsOf): RowPolicy {
    const nodes = nodesOf(type);
    const site = this.#siteOf(type.name, nodesOf(type));
    this.#checkRows(rows, site);
    const visible = argumentsOfDirective('visibleTo', nodes);
    if (!visible) {
      site.problem('nothing says whose rows it shows: write `@visibleTo`, with `[["anyone"]]` if all');
      return { rows, visibleTo: never, tenant: null };
    }
    const visibleTo = [
      ...this.#alternatives('relations', visible.relations, { type: type.name, site }),
      ...orRights(visible, site, 'visibleTo'),
    ];
    const names = visibleTo.flat().flatMap((condition) => (condition.kind === 'relation' ? [condition.name] : []));
    this.#names.set(type.name, names);
    const tenant = argumentsOfDirective('tenant', nodes);
    return { rows, visibleTo, tenant: tenant ? this.#tenant(tenant, { rows, names, site }) : null };
  }

  /** Each as it is written: none is left out that another makes look needless. See `RowPolicy.visibleTo`. */
  #alternatives(argument: string, value: unknown, { type, site }: { type: string; site: Site }): Requirement {
    const lists = listOf(value).map(listOf);
    if (lists.length === 0 || lists.some((inner) => inner.length === 0)) {
      site.problem(
        `\`${argument}\` must be a list of lists of relations, none of them empty: an empty one hides nothing`,
      );
      return never;
    }
    const conditionOf = relationCondition(type, site);
    return lists.flatMap((inner): Alternative[] => {
      const conditions = inner.map((name) => conditionOf(String(name)));
      return conditions.every((condition) => condition !== null) ? [conditions] : [];
    });
  }

  #tenant(args: Record<string, unknown>, of: { rows: RowsOf; names: readonly string[]; site: Site }): TenantRule {
    const { rows, names, site } = of;
    const { field = 'organizationId', beyond, acrossScopes } = args;
    if (typeof field !== 'string' || !Object.hasOwn(rows.columns, field)) {
      site.problem(`@tenant reads \`${String(field)}\`, which \`rows.of\` gives no column`);
    }
    const reaching = beyond == null ? [] : listOf(beyond);
    for (const name of reaching.filter((name) => !names.includes(name as string))) {
      site.problem(`\`beyond\` names \`${String(name)}\`, which no alternative of @visibleTo asks for`);
    }
    const across = acrossScopes == null ? never : oneList('acrossScopes', acrossScopes, site, scopeCondition(site));
    return { property: String(field), beyond: reaching.map(String), across: anyOf(across) };
  }

  /** Every property that decides has a column, and every parent is a type with rows. */
  #checkRows(rows: RowsOf, site: Site): void {
    const { columns, parents = {}, relations } = rows;
    const needs = (property: string, what: string) => {
      if (!Object.hasOwn(columns, property))
        site.problem(`${what} reads \`${property}\`, which \`columns\` does not name`);
    };
    for (const [name, { type, property }] of Object.entries(parents)) {
      needs(property, `the parent \`${name}\``);
      if (!this.#registered.has(type))
        site.problem(`the parent \`${name}\` is of ${type}, which \`rows.of\` does not name`);
    }
    for (const [name, source] of Object.entries(relations)) {
      if (name === 'anyone' || name === 'visible' || name.includes('.')) {
        site.problem(`no relation can be called \`${name}\``);
      }
      if (source.kind !== 'listed') needs(source.property, `the relation \`${name}\``);
    }
  }

  refuseUnregistered(type: GraphQLObjectType): void {
    for (const name of ['visibleTo', 'tenant']) {
      if (!argumentsOfDirective(name, nodesOf(type))) continue;
      this.#siteOf(type.name, nodesOf(type)).problem(
        `@${name} cannot take effect: its rows are not registered, in the option \`rows.of\``,
      );
    }
  }

  /** A type whose rows are visible to who sees a parent, whose rows are visible to who sees… */
  refuseEndless(type: string, above: readonly string[] = []): void {
    if (above.includes(type)) {
      // Told of once, where the circle was entered.
      if (above[0] !== type) return;
      const found = this.#schema.getType(type);
      this.#siteOf(type, found ? nodesOf(found) : []).problem(
        `what makes it visible leads back to it (${[...above, type].join(', ')}): register a list of grants instead`,
      );
      return;
    }
    for (const name of this.#names.get(type) ?? []) {
      if (!name.endsWith('.visible')) continue;
      let at: string | undefined = type;
      for (const parent of name.split('.').slice(0, -1)) at = this.#registered.get(at ?? '')?.parents?.[parent]?.type;
      if (at !== undefined) this.refuseEndless(at, [...above, type]);
    }
  }

  /** A hidden row in a non-null field takes its parent with it, so whoever sees the parent must see the row. */
  refuseWithheld(policies: RowPolicies): void {
    const edges = edgeTypes(this.#schema, policies);
    for (const type of typesOf(this.#schema).filter(isObjectType)) {
      if (edges.has(type.name)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!isNonNullType(field.type) || isListType(getNullableType(field.type))) continue;
        if (rowTypesIn(this.#schema, field.type, policies).length === 0) continue;
        const returned = getNamedType(field.type).name;
        if (this.#isImplied(type, field.name, returned, policies)) continue;
        this.#siteOf(`${type.name}.${field.name}`, [field.astNode]).problem(
          `it is non-null, and a viewer may not see the ${returned} that it returns: make it nullable`,
        );
      }
    }
  }

  #isImplied(type: GraphQLObjectType, field: string, returned: string, policies: RowPolicies): boolean {
    const policy = policies.get(type.name);
    if (policy?.rows.parents?.[field]?.type !== returned || !policy.visibleTo) return false;
    return policy.visibleTo.every((alternative) =>
      alternative.some((condition) => condition.kind === 'relation' && condition.name === `${field}.visible`),
    );
  }
}
