/** The fields that an operation selects below a field, so that nothing else is read. */
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/**
 * Field names, each with its own selection. Includes the fields of all possible types, and those under `@skip` and
 * `@include`. So it may name more than is returned, and never less.
 */
export interface Selected {
  readonly fields: ReadonlyMap<string, Selected>;
}

type Fragments = GraphQLResolveInfo['fragments'];

/** Documents are cached and come again, so the selection of each is kept as long as the document. */
const known = new WeakMap<FieldNode, Selected>();

/** The selection of the field that is being resolved. */
export function selectedIn({ fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): Selected {
  const [node] = fieldNodes;
  if (!node || fieldNodes.length > 1) return read(setsOf(fieldNodes), fragments);
  let selected = known.get(node);
  if (!selected) {
    selected = read(setsOf(fieldNodes), fragments);
    known.set(node, selected);
  }
  return selected;
}

/** The selection of a connection's nodes, through `nodes` and `edges`. Source: Relay Cursor Connections. */
export function selectedOfNodes({ fields }: Selected): Selected {
  return union(fields.get('nodes'), fields.get('edges')?.fields.get('node'));
}

function union(one: Selected | undefined, other: Selected | undefined): Selected {
  if (!one || !other) return one ?? other ?? { fields: new Map() };
  const names = new Set([...one.fields.keys(), ...other.fields.keys()]);
  return { fields: new Map([...names].map((name) => [name, union(one.fields.get(name), other.fields.get(name))])) };
}

function read(sets: readonly SelectionSetNode[], fragments: Fragments): Selected {
  const nodes = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const set of sets) collect(set);
  return { fields: new Map([...nodes].map(([name, same]) => [name, read(setsOf(same), fragments)])) };

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const same = nodes.get(name);
        if (same) same.push(selection);
        else nodes.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment) collect(fragment.selectionSet);
      }
    }
  }
}

function setsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}
