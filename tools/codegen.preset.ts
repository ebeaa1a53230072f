/** Code generation's preset for the types of resolvers: which of our types stands behind a GraphQL type, each noun says. */
import { join, relative } from 'node:path';
import type { Types } from '@graphql-codegen/plugin-helpers';
import { nouns } from '../src/api/nouns.ts';

const src = join(import.meta.dirname, '../src');

export const preset: Types.OutputPreset = {
  buildGeneratesSection: ({ baseOutputDir, config, ...options }) => {
    const fromOutput = (type: string) => relative(join(baseOutputDir, '..'), join(src, type));
    const ofNouns = nouns.flatMap(({ types = {} }) => Object.entries(types));
    const mappers = Object.fromEntries(ofNouns.map(([name, type]) => [name, fromOutput(type)]));
    return [{ ...options, filename: baseOutputDir, config: { ...config, mappers: { ...mappers, ...config.mappers } } }];
  },
};
