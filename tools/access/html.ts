/** The matrix as one page that asks nothing of any other host, and runs only the scripts in this folder. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Access, Persona } from '../../src/authorization/guard.ts';
import { countsOf, type Report, type ReportedType, type Row, typeOf } from './report.ts';
import { describe, describeAccess, describeWay, oneLine } from './words.ts';

type Verdict = Access['verdict'];

/** Signs that do not depend on the colour. */
const signs: Record<Verdict, string> = { allow: '✓', depends: '◐', deny: '✕' };
const verdicts = Object.keys(signs) as Verdict[];

export function toHtml(report: Report): string {
  const [frame, tables, script] = ['frame.css', 'tables.css', 'filter.js'].map(read);
  const style = `${frame}${tables}`;
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who may do what</title>
<style>${style}</style>
</head>
<body>
${header(report)}
<main>
${summary(report)}
${matrix(report)}
</main>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** As the browser reads it. Otherwise the hash in the policy would not match. */
function read(name: string): string {
  return readFileSync(join(import.meta.dirname, 'page', name), 'utf8').replaceAll('\r\n', '\n');
}

function hashOf(text = ''): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function header({ personas, types }: Report): string {
  const total = types.reduce((sum, { rows }) => sum + rows.length, 0);
  const kinds = [...new Set(types.flatMap(({ rows }) => rows.map(({ kind }) => kind)))];
  const legend = (['allow', 'deny', 'depends'] as const)
    .map((verdict) => `<span class="${verdict}">${signs[verdict]} ${verdict}</span>`)
    .join(' ');
  return `<header>
<div class="title">
<h1>Who may do what</h1>
<p class="legend">${legend} on what its cell says</p>
<output id="shown" data-total="${total}">${total} coordinates</output>
</div>
<form role="search" aria-label="Which coordinates to show">
<label class="search">Search <input type="search" name="search" placeholder="a field, a scope, a directive, a file" autocomplete="off"></label>
${select(
  'persona',
  Object.keys(personas).map((name, index) => [String(index), name]),
)}
${select(
  'verdict',
  verdicts.map((verdict) => [verdict, `${signs[verdict]} ${verdict}`]),
)}
${select(
  'kind',
  kinds.map((kind) => [kind, kind]),
)}
${select(
  'type',
  types.map(({ name }) => [name, name]),
)}
<button type="reset">Show all</button>
</form>
</header>`;
}

function select(name: string, options: readonly (readonly [string, string])[]): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const lines = options.map(([value, text]) => `<option value="${escaped(value)}">${escaped(text)}</option>`);
  return `<label>${title} <select name="${name}"><option value="">any</option>${lines.join('')}</select></label>`;
}

function summary({ personas, types }: Report): string {
  const names = Object.keys(personas);
  const all = { name: 'All', rows: types.flatMap(({ rows }) => rows) };
  const rows = [all, ...types].map(
    (type) =>
      `<tr><th scope="row">${linkTo(type, all)}</th>${names
        .map((name, index) => `<td data-persona="${index}">${counted(type, name)}</td>`)
        .join('')}</tr>`,
  );
  return `<section class="glance" aria-labelledby="at-a-glance">
<h2 id="at-a-glance">At a glance</h2>
<dl class="personas">${Object.entries(personas).map(described).join('')}</dl>
<table class="summary">
<thead><tr><th scope="col">Type</th>${names.map(personaTitle).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>
</section>`;
}

function described([name, persona]: [string, Persona]): string {
  const rights = persona ? `${codes('role', persona.roles)}, ${codes('scope', persona.scopes)}` : 'nobody is signed in';
  return `<div><dt>${escaped(name)}</dt> <dd>${rights}</dd></div>`;
}

function codes(what: string, names: readonly string[]): string {
  if (names.length === 0) return `no ${what}`;
  return `${what}${names.length > 1 ? 's' : ''} ${names.map((name) => `<code>${escaped(name)}</code>`).join(' ')}`;
}

function linkTo(type: ReportedType, all: ReportedType): string {
  const name = type === all ? '' : type.name;
  return `<a href="#${name ? `type-${escaped(name)}` : 'matrix'}" data-type="${escaped(name)}">${escaped(type.name)}</a>`;
}

function counted({ rows }: ReportedType, persona: string): string {
  const counts = countsOf(rows, persona);
  let from = 0;
  const parts = verdicts.map((verdict) => {
    const part = `<rect class="${verdict}" x="${from}" y="0" width="${counts[verdict]}" height="1"/>`;
    from += counts[verdict];
    return part;
  });
  const numbers = verdicts
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `<span class="${verdict}" title="${verdict}">${signs[verdict]} ${counts[verdict]}</span>`);
  const bar = `<svg viewBox="0 0 ${rows.length} 1" preserveAspectRatio="none" aria-hidden="true">${parts.join('')}</svg>`;
  return `<div class="bar">${bar}${numbers.join('')}</div>`;
}

function personaTitle(name: string, index: number): string {
  return `<th scope="col" data-persona="${index}">${escaped(name)}</th>`;
}

function matrix({ personas, types }: Report): string {
  const names = Object.keys(personas);
  const bodies = types.map(
    ({ name, rows }) => `<tbody id="type-${escaped(name)}" data-type="${escaped(name)}">
<tr class="group"><th scope="rowgroup" colspan="${names.length + 1}">${escaped(name)}</th></tr>
${rows.map((row) => lines(row, names)).join('\n')}
</tbody>`,
  );
  return `<section aria-labelledby="matrix">
<h2 id="matrix">Each coordinate</h2>
<table class="matrix">
<thead><tr><th scope="col">Coordinate</th>${names.map(personaTitle).join('')}</tr></thead>
${bodies.join('\n')}
</table>
<p class="none" hidden>Nothing matches. Show all, or ask for less.</p>
<p class="legend">Every viewer of a field may supply its arguments, input fields and enum values that are not listed.</p>
</section>`;
}

/** A coordinate, and below it its reasons, folded. */
function lines({ coordinate, kind, requirement, sources, access }: Row, names: readonly string[]): string {
  const own = names.map((name) => access[name] ?? { verdict: 'deny' as const });
  const requires = describe(requirement);
  const cells = own.map(
    (its, index) =>
      `<td class="${its.verdict}" data-persona="${index}">${signs[its.verdict]} ${worded(describeAccess(its))}</td>`,
  );
  const origins = sources.map(
    (source) =>
      `<li><code>${escaped(oneLine(source.directive))}</code> ${worded(describeWay(source))}` +
      `${source.location ? ` <span class="where">${escaped(source.location)}</span>` : ''}</li>`,
  );
  const id = `why-${escaped(coordinate)}`;
  const label = kind === 'field' ? '' : ` <span class="kind">${kind}</span>`;
  return `<tr data-kind="${kind}" data-verdicts="${own.map(({ verdict }) => verdict).join(' ')}"><th scope="row" title="requires ${escaped(requires)}"><button type="button" aria-label="${escaped(coordinate)}" aria-expanded="true" aria-controls="${id}"><code><span class="holder">${escaped(typeOf(coordinate))}.</span>${escaped(coordinate.slice(typeOf(coordinate).length + 1))}</code></button>${label}</th>${cells.join('')}</tr>
<tr class="detail" id="${id}"><td colspan="${names.length + 1}"><p>Requires ${worded(requires)}.</p><ul>${origins.join('')}</ul></td></tr>`;
}

/** Formats text in backticks as code. */
function worded(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
