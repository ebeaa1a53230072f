/** Random policies over random, hostile worlds, and a naive reading of both that shares no code with the engine. */
import fc from 'fast-check';
import { has, listedIn, parent, type RowsOf, viewerIs } from '../../../src/authorization/contract/relations.ts';
import type { Condition, Requirement } from '../../../src/authorization/contract/requirement.ts';
import type { RowPolicies, RowPolicy, Subject } from '../../../src/authorization/rows/row-policy.ts';

/** A leaf, its parent, and that one's parent. */
export const types = ['Leaf', 'Branch', 'Root'] as const;
export type TypeName = (typeof types)[number];
const parents = { Leaf: 'Branch', Branch: 'Root', Root: null } as const;

const uuid = (kind: string, n: number) => `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const users = [1, 2].map((n) => uuid('a', n));
const tenants = [1, 2].map((n) => uuid('b', n));
export const now = new Date('2026-06-01T12:00:00.000Z');
const moments = ['2026-06-01T11:59:59.999Z', now.toISOString(), '2026-06-01T12:00:00.001Z'];
const states = ['DRAFT', 'PUBLISHED', 'ARCHIVED'];
const accesses = ['READ', 'WRITE'];

export interface WorldRow {
  id: string;
  ownerId: string | null;
  assigneeId: string | null;
  tenantId: string | null;
  parentId: string | null;
  status: string | null;
  rank: number;
}

export interface Grant {
  rowId: string | null;
  userId: string | null;
  access: string | null;
  expiresAt: string | null;
}

export type World = Record<TypeName, { rows: WorldRow[]; grants: Grant[] }>;

const columns = {
  ownerId: 'owner_id',
  assigneeId: 'assignee_id',
  tenantId: 'tenant_id',
  parentId: 'parent_id',
  status: 'status',
  rank: 'rank',
};

export const tableOf = (type: TypeName) => `w_${type.toLowerCase()}`;

function rowsOf(type: TypeName): RowsOf {
  const on = { table: `${tableOf(type)}_grants`, row: 'row_id', viewer: 'user_id' };
  const above = parents[type];
  return {
    table: tableOf(type),
    columns,
    ...(above && { parents: { parent: parent(above, 'parentId') } }),
    relations: {
      owner: viewerIs('ownerId'),
      assignee: viewerIs('assigneeId'),
      listed: listedIn(on),
      writer: listedIn({ ...on, where: { access: ['WRITE'] } }),
      current: listedIn({ ...on, until: 'expires_at' }),
      published: has('status', ['PUBLISHED', 'ARCHIVED']),
    },
  };
}

const own = ['owner', 'assignee', 'listed', 'writer', 'current', 'published', 'anyone'];

function namesOf(type: TypeName): string[] {
  const above = parents[type];
  return above ? [...own, 'parent.visible', ...namesOf(above).map((name) => `parent.${name}`)] : own;
}

const scopes = ['read:any', 'across'];
const scope = (name: string): Condition => ({ kind: 'scope', name });

function policyOf(type: TypeName): fc.Arbitrary<RowPolicy> {
  const relation = fc
    .constantFrom(...namesOf(type))
    .map((name): Condition => ({ kind: 'relation', type, name, needsViewer: false }));
  const alternative = fc.oneof(
    { weight: 6, arbitrary: fc.array(relation, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant([scope('read:any')]) },
    { weight: 1, arbitrary: relation.map((one) => [one, scope('read:any')]) },
  );
  return fc.record({
    rows: fc.constant(rowsOf(type)),
    visibleTo: fc.array(alternative, { minLength: 1, maxLength: 4 }),
    tenant: fc.option(
      fc.record({
        property: fc.constant('tenantId'),
        beyond: fc.subarray(namesOf(type), { maxLength: 2 }),
        across: fc.constant([[scope('across')]] satisfies Requirement),
      }),
      // Null in one of three.
      { freq: 3 },
    ),
  });
}

export const somePolicies: fc.Arbitrary<RowPolicies> = fc
  .tuple(policyOf('Leaf'), policyOf('Branch'), policyOf('Root'))
  .map((policies) => new Map(types.map((type, i) => [type as string, policies[i] as RowPolicy])));

const mostly = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 5 });

function tableOfRows(type: TypeName, size: number): fc.Arbitrary<World[TypeName]> {
  const kinds = { Leaf: 'c', Branch: 'd', Root: 'e' };
  const idsOf = (of: TypeName, count: number) => Array.from({ length: count }, (_, n) => uuid(kinds[of], n));
  const above = parents[type];
  const row = fc.record({
    ownerId: mostly(fc.constantFrom(...users)),
    assigneeId: mostly(fc.constantFrom(...users)),
    tenantId: fc.option(fc.constantFrom(...tenants), { freq: 2 }),
    // Some lead to rows that are not there.
    parentId: above ? mostly(fc.constantFrom(...idsOf(above, 6))) : fc.constant(null),
    status: mostly(fc.constantFrom(...states)),
    rank: fc.integer({ min: 0, max: 3 }),
  });
  const grant = fc.record({
    rowId: mostly(fc.constantFrom(...idsOf(type, size + 1))),
    userId: mostly(fc.constantFrom(...users)),
    access: mostly(fc.constantFrom(...accesses)),
    expiresAt: fc.option(fc.constantFrom(...moments), { freq: 2 }),
  });
  return fc.record({
    rows: fc
      .array(row, { minLength: 1, maxLength: size })
      .map((rows) => rows.map((one, n) => ({ id: uuid(kinds[type], n), ...one }))),
    grants: fc
      .array(grant, { maxLength: 8 })
      .chain((grants) => fc.boolean().map((twice) => (twice ? [...grants, ...grants] : grants))),
  });
}

export const someWorld: fc.Arbitrary<World> = fc.record({
  Leaf: tableOfRows('Leaf', 14),
  Branch: tableOfRows('Branch', 5),
  Root: tableOfRows('Root', 4),
});

export interface Asker {
  readonly id: string | null;
  readonly tenant: string | null;
  readonly scopes: readonly string[];
}

export const someAsker: fc.Arbitrary<Asker> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ id: null, tenant: null, scopes: [] }) },
  {
    weight: 9,
    arbitrary: fc.record({
      id: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...users) },
        { weight: 1, arbitrary: fc.constant(uuid('a', 9)) },
      ),
      tenant: fc.option(fc.constantFrom(...tenants)),
      scopes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(scopes) }),
    }),
  },
);

export function subjectOf({ id, tenant, scopes }: Asker): Subject {
  return { id, tenant, holds: (right) => right.kind === 'scope' && scopes.includes(right.name) };
}

/** What the words of the design mean, row by row. */
export class Naive {
  readonly #world: World;
  readonly #policies: RowPolicies;
  readonly #asker: Asker;

  constructor(world: World, policies: RowPolicies, asker: Asker) {
    this.#world = world;
    this.#policies = policies;
    this.#asker = asker;
  }

  sees(type: TypeName, row: WorldRow): boolean {
    const { visibleTo } = this.#policies.get(type) as RowPolicy;
    return visibleTo.some((alternative) => {
      const isMet = alternative.every((condition) =>
        condition.kind === 'scope'
          ? this.#asker.scopes.includes(condition.name)
          : condition.kind === 'relation' && this.#stands(type, row, condition.name),
      );
      return (
        isMet &&
        this.#isNear(
          type,
          row,
          alternative.flatMap((c) => (c.kind === 'relation' ? [c.name] : [])),
        )
      );
    });
  }

  #stands(type: TypeName, row: WorldRow, name: string): boolean {
    const { id } = this.#asker;
    if (name.startsWith('parent.')) {
      const above = parents[type] as TypeName;
      const found = this.#world[above].rows.find((other) => other.id === row.parentId);
      const rest = name.slice('parent.'.length);
      if (!found) return false;
      if (rest === 'visible') return this.sees(above, found);
      return this.#stands(above, found, rest) && this.#isNear(above, found, [rest]);
    }
    const grants = this.#world[type].grants.filter(
      ({ rowId, userId }) => rowId === row.id && userId !== null && userId === id,
    );
    switch (name) {
      case 'anyone':
        return true;
      case 'owner':
        return id !== null && row.ownerId === id;
      case 'assignee':
        return id !== null && row.assigneeId === id;
      case 'published':
        return row.status === 'PUBLISHED' || row.status === 'ARCHIVED';
      case 'listed':
        return grants.length > 0;
      case 'writer':
        return grants.some(({ access }) => access === 'WRITE');
      case 'current':
        return grants.some(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now.getTime());
      default:
        throw new Error(name);
    }
  }

  #isNear(type: TypeName, row: WorldRow, names: readonly string[]): boolean {
    const { tenant } = this.#policies.get(type) as RowPolicy;
    if (!tenant || names.some((name) => tenant.beyond.includes(name))) return true;
    return this.#asker.scopes.includes('across') || row.tenantId === this.#asker.tenant;
  }
}
