import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    username: p.text(),
    /** The username in the one spelling that all its spellings share (see user.identifiers.ts). */
    usernameKey: p.text().unique(),
    email: p.text(),
    /** The e-mail address in the one spelling that all its spellings share. */
    emailKey: p.text().unique(),
    displayName: p.text(),
    /** argon2id, in the PHC string format; of an imported account what it came with, until it first signs in. */
    passwordHash: p.text(),
    role: p.enum(['USER', 'ADMIN'] as const).nativeEnumName('user_role'),
    isActive: p.boolean(),
    /** Sessions that began before this moment are worth nothing. Moved on when the account is closed. */
    sessionsValidFrom: p.datetime(3),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  indexes: [{ properties: ['createdAt', 'id'] }],
});

/** An account. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);

/** An account's columns, as resolvers need them, whether read as an entity or as a plain row. */
export type UserRow = Pick<
  InferEntity<typeof UserSchema>,
  'id' | 'username' | 'displayName' | 'email' | 'role' | 'isActive' | 'createdAt'
>;
