/** Which rows of each type exist for a viewer, as the schema says it, and what is left of that for one viewer. */

import type { RelationSource, RowsOf } from '../contract/relations.ts';
import { type Condition, given, isRight, type Requirement } from '../contract/requirement.ts';
import { allOf, anyOf, everyRow, type Formula, noRow, ofParent } from './formula.ts';

/** What `@tenant` says. */
export interface TenantRule {
  readonly property: string;
  /** Relations that open rows of other tenants too. */
  readonly beyond: readonly string[];
  /** Who holds it sees rows of all tenants that the rest opens. */
  readonly across: Requirement;
}

/** What the schema and the registration say of the rows of one type. */
export interface RowPolicy {
  readonly rows: RowsOf;
  /**
   * Of `@visibleTo`: relations and rights, each alternative as it is written. To leave out one that asks for more than
   * another would be wrong: a relation that it asks for may reach beyond the tenant.
   */
  readonly visibleTo: Requirement;
  readonly tenant: TenantRule | null;
}

export type RowPolicies = ReadonlyMap<string, RowPolicy>;

/** One viewer, or nobody, as far as rows are concerned. */
export interface Subject {
  readonly id: string | null;
  readonly tenant: string | null;
  /** Whether the viewer has a right: a role, a scope, being signed in. */
  holds(right: Condition): boolean;
}

function relationOf(condition: Condition): string {
  if (condition.kind === 'relation') return condition.name;
  throw new TypeError(`no row is decided by the condition ${condition.kind}`);
}

export class RowFormulas {
  readonly #policies: RowPolicies;
  readonly #subject: Subject;

  constructor(policies: RowPolicies, subject: Subject) {
    this.#policies = policies;
    this.#subject = subject;
  }

  /** The rows of `type` that exist for the viewer. */
  visible(type: string): Formula {
    return this.meeting(type, this.#policyOf(type).visibleTo);
  }

  /** The rows of `type` for which the viewer meets a requirement of relations and rights, of the viewer's tenant. */
  meeting(type: string, requirement: Requirement): Formula {
    const open = requirement.filter((all) => all.every((one) => !isRight(one) || this.#subject.holds(one)));
    return anyOf(
      ...open.map((alternative) => {
        const names = alternative.filter((one) => !isRight(one)).map(relationOf);
        return this.#confine(type, names, allOf(...names.map((name) => this.#related(type, name))));
      }),
    );
  }

  /** The rows of `type` that stand in one relation to the viewer, of the viewer's tenant. */
  related(type: string, name: string): Formula {
    return name === 'visible' ? this.visible(type) : this.#confine(type, [name], this.#related(type, name));
  }

  #related(type: string, name: string): Formula {
    if (name === 'anyone') return everyRow;
    if (name === 'visible') return this.visible(type);
    const { rows } = this.#policyOf(type);
    const [first = '', ...rest] = name.split('.');
    if (rest.length === 0) return this.#from(rows.relations[first] as RelationSource);
    const parent = rows.parents?.[first];
    if (!parent) throw new TypeError(`${type} has no parent ${first}`);
    const further = rest.join('.');
    const related = this.#related(parent.type, further);
    const ofIt = further === 'visible' ? related : this.#confine(parent.type, [further], related);
    return ofParent(parent.property, parent.type, ofIt);
  }

  #from(source: RelationSource): Formula {
    switch (source.kind) {
      case 'state':
        return source.values.length === 0 ? noRow : [[source]];
      case 'viewer':
        return this.#subject.id === null ? noRow : [[source]];
      case 'listed': {
        const { kind: _, ...grants } = source;
        const isEmpty = Object.values(grants.where ?? {}).some((values) => values.length === 0);
        return this.#subject.id === null || isEmpty ? noRow : [[{ kind: 'listed', grants }]];
      }
    }
  }

  /** Whatever opens a row, it is of the viewer's tenant, unless one of the relations reaches beyond. */
  #confine(type: string, names: readonly string[], formula: Formula): Formula {
    const { tenant } = this.#policyOf(type);
    if (!tenant || names.some((name) => tenant.beyond.includes(name))) return formula;
    const isAcross = given(tenant.across, (right) => this.#subject.holds(right)).length > 0;
    return isAcross ? formula : allOf(formula, [[{ kind: 'tenant', property: tenant.property }]]);
  }

  #policyOf(type: string): RowPolicy {
    const policy = this.#policies.get(type);
    if (!policy) throw new TypeError(`no rows of ${type} are registered`);
    return policy;
  }
}
