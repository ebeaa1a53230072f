/** Who may do what in the newsroom: the guards of schema.graphql, and what it takes to decide them. */
import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createGuard, type DenialMode, directiveTypeDefs, type GuardViewer, rule } from 'gatewright/authorization';
import { buildASTSchema, concatAST, parse, Source } from 'graphql';
import type { ArticleRow, LetterRow, Newsroom } from './newsroom.ts';

export interface Context {
  readonly viewer: GuardViewer | null;
}

/** The policy `readable`: a draft is for its writer and for editors. */
const readable = rule<Context, ArticleRow | LetterRow>('readable')((row, _args, { viewer }) => {
  if (row.kind === 'Letter' || row.isPublished) return true;
  return viewer !== null && (row.writerId === viewer.id || viewer.roles.includes('EDITOR'));
});

export function guardNewsroom({ resolvers, writersOf }: Newsroom, denial: DenialMode) {
  const sdl = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');
  const document = concatAST([
    parse(directiveTypeDefs({ roles: ['WRITER', 'EDITOR'] })),
    parse(new Source(sdl, 'schema.graphql')),
  ]);
  return createGuard<Context>(makeExecutableSchema({ typeDefs: buildASTSchema(document), resolvers }), {
    viewer: (context) => context.viewer,
    scopes: ['article:write', 'newsroom:watch'],
    policies: { readable },
    owners: { Article: writersOf },
    denial,
  });
}
