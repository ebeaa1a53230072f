/** The contestants, and what each is compared with. */
import type { Contestant } from './contestant.ts';
import type { Told, Workload } from './workloads.ts';

export interface Entry {
  readonly title: string;
  /** The module and name to load. Modules of peers are loaded only if their packages are installed. */
  readonly module: string;
  readonly export: string;
  readonly workloads: readonly Workload[];
  /** The contestant whose unguarded time is that of the same engine. */
  readonly baseline: string;
  readonly told: Told;
}

const guarded = ['viewer', 'row', 'denied'] as const;
const all = ['unguarded', ...guarded] as const;

/** By name. Neighbours are measured one after the other, so each stands beside its baseline. */
export const entries: Readonly<Record<string, Entry>> = {
  'gatewright-execute': {
    title: 'Gatewright, `guard.execute`',
    module: './contestants/gatewright.ts',
    export: 'gatewrightExecute',
    workloads: all,
    baseline: 'gatewright-execute',
    told: 'once a field',
  },
  'graphql-js': {
    title: 'graphql-js, no guards',
    module: './contestants/graphql-js.ts',
    export: 'graphqlJs',
    workloads: ['unguarded'],
    baseline: 'graphql-js',
    told: 'once a field',
  },
  'gatewright-schema': {
    title: 'Gatewright, `guard.schema` under graphql-js',
    module: './contestants/gatewright.ts',
    export: 'gatewrightSchema',
    workloads: guarded,
    baseline: 'graphql-js',
    told: 'once a field',
  },
  shield: {
    title: 'graphql-shield',
    module: './peers/shield.ts',
    export: 'graphqlShield',
    workloads: guarded,
    baseline: 'graphql-js',
    told: 'once a row',
  },
  envelop: {
    title: '@envelop/generic-auth',
    module: './peers/envelop.ts',
    export: 'envelopGenericAuth',
    workloads: all,
    baseline: 'envelop',
    told: 'once a field',
  },
  pothos: {
    title: 'Pothos scope-auth',
    module: './peers/pothos.ts',
    export: 'pothosScopeAuth',
    workloads: all,
    baseline: 'pothos',
    told: 'once a row',
  },
  mercurius: {
    title: 'mercurius-auth',
    module: './peers/mercurius.ts',
    export: 'mercuriusInterpreted',
    workloads: all,
    baseline: 'mercurius',
    told: 'once a row',
  },
  'mercurius-jit': {
    title: 'mercurius-auth, `jit: 1`',
    module: './peers/mercurius.ts',
    export: 'mercuriusCompiled',
    workloads: all,
    baseline: 'mercurius-jit',
    told: 'once a row',
  },
};

/** The contestant that the others are compared with. */
export const reference = 'gatewright-execute';

export async function load(entry: Entry): Promise<Contestant> {
  const loaded = (await import(new URL(entry.module, import.meta.url).href)) as Record<string, Contestant>;
  const contestant = loaded[entry.export];
  if (!contestant) throw new Error(`${entry.module} exports no ${entry.export}`);
  return contestant;
}
