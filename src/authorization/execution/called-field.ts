/**
 * Checks that a resolver is called for the field that it was made for. Executors that compile operations join names.
 * Two fields that join to one text share a resolver, or what a resolver is told. A guard that believed it would decide
 * by the wrong field, so it refuses.
 */
import { type FieldNode, type GraphQLResolveInfo, Kind, responsePathAsArray, type SelectionSetNode } from 'graphql';
import { maskedFault } from '../rules/fault.ts';

export interface OwnField {
  readonly typeName: string;
  readonly fieldName: string;
  /** Whether another field that has a resolver joins to the same text. */
  readonly sharesName: boolean;
}

/** @throws a masked fault if the call is another field's, or may be. */
export function refuseOtherCall({ typeName, fieldName, sharesName }: OwnField, info: GraphQLResolveInfo): void {
  if (info.fieldName === fieldName && info.parentType.name === typeName) {
    // graphql-js gives the type of each step of the path. It looks resolvers up, and joins no names.
    if (info.path.typename === typeName || (!sharesName && leadsToItsNodes(info))) return;
  }
  // graphql-js joins no names. There a resolver passed on the `info` of its own field, or the field was renamed.
  const why =
    info.path.typename === undefined
      ? 'this executor joins names, and two of them are one. Rename the field or the alias, or use `guard.execute`.'
      : 'another resolver passed on its own `info`, or the field was renamed after it was guarded. Call a function that both ' +
        'resolvers share, and guard a schema last.';
  const message = `The resolver of \`${typeName}.${fieldName}\` was called for \`${info.parentType}.${info.fieldName}\`, or may have been: ${why}`;
  throw maskedFault(new TypeError(message));
}

/** By list of nodes: the paths at which it was found in its operation. */
const found = new WeakMap<readonly FieldNode[], Set<string>>();

/** Whether the operation selects the nodes at the place that the path names. */
function leadsToItsNodes({ fieldNodes, path, operation, fragments }: GraphQLResolveInfo): boolean {
  const keys = responsePathAsArray(path).filter((key) => typeof key === 'string');
  const place = JSON.stringify(keys);
  const places = found.get(fieldNodes) ?? new Set();
  if (places.has(place)) return true;
  let sets: readonly SelectionSetNode[] = [operation.selectionSet];
  let nodes: FieldNode[] = [];
  for (const key of keys) {
    nodes = selectedAs(key, sets, fragments);
    sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  }
  if (!fieldNodes.every((node) => nodes.includes(node))) return false;
  found.set(fieldNodes, places.add(place));
  return true;
}

/** What the selections select under a response key, on any type. */
function selectedAs(
  key: string,
  sets: readonly SelectionSetNode[],
  fragments: GraphQLResolveInfo['fragments'],
): FieldNode[] {
  const nodes: FieldNode[] = [];
  const read = new Set<SelectionSetNode>();
  const pending = [...sets];
  for (let set = pending.pop(); set; set = pending.pop()) {
    if (read.has(set)) continue;
    read.add(set);
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if ((selection.alias ?? selection.name).value === key) nodes.push(selection);
        continue;
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
      if (inner) pending.push(inner.selectionSet);
    }
  }
  return nodes;
}
