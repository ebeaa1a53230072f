/** Reads the names of relations in a directive's arguments, and refuses other names. */
import type { RowsOf } from '../../contract/relations.ts';
import type { Condition } from '../../contract/requirement.ts';
import type { Site } from '../guard-directive.ts';
import { listOf } from '../names.ts';
import { argumentsOfDirective, nodesOf } from '../site.ts';

/** The most names in a path of relations. A longer one needs a list of grants of its own. */
const longestPath = 4;

/** @param type the type whose rows the relation is about. */
export function relationCondition(type: string, site: Site): (path: string) => Condition | null {
  return (path) => {
    const needsViewer = kindOf(type, path, site);
    return needsViewer === null ? null : { kind: 'relation', type, name: path, needsViewer };
  };
}

/** Whether the relation needs a viewer. Null, with a problem, for what is no relation. */
function kindOf(type: string, path: string, site: Site): boolean | null {
  const names = path.split('.');
  if (names.length > longestPath) {
    site.problem(`the relation \`${path}\` is longer than ${longestPath} names: register a list of grants instead`);
    return null;
  }
  let at = type;
  for (const name of names.slice(0, -1)) {
    const parents: RowsOf['parents'] = site.rows.get(at)?.parents ?? {};
    const next = Object.hasOwn(parents, name) ? parents[name] : undefined;
    if (!next || !site.rows.has(next.type)) {
      site.problem(`there is no parent \`${name}\` of ${at}; there are ${listed(Object.keys(parents))}`);
      return null;
    }
    at = next.type;
  }
  const last = names.at(-1) as string;
  if (last === 'anyone') return false;
  // On the type itself, `visible` would say nothing: a row is visible to a viewer who sees it.
  if (last === 'visible' && names.length > 1) return isForSomebody(at, site, [type]);
  const relations = site.rows.get(at)?.relations ?? {};
  if (Object.hasOwn(relations, last)) return relations[last]?.kind !== 'state';
  const known = [...Object.keys(relations), ...(names.length > 1 ? ['visible'] : []), 'anyone'];
  site.problem(`there is no relation \`${last}\` of ${at}; there are ${listed(known)}`);
  return null;
}

/** Whether only viewers see the rows of a type. A circle is refused elsewhere, so the answer for it does not matter. */
function isForSomebody(type: string, site: Site, above: readonly string[]): boolean {
  const found = site.schema.getType(type);
  if (!found || above.includes(type)) return true;
  const { relations = [] } = argumentsOfDirective('visibleTo', nodesOf(found)) ?? {};
  const needsViewer = (path: unknown): boolean => {
    const [name, ...rest] = String(path).split('.').reverse();
    const at = rest.reverse().reduce<string>((of, by) => site.rows.get(of)?.parents?.[by]?.type ?? '', type);
    if (name === 'visible') return isForSomebody(at, site, [...above, type]);
    return name !== 'anyone' && site.rows.get(at)?.relations[name ?? '']?.kind !== 'state';
  };
  return listOf(relations).every((inner) => listOf(inner).some(needsViewer));
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ') || 'none';
}
