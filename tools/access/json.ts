/** The matrix and its parts for other programs. */
import type { Access, Source } from '../../src/authorization/guard.ts';
import type { Report, Row } from './report.ts';
import { describe, describeWay } from './words.ts';

export function toJson({ personas, types, visible }: Report): string {
  return printed({ personas, rows: visible, coordinates: types.flatMap(({ rows }) => rows.map(rowOf)) });
}

export function printed(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function rowOf({ coordinate, kind, requirement, sources, access }: Row) {
  return {
    coordinate,
    kind,
    requirement,
    requires: describe(requirement),
    sources: sources.map(sourceOf),
    access: Object.fromEntries(Object.entries(access).map(([persona, its]) => [persona, accessOf(its)])),
  };
}

export function sourceOf(source: Source) {
  return { ...source, way: describeWay(source) };
}

export function accessOf(access: Access) {
  return access.verdict === 'depends' ? { ...access, words: describe(access.on) } : access;
}
