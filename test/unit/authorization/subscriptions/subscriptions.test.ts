import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { DenialMode, GuardViewer } from '../../../../src/authorization/guard.ts';
import { anonymous, guardOf, user } from '../harness.ts';
import { EventSource, listenTo, type Results, subscribeTo } from './event-source.ts';

const reader = user({ scopes: ['read'] });

describe('a subscription', () => {
  let started = 0;
  const guard = guardOf(
    'type Query { a: Int @public } type Subscription { ticks: Tick @requiresScopes(scopes: [["read"]]) } type Tick @requiresScopes(scopes: [["read"]]) { n: Int }',
    {
      Subscription: {
        ticks: {
          subscribe: async function* () {
            started++;
            for (const n of [1, 2, 3]) yield { ticks: { n } };
          },
        },
      },
    },
  );

  async function listen(context: { viewer: GuardViewer | null }, onEvent = () => {}): Promise<ExecutionResult[]> {
    const results = await subscribeTo(guard, context, 'subscription { ticks { n } }');
    if (!(Symbol.asyncIterator in results)) return [results];
    const all: ExecutionResult[] = [];
    for await (const result of results) {
      all.push(result);
      onEvent();
    }
    return all;
  }

  it('is served to a viewer with the scope', async () => {
    expect(await listen({ viewer: reader })).toEqual([1, 2, 3].map((n) => ({ data: { ticks: { n } } })));
  });

  it('is decided before its source starts', async () => {
    started = 0;
    const [refused] = await listen({ viewer: anonymous });
    expect(refused?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(started).toBe(0);
  });

  it('is decided again for each event: rights that go are missed, rights that come back serve', async () => {
    const context = { viewer: reader };
    const results = await listen(context, () => {
      context.viewer = context.viewer === reader ? user() : reader;
    });
    expect(results[0]).toEqual({ data: { ticks: { n: 1 } } });
    expect(results[1]?.data).toEqual({ ticks: null });
    expect(results[1]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(results[2]).toEqual({ data: { ticks: { n: 3 } } });
  });

  it('shows nothing to a viewer who signs out meanwhile', async () => {
    const context: { viewer: GuardViewer | null } = { viewer: reader };
    const results = await listen(context, () => {
      context.viewer = anonymous;
    });
    expect(results.map((result) => result.errors?.[0]?.extensions.code)).toEqual([
      undefined,
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
  });
});

describe('a subscription’s guards', () => {
  const sdl = /* GraphQL */ `
    type Query { a: Int @public }
    type Subscription {
      changes(id: ID!, every: Int = 1 @settableBy(roles: [ADMIN]), options: Options): Task
        @ownerOf(type: "Task", id: "id", orRoles: [ADMIN])
    }
    input Options { all: Boolean = false @settableBy(roles: [ADMIN]) }
    type Task @authenticated { title: String notes: String @owner }
  `;
  const query =
    'subscription ($id: ID!, $every: Int, $o: Options) { changes(id: $id, every: $every, options: $o) { title notes } }';
  const event = (ownerId: string) => ({ changes: { title: 'T', notes: 'N', ownerId } });
  const admin = user({ id: 'admin', roles: ['ADMIN'] });

  function world(denial: DenialMode = 'filter') {
    const source = new EventSource();
    const owners: Record<string, string> = { mine: 'u1', theirs: 'u2' };
    const denials: string[] = [];
    const guard = guardOf(
      sdl,
      { Subscription: { changes: { subscribe: source.subscribe } } },
      {
        denial,
        owners: { Task: async (ids) => ids.map((id) => owners[id] ?? null) },
        onDenial: ({ coordinate }) => void denials.push(coordinate),
      },
    );
    return { source, owners, guard, denials };
  }
  const next = async (results: Results, source: EventSource, sent: unknown) => {
    const pending = results.next();
    source.emit(sent);
    return (await pending).value as ExecutionResult;
  };

  it.each(['theirs', 'none'])(
    'an argument that names a row of another’s, or none, keeps the source from starting: %s',
    async (id) => {
      const { source, guard } = world();
      const refused = (await subscribeTo(guard, { viewer: user() }, query, { id })) as ExecutionResult;
      expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect(source.started).toBe(0);
    },
  );

  it('a row of one’s own is listened to, until it is another’s, and again', async () => {
    const { source, guard, owners } = world();
    const results = await listenTo(guard, { viewer: user() }, query, { id: 'mine' });
    expect(await next(results, source, event('u1'))).toEqual({ data: { changes: { title: 'T', notes: 'N' } } });
    owners.mine = 'u2';
    const denied = await next(results, source, event('u1'));
    expect(denied.data).toEqual({ changes: null });
    expect(denied.errors?.map(({ path, extensions }) => `${extensions.code} ${path}`)).toEqual(['FORBIDDEN changes']);
    owners.mine = 'u1';
    expect((await next(results, source, event('u1'))).errors).toBeUndefined();
  });

  it('that depend on the row are decided for the row of each event', async () => {
    const { source, guard } = world();
    const results = await listenTo(guard, { viewer: user() }, query, { id: 'mine' });
    const denied = await next(results, source, event('u2'));
    expect(denied.data).toEqual({ changes: { title: 'T', notes: null } });
    expect(denied.errors?.map(({ path }) => path?.join('.'))).toEqual(['changes.notes']);
    expect((await next(results, source, event('u1'))).data).toEqual({ changes: { title: 'T', notes: 'N' } });
  });

  it.each([
    ['an argument', { every: 5 }],
    ['an argument as null', { every: null }],
    ['an input field', { o: { all: true } }],
    ['an input field as its default', { o: { all: false } }],
  ])('that say who supplies %s hold before the source starts, and for each event', async (_, supplied) => {
    const { source, guard } = world();
    const variables = { id: 'mine', ...supplied };
    const refused = (await subscribeTo(guard, { viewer: user() }, query, variables)) as ExecutionResult;
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(source.started).toBe(0);

    const context = { viewer: admin };
    const results = await listenTo(guard, context, query, variables);
    expect((await next(results, source, event('admin'))).data).toEqual({ changes: { title: 'T', notes: 'N' } });
    context.viewer = user();
    expect((await next(results, source, event('u1'))).data).toEqual({ changes: null });
    context.viewer = admin;
    expect((await next(results, source, event('admin'))).errors).toBeUndefined();
  });

  it('ask nothing for what is left out, though the schema fills in a default, at any event', async () => {
    const { source, guard } = world();
    const results = await listenTo(guard, { viewer: user() }, query, { id: 'mine', o: {} });
    expect((await next(results, source, event('u1'))).errors).toBeUndefined();
    expect((await next(results, source, event('u1'))).errors).toBeUndefined();
  });

  it('refuse the whole subscription, and the whole of an event, in mode reject', async () => {
    const { source, guard } = world('reject');
    const refused = (await subscribeTo(guard, { viewer: user() }, query, { id: 'theirs' })) as ExecutionResult;
    expect(refused).not.toHaveProperty('data');
    expect(refused.errors?.[0]?.extensions.http).toMatchObject({ status: 403 });
    expect(source.started).toBe(0);
    const results = await listenTo(guard, { viewer: user() }, query, { id: 'mine' });
    expect(await next(results, source, event('u2'))).not.toHaveProperty('data');
    expect((await next(results, source, event('u1'))).data).toEqual({ changes: { title: 'T', notes: 'N' } });
  });

  it('are told of, and let everything through, in mode report', async () => {
    const { source, guard, denials } = world('report');
    const results = await listenTo(guard, { viewer: user() }, query, { id: 'theirs' });
    expect(denials).toEqual(['Subscription.changes']);
    expect(await next(results, source, event('u2'))).toEqual({ data: { changes: { title: 'T', notes: 'N' } } });
    expect(denials).toEqual(['Subscription.changes', 'Subscription.changes', 'Task.notes']);
  });
});
