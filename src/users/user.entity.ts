import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { tellNodes } from '../database/notifications.ts';
import type { Moment } from '../database/timestamps.ts';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    username: p.text(),
    /** The key that all spellings of the username share (see identifiers.ts). */
    usernameKey: p.text().unique(),
    email: p.text(),
    /** The key that all spellings of the e-mail address share. */
    emailKey: p.text().unique(),
    displayName: p.text(),
    /** argon2id, in the PHC string format. An imported account keeps its original hash until it first signs in. */
    passwordHash: p.text(),
    /** Counts changes of the password. A decision under an earlier version is no longer valid. */
    passwordVersion: p.integer().default(1),
    role: p.enum(['USER', 'ADMIN'] as const).nativeEnumName('user_role'),
    isActive: p.boolean(),
    /** Sessions that began before this moment are over. Closing the account moves it on. */
    sessionsValidFrom: p.datetime(3),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  indexes: [
    { properties: ['createdAt', 'id'] },
    { properties: ['role', 'createdAt', 'id'] },
    { properties: ['isActive', 'createdAt', 'id'] },
    {
      name: 'users_text_index',
      expression: 'create index users_text_index on users using gin (username gin_trgm_ops, display_name gin_trgm_ops)',
    },
  ],
  triggers: [
    {
      name: 'worth_changed',
      timing: 'after',
      events: ['update'],
      body: tellNodes(
        'user',
        'old.id',
        'old.role <> new.role or old.is_active <> new.is_active ' +
          'or old.sessions_valid_from <> new.sessions_valid_from',
      ),
    },
    { name: 'deleted', timing: 'after', events: ['delete'], body: tellNodes('user', 'old.id') },
  ],
});

/** An account. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);

/** An account's columns, as resolvers need them, whether it was read as an entity or as a plain row. */
export type UserRow = Pick<
  InferEntity<typeof UserSchema>,
  'id' | 'username' | 'displayName' | 'email' | 'role' | 'isActive'
> & { createdAt: Moment };
