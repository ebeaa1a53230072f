import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../tools/imports/check.ts';
import { maxFiles, packages, rooms } from '../../../tools/imports/rules.ts';

const rules = {
  rooms: [
    { path: 'src/ground.ts', imports: [], why: 'The ground imports nothing.' },
    { path: 'src/older', imports: ['src/ground.ts'], why: 'The older room knows no younger one.' },
    { path: 'src/younger', imports: ['src/older', 'src/ground.ts'], why: 'Nobody is younger.' },
  ],
  packages: [{ names: ['@scope/http'], only: ['src/younger'], why: 'HTTP is the younger room.' }],
  maxFiles: 2,
};

const problems = (files: Record<string, string>) => problemsOf(new Map(Object.entries(files)), rules);

describe('imports', () => {
  it('may lead from a younger room to an older one', () => {
    expect(
      problems({
        'src/ground.ts': '',
        'src/older/a.ts': "import { ground } from '../ground.ts';",
        'src/younger/b.ts': "import type { A } from '../older/a.ts';\nimport http from '@scope/http/deep';",
      }),
    ).toEqual([]);
  });

  it.each([
    "import { b } from '../younger/b.ts';",
    "import type { B } from '../younger/b.ts';",
    "import {\n  type B,\n  c,\n} from '../younger/b.ts';",
    "export { b } from '../younger/b.ts';",
    "const b = await import('../younger/b.ts');",
    "let b: import('../younger/b.ts').B;",
    "import '../younger/b.ts';",
  ])('may not lead to a younger room: %s', (text) => {
    expect(problems({ 'src/older/a.ts': text, 'src/younger/b.ts': '' })).toEqual([
      'src/older/a.ts imports src/younger/b.ts. The older room knows no younger one.',
    ]);
  });

  it('are not read in comments', () => {
    const text = "/**\n * import { b } from '../younger/b.ts';\n */\n// from '../younger/b.ts'";
    expect(problems({ 'src/older/a.ts': text, 'src/younger/b.ts': '' })).toEqual([]);
  });

  it('may not name a package that belongs to another room', () => {
    expect(problems({ 'src/older/a.ts': "import http from '@scope/http';" })).toEqual([
      'src/older/a.ts imports @scope/http. HTTP is the younger room.',
    ]);
  });

  it('make no circle, types included', () => {
    const circle = problems({
      'src/older/a.ts': "import type { B } from './b.ts';",
      'src/older/b.ts': "import { a } from './a.ts';",
    });
    expect(circle).toHaveLength(1);
    expect(circle[0]).toMatch(/a\.ts\n.*b\.ts\n.*a\.ts: a circle/);
  });
});

describe('a room', () => {
  it('must be listed', () => {
    expect(problems({ 'src/other/a.ts': "import { b } from '../ground.ts';", 'src/ground.ts': '' })[0]).toMatch(
      /does not list its room/,
    );
  });

  it('has at most a dozen files', () => {
    expect(problems({ 'src/older/a.ts': '', 'src/older/b.ts': '', 'src/older/room/c.ts': '' })).toEqual([]);
    expect(problems({ 'src/older/a.ts': '', 'src/older/b.ts': '', 'src/older/c.ts': '' })).toEqual([
      'src/older holds 3 files, and a room at most 2. Make two rooms of it.',
    ]);
  });
});

describe('the rooms of the engine', () => {
  const problemsOfEngine = (files: Record<string, string>) =>
    problemsOf(new Map(Object.entries(files)), { rooms, packages, maxFiles });
  const policy = { 'src/authorization/policy/policy.ts': "import '../federation/claims.ts';" };

  it('import in one direction', () => {
    expect(problemsOfEngine({ ...policy, 'src/authorization/federation/claims.ts': '' })).toEqual([]);
  });

  it('make no circle, where no two files do', () => {
    const files = {
      ...policy,
      'src/authorization/federation/claims.ts': '',
      'src/authorization/federation/field-sets.ts': "import type { Source } from '../policy/sources.ts';",
      'src/authorization/policy/sources.ts': '',
    };
    expect(problemsOfEngine(files)).toEqual([
      expect.stringMatching(/^src\/authorization\/federation\/field-sets\.ts imports .*policy\/sources\.ts\./),
    ]);
  });

  it('are listed, each in its place', () => {
    const room = {
      'src/authorization/attic/a.ts': "import '../rules/shield.ts';",
      'src/authorization/rules/shield.ts': '',
    };
    expect(problemsOfEngine(room)).toEqual([expect.stringMatching(/attic\/a\.ts: .* does not list its room/)]);
  });

  it.each(rooms.filter(({ path }) => path.startsWith('src/authorization/')))('$path exists', ({ path }) => {
    expect(existsSync(join(import.meta.dirname, '../../..', path))).toBe(true);
  });
});
