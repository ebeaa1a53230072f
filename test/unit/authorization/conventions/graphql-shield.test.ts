/** See schema.ts. */
import { describe, expect, it } from 'vitest';
import {
  allow,
  and,
  chain,
  deny,
  inputRule,
  not,
  openRule,
  or,
  race,
  rule,
  type SingleRule,
} from '../../../../src/authorization/rules/shield.ts';

describe('graphql-shield', () => {
  it('keeps a function, a name and a cache in a rule, and rules in a joined one (rules/shield.ts)', () => {
    const decide = () => true;
    const made = rule('named', { cache: 'contextual' })(decide);
    expect(made).toMatchObject({ name: 'named', cache: 'contextual', func: decide });
    expect(and(made, allow)).toMatchObject({ rules: [made, allow] });
    expect(not(made, 'because')).toMatchObject({ rules: [made], error: new Error('because') });
  });

  it('caches no rule that does not say so (vocabulary/policy.ts)', () => {
    expect(rule()(() => true)).toMatchObject({ cache: 'no_cache' });
    expect(rule({ cache: 'strict' as never })(() => true)).toMatchObject({ cache: 'strict' });
  });

  it('makes rules of one kind by one class, and of two kinds by two (rules/shield.ts)', () => {
    const made = {
      and: and(allow),
      or: or(allow),
      chain: chain(allow),
      race: race(allow),
      not: not(allow),
      allow,
      deny,
    };
    expect(and(allow).constructor).toBe(and(allow, allow).constructor);
    for (const [kind, one] of Object.entries(made)) expect(openRule(one)).toMatchObject({ kind });
  });

  it('asks a rule of inputs by a function as well, which answers true or an Error (rules/shield.ts)', async () => {
    const schema = (isValid: boolean) =>
      inputRule()(() => ({
        validate: async () => {
          if (!isValid) throw new Error('too long');
        },
      }));
    const ask = (made: unknown) => (openRule(made) as SingleRule).func(undefined, {}, {}, {});
    expect(await ask(schema(true))).toBe(true);
    expect(await ask(schema(false))).toEqual(new Error('too long'));
  });
});
