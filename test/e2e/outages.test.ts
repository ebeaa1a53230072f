/** A PostgreSQL server that answers, but cannot be used. Clients are told to come again, and then find it as it was. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { createServerDatabase } from '../support/database.ts';
import { onServer, withDatabase } from '../support/global-setup.ts';
import { asAnonymous, asUser, type SignedIn } from '../support/personas.ts';
import { administrator, startTestServer, type TestServer } from '../support/server.ts';
import { CreateTaskDocument, LoginDocument } from './documents/graphql.ts';

describe.runIf(inject('server'))('while the database', () => {
  const { url = '' } = inject('server') ?? {};
  const role = `gatewright_test_${randomBytes(6).toString('hex')}`;
  let name: string;
  let server: TestServer;
  let user: SignedIn;

  beforeEach(async () => {
    const made = await createServerDatabase();
    name = new URL(made.url).pathname.slice(1);
    await onServer(url, `create role ${role} login superuser`);
    const theirs = new URL(made.url);
    theirs.username = role;
    server = await startTestServer({
      database: {
        name: 'postgresql',
        open: () => openDatabase({ kind: 'postgresql', url: theirs.href, poolSize: 4 }, sharedOptions),
      },
    });
    user = await asUser(server);
    return async () => {
      await server.close();
      await made.drop();
      await onServer(url, `drop role ${role}`);
    };
  });
  afterEach(() => onServer(url, `alter role ${role} login`));

  const end = (but = 0) =>
    onServer(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid not in (pg_backend_pid(), ${but})`,
    );
  const readiness = async () => (await fetch(`${server.url}/readyz`)).status;
  const login = () => {
    const { username: identifier, password } = administrator;
    return asAnonymous(server).ask(LoginDocument, { input: { identifier, password } });
  };
  const write = () => user.ask(CreateTaskDocument, { input: { title: 'A title' } });

  async function expectUnavailable(answer: Awaited<ReturnType<typeof write>>): Promise<void> {
    expect([answer.status, answer.codes]).toEqual([503, ['SERVICE_UNAVAILABLE']]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  async function expectBack(): Promise<void> {
    await vi.waitFor(async () => expect(await readiness()).toBe(200), 20_000);
    expect((await write()).codes).toEqual([]);
    expect((await login()).data?.login.errors).toEqual([]);
  }

  it('takes no writes, they are answered with 503, and reads are served', async () => {
    await onServer(url, `alter database ${name} set default_transaction_read_only = on`);
    await end();
    await vi.waitFor(async () => expect(await readiness()).toBe(503), 20_000);
    const refused = await write();
    await expectUnavailable(refused);
    expect(refused.errors?.[0]?.message).toBe('The server takes no writes just now. Try again later.');
    await expectUnavailable((await login()) as never);
    expect((await user.ask('{ me { username } }')).codes).toEqual([]);
    // Connections that open meanwhile are of no use afterwards.
    await Promise.all(Array.from({ length: 8 }, () => user.ask('{ tasks { totalCount } }')));
    await onServer(url, `alter database ${name} reset default_transaction_read_only`);
    await expectBack();
  });

  /** SQL: inserts into a table fail from now on, and so does `create table as`. */
  const failures = (code: string, table = 'tasks') => `
    create or replace function fail() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '${code}'; end $$;
    create or replace function fail_to_make() returns event_trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '${code}'; end $$;
    create or replace trigger fail before insert on ${table} for each statement execute function fail();
    drop event trigger if exists fail_to_make;
    create event trigger fail_to_make on ddl_command_start when tag in ('CREATE TABLE AS')
      execute function fail_to_make()`;
  const noFailures = 'drop event trigger fail_to_make; drop trigger fail on tasks';

  it.each(['53000', '53100', '53200', '53400', '58030'])(
    'has no room (%s), writes are answered with 503, and the server is ready again when there is some',
    async (code) => {
      await onServer(withDatabase(url, name), failures(code));
      expect(await readiness()).toBe(200);
      const refused = await write();
      await expectUnavailable(refused);
      expect(refused.errors?.[0]?.message).toBe('The database has no room for this just now. Try again later.');
      expect(await readiness()).toBe(503);
      expect((await user.ask('{ me { username } }')).codes).toEqual([]);
      await onServer(withDatabase(url, name), noFailures);
      await expectBack();
    },
  );

  it('has no room to count attempts, the server is not ready', async () => {
    await onServer(withDatabase(url, name), failures('53100', 'rate_limits'));
    await expectUnavailable((await login()) as never);
    expect(await readiness()).toBe(503);
  });

  it('has room, and fails for another reason, the server is ready', async () => {
    await onServer(withDatabase(url, name), failures('23514'));
    expect((await write()).codes).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(await readiness()).toBe(200);
  });

  it('gives its role no temporary tables, the server is ready until a write finds no room', async () => {
    await onServer(withDatabase(url, name), failures('53100'));
    await write();
    expect(await readiness()).toBe(503);
    await onServer(
      withDatabase(url, name),
      `alter role ${role} nosuperuser; revoke temporary on database ${name} from public;
       drop event trigger fail_to_make`,
    );
    expect(await readiness()).toBe(200);
    await onServer(url, `alter role ${role} superuser`);
  });

  it('lets its role in no more, all is answered with 503', async () => {
    await onServer(url, `alter role ${role} nologin`);
    await end();
    await vi.waitFor(async () => expect(await readiness()).toBe(503), 20_000);
    await expectUnavailable(await write());
    await expectUnavailable((await login()) as never);
    await onServer(url, `alter role ${role} login`);
    await expectBack();
  });

  it('grants its role no connection, all is answered with 503', async () => {
    await onServer(url, `alter role ${role} nosuperuser`);
    await onServer(url, `revoke connect on database ${name} from public`);
    await end();
    await vi.waitFor(async () => expect(await readiness()).toBe(503), 20_000);
    await expectUnavailable((await login()) as never);
    await expectUnavailable((await user.ask('{ me { username } }')) as never);
    await expectUnavailable(await write());
    await onServer(url, `grant connect on database ${name} to public`);
    await onServer(url, `alter role ${role} superuser`);
    await expectBack();
  });

  it('lets its role in no more, the server is not ready, whatever becomes of the sessions that are open', async () => {
    const [began, released] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()];
    const holder = server.database.fork().transactional(async (tx) => {
      const [session] = await tx.execute('select pg_backend_pid() as pid');
      began.resolve(Number(session?.pid));
      await released.promise;
    });
    try {
      const pid = await began.promise;
      await onServer(url, `alter role ${role} nologin`);
      await end(pid);
      await vi.waitFor(async () => expectUnavailable((await user.ask('{ tasks { totalCount } }')) as never), 20_000);
    } finally {
      released.resolve();
      await holder;
    }
    // The open session could answer.
    expect((await user.ask('{ tasks { totalCount } }')).codes).toEqual([]);
    expect(await readiness()).toBe(503);
    await onServer(url, `alter role ${role} login`);
    await expectBack();
  });
});
