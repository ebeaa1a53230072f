/** The option `guards`: guards by coordinate, for what no SDL of the author's defines. */
import { type ConstDirectiveNode, Kind, parse, type ScalarTypeDefinitionNode, Source } from 'graphql';
import { guardDirectives } from '../vocabulary/directives.ts';
import type { Nodes, SiteOf } from '../vocabulary/site.ts';

const guardNames: ReadonlySet<string> = new Set(guardDirectives.map(({ name }) => name));

export class GivenGuards {
  readonly #siteOf: SiteOf;
  readonly #unread = new Map<string, ScalarTypeDefinitionNode>();

  /** @param guards by coordinate, such as `Query._service`: directives as SDL writes them. */
  constructor(guards: Readonly<Record<string, string>> = {}, siteOf: SiteOf) {
    this.#siteOf = siteOf;
    for (const [coordinate, text] of Object.entries(guards)) {
      const given = read(text);
      if (given) this.#unread.set(coordinate, given);
      else
        siteOf(coordinate, []).problem(
          `\`guards\` gives it ${JSON.stringify(text)}: write directives, such as \`@public\``,
        );
    }
  }

  /** An element's own syntax nodes, and the guards that the option gives it. */
  beside<Own extends Nodes[number]>(
    coordinate: string,
    nodes: readonly Own[],
  ): readonly (Own | ScalarTypeDefinitionNode)[] {
    const given = this.#unread.get(coordinate);
    if (!given) return nodes;
    this.#unread.delete(coordinate);
    const isGuarded = nodes.some((node) => directivesOf(node).some(({ name }) => guardNames.has(name.value)));
    if (isGuarded)
      this.#siteOf(coordinate, nodes).problem('`guards` guards it, and so does the schema: write both there');
    return [...nodes, given];
  }

  /** Call this when every element was read. */
  refuseUnread(): void {
    for (const coordinate of this.#unread.keys()) {
      const reason = 'it is in `guards`, but the schema has no such type, field, argument or input field';
      this.#siteOf(coordinate, []).problem(reason);
    }
  }
}

function directivesOf(node: Nodes[number]): readonly ConstDirectiveNode[] {
  return node && 'directives' in node ? ((node.directives ?? []) as readonly ConstDirectiveNode[]) : [];
}

/** Null: the text is something else than directives. */
function read(text: string): ScalarTypeDefinitionNode | null {
  try {
    const { definitions } = parse(new Source(`scalar Element ${text}`, 'the option `guards`'));
    const [definition] = definitions;
    if (definitions.length > 1 || definition?.kind !== Kind.SCALAR_TYPE_DEFINITION) return null;
    return definition.directives?.length ? definition : null;
  } catch {
    return null;
  }
}
