/** Reads the imports of all files, and reports those that break the rules. */
import { dirname, join, normalize } from 'node:path';
import type { packages as packageRules, Room } from './rules.ts';

export interface Rules {
  readonly rooms: readonly Room[];
  readonly packages: typeof packageRules;
  readonly maxFiles: number;
}

interface Import {
  readonly file: string;
  /** A file of the project, or a package's name. */
  readonly target: string;
  readonly isFile: boolean;
}

const specifiers = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\(\s*)'([^'\n]+)'/g;

/** Includes type imports, dynamic imports and `require`. */
export function importsOf(file: string, text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(specifiers)].map(([, specifier = '']) =>
    specifier.startsWith('.')
      ? { file, target: normalize(join(dirname(file), specifier)), isFile: true }
      : { file, target: packageOf(specifier), isFile: false },
  );
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** @param files paths from the project's root, with their texts. */
export function problemsOf(files: ReadonlyMap<string, string>, rules: Rules): string[] {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text));
  const inFiles = imports.filter(({ isFile, target }) => isFile && files.has(target));
  return [
    ...inFiles.flatMap((one) => brokenDirection(one, rules)),
    ...imports.filter(({ isFile }) => !isFile).flatMap((one) => brokenPackage(one, rules)),
    ...circlesOf(inFiles).map(
      (circle) => `${circle.join('\n    imports ')}: a circle. Move what both need to a file of its own.`,
    ),
    ...crowdedRooms([...files.keys()], rules.maxFiles),
  ];
}

function isIn(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

function brokenDirection({ file, target }: Import, { rooms }: Rules): string[] {
  const room = rooms.find(({ path }) => isIn(file, path));
  if (!room) return [`${file}: tools/imports/rules.ts does not list its room. Add it with the rooms that it imports.`];
  if ([room.path, ...room.imports].some((path) => isIn(target, path))) return [];
  return [`${file} imports ${target}. ${room.why}`];
}

function brokenPackage({ file, target }: Import, { packages }: Rules): string[] {
  const rule = packages.find(({ names }) => names.includes(target));
  if (!rule || rule.only.some((path) => isIn(file, path))) return [];
  return [`${file} imports ${target}. ${rule.why}`];
}

/** Each circle once, listed under its first file. */
function circlesOf(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, path: readonly string[]) => {
    const before = path.indexOf(file);
    if (before >= 0) {
      circles.push([...path.slice(before), file]);
      return;
    }
    if (done.has(file)) return;
    for (const { target } of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}

function crowdedRooms(files: readonly string[], maxFiles: number): string[] {
  const rooms = Map.groupBy(files, (file) => dirname(file));
  return [...rooms].flatMap(([room, held]) =>
    held.length > maxFiles
      ? [`${room} holds ${held.length} files, and a room at most ${maxFiles}. Make two rooms of it.`]
      : [],
  );
}
