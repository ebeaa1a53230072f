/** The newsroom's rows and resolvers: they know nothing of who may do what. */
import { createPubSub } from 'graphql-yoga';

export interface ArticleRow {
  readonly kind: 'Article';
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly notes: string;
  readonly writerId: string;
  readonly isPublished: boolean;
}

export interface LetterRow {
  readonly kind: 'Letter';
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly sender: string;
}

const writers = [
  { id: 'ada', name: 'Ada', phone: '555-0101' },
  { id: 'ben', name: 'Ben', phone: '555-0102' },
  { id: 'eve', name: 'Eve', phone: '555-0103' },
];

const letters: LetterRow[] = [
  { kind: 'Letter', id: 'l1', title: 'Potholes', body: 'Mind the road.', sender: 'Tom, 4 Mill Lane' },
];

const firstArticles: ArticleRow[] = [
  {
    kind: 'Article',
    id: 'a1',
    title: 'Rain',
    body: 'It rains.',
    notes: 'Ask Tom.',
    writerId: 'ada',
    isPublished: true,
  },
  {
    kind: 'Article',
    id: 'a2',
    title: 'Snow',
    body: 'It may snow.',
    notes: 'Not sure.',
    writerId: 'ben',
    isPublished: false,
  },
];

type Changes = Partial<Pick<ArticleRow, 'body' | 'notes' | 'isPublished'>>;

export function createNewsroom() {
  const articles = new Map(firstArticles.map((row) => [row.id, row]));
  const changes = createPubSub<{ article: [ArticleRow] }>();

  const resolvers = {
    Query: {
      articles: (_root: unknown, { drafts }: { drafts: boolean }) =>
        [...articles.values()].filter(({ isPublished }) => isPublished || drafts),
      content: (_root: unknown, args: { id: string }) =>
        articles.get(args.id) ?? letters.find(({ id }) => id === args.id),
      me: (_root: unknown, _args: unknown, { viewer }: { viewer: { id: string } }) =>
        writers.find(({ id }) => id === viewer.id),
    },
    Mutation: {
      updateArticle: (_root: unknown, { input: { id, ...given } }: { input: { id: string } & Changes }) => {
        const row = articles.get(id);
        if (!row) return null;
        const changed = { ...row, ...given };
        articles.set(id, changed);
        changes.publish('article', changed);
        return changed;
      },
    },
    Subscription: {
      articleChanged: { subscribe: () => changes.subscribe('article'), resolve: (row: ArticleRow) => row },
    },
    Content: { __resolveType: ({ kind }: ArticleRow | LetterRow) => kind },
    Article: { writer: (row: ArticleRow) => writers.find(({ id }) => id === row.writerId) },
  };

  /** Whose the articles with these ids are; null for an id that is no article's. */
  const writersOf = async (ids: readonly string[]) => ids.map((id) => articles.get(id)?.writerId ?? null);

  return { resolvers, writersOf };
}

export type Newsroom = ReturnType<typeof createNewsroom>;
