/** Node and malloc get the same flags in benchmarks and in every start script. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gatewright } from '../../bench/http/contestants.ts';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const flagsIn = (command: string) => command.match(/--(?:no-)?(?:max|heap|concurrent)-[\w-]+(?:=\d+)?/g);
const variablesIn = (text: string) =>
  Object.fromEntries([...text.matchAll(/(MALLOC_\w+)=(\d+)/g)].map(([, name, value]) => [name, value]));
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<'start' | 'start:production', string> };

describe('the flags of V8', () => {
  it.each([
    ['npm start', scripts.start],
    ['npm run start:production', scripts['start:production']],
    ['the Dockerfile', read('Dockerfile')],
  ])('of %s are those that are measured', (_name, text) => {
    expect(flagsIn(text)).toEqual(gatewright.flags);
  });
});

describe('the variables of malloc', () => {
  it.each([
    ['npm run start:production', scripts['start:production']],
    ['the Dockerfile', read('Dockerfile')],
  ])('of %s are those that are measured', (_name, text) => {
    expect(variablesIn(text)).toEqual(gatewright.variables);
  });
});
