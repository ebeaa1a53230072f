/** The guides show code that runs: each quotation stands in the file that it names. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { buildASTSchema, concatAST, parse, Source } from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardNewsroom } from '../../docs/examples/yoga/guard.ts';
import { createNewsroom } from '../../docs/examples/yoga/newsroom.ts';
import { allow, createGuard, directiveTypeDefs, GuardError, type GuardViewer } from '../../src/authorization/guard.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe.each(['docs/library.md', 'docs/moving-from-graphql-shield.md', 'docs/plugins.md'])('%s', (guide) => {
  const text = read(guide);
  const blocks = [...text.matchAll(/^```(\S*)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language, file, code]) => ({
    language,
    file,
    code,
  }));

  it('names the file of each block of code', () => {
    const unnamed = blocks.filter(({ language, file }) => !file && language !== '' && language !== 'sh');
    expect(unnamed).toEqual([]);
    expect(blocks.filter(({ file }) => file).length).toBeGreaterThan(1);
  });

  it.each(blocks.filter(({ file }) => file))('quotes $file as it is', ({ file, code }) => {
    expect(read(file as string)).toContain(code);
  });
});

const headingsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

const files = globSync(['{src,schema,test,tools,docs}/**/*.*', '*.*'], { cwd: root, exclude: ['**/node_modules/**'] });

/** `name` is a path from the root, the end of a path, or a pattern of either. */
const isNameOfFile = (name: string) => files.some((file) => matchesGlob(file, name) || matchesGlob(file, `**/${name}`));

describe.each(['README.md', ...globSync('docs/**/*.md', { cwd: root })])('%s', (page) => {
  const text = read(page);

  it('links to pages and headings that exist', () => {
    for (const [link, path, anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path ? join(root, dirname(page), path) : join(root, page);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor) expect([link, headingsOf(readFileSync(target, 'utf8')).includes(anchor)]).toEqual([link, true]);
    }
  });

  it('names files that exist', () => {
    const isAdded = page === 'docs/adding-a-noun.md' ? /comment/i : /^$/;
    const paths = [...text.matchAll(/`((?:src|schema|test|tools|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    const modules = [...text.matchAll(/`([\w./*-]+\.[cm]?ts)`/g)].map(([, name = '']) => name);
    const missing = [
      ...paths.filter((path) => !existsSync(join(root, path))),
      ...modules.filter((name) => !isNameOfFile(name)),
    ];
    expect(missing.filter((name) => !isAdded.test(name))).toEqual([]);
  });
});

describe('the table of docs/moving-from-graphql-shield.md', () => {
  const table = read('docs/moving-from-graphql-shield.md').split('## Side by side')[1]?.split('\n## ')[0] ?? '';
  const rows = [...table.matchAll(/^\| `(.+?)` \| `(.+?)` \|/gm)];

  it.each(rows.map(([, tree, schema]) => [tree as string, schema as string]))(
    '%s stands there, and is %s',
    (tree, schema) => {
      expect(read('docs/examples/library/permissions.ts')).toContain(tree);
      expect(read('docs/examples/library/after.graphql')).toContain(schema);
    },
  );
});

describe.each([
  {
    example: 'docs/examples/yoga/schema.graphql',
    roles: ['WRITER', 'EDITOR'],
    from: 'articles(',
    to: 'articles(noted: String, ',
    options: {
      reads: { 'Query.articles(noted:)': ['Article.notes'] },
    },
    needed: 'EDITOR',
  },
  {
    example: 'docs/examples/library/after.graphql',
    roles: ['MEMBER', 'LIBRARIAN'],
    from: 'books:',
    to: 'books(maxPrice: Int):',
    options: {
      reads: { 'Query.books(maxPrice:)': ['Book.price'] },
    },
    needed: 'LIBRARIAN',
  },
])('a filter in $example that reads a guarded field', ({ example, roles, from, to, options, needed }) => {
  const coordinate = Object.keys(options.reads)[0] as string;
  const sdl = read(example).replace(from, to);
  const requirementWith = (more: object) => {
    const policies = [...sdl.matchAll(/"(\w+)"/g)].map(([, name]) => [name, allow]);
    const owned = [...sdl.matchAll(/@ownerOf\(type: "(\w+)"/g)].map(([, type]) => [type, async () => []]);
    return createGuard(buildASTSchema(concatAST([parse(directiveTypeDefs({ roles })), parse(sdl)])), {
      viewer: () => null,
      policies: Object.fromEntries(policies),
      owners: Object.fromEntries(owned),
      ...more,
    }).requirements.get(coordinate);
  };

  it('needs the role that opens the field, where `reads` tells of it', () => {
    expect(requirementWith(options)).toEqual([[{ kind: 'role', name: needed }]]);
  });

  it('needs nothing of its own where `reads` does not', () => {
    expect(requirementWith({})).toEqual([[]]);
  });
});

describe('the newsroom', () => {
  it('can be asked as personas, without a server', async () => {
    const guard = guardNewsroom(createNewsroom(), 'filter');
    const document = parse('{ articles { notes } }');
    const ask = async (viewer: GuardViewer | null) => guard.execute({ document, contextValue: { viewer } });
    expect((await ask({ id: 'ada', roles: ['WRITER'], scopes: [] })).errors).toBeUndefined();
    expect((await ask(null)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is refused where a guard is left out, with the file and the line', () => {
    const sdl = read('docs/examples/yoga/schema.graphql');
    const problemsOf = (changed: string) => {
      const document = concatAST([
        parse(directiveTypeDefs({ roles: ['WRITER', 'EDITOR'] })),
        parse(new Source(changed, 'schema.graphql')),
      ]);
      const options = { viewer: () => null, policies: { readable: allow }, owners: { Article: async () => [] } };
      try {
        createGuard(buildASTSchema(document), options);
      } catch (error) {
        if (error instanceof GuardError)
          return error.problems.map(({ coordinate, location }) => [coordinate, location]);
      }
      return [];
    };
    expect(problemsOf(sdl)).toEqual([]);
    expect(problemsOf(sdl.replace('type Writer @public', 'type Writer'))).toEqual([
      ['Writer', expect.stringMatching(/^schema\.graphql:\d+$/)],
    ]);
  });
});
