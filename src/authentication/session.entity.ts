import { defineEntity, p } from '@mikro-orm/postgresql';
import { User } from '../users/user.entity.ts';

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
    /** What the session was narrowed to at sign-in; null: all that the account is worth. */
    scopes: p.array().nullable(),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3),
    /** The absolute end, however often it is refreshed. */
    expiresAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
    endReason: p
      .enum(['LOGOUT', 'REFRESH_TOKEN_REUSED'] as const)
      .nativeEnumName('session_end_reason')
      .nullable(),
  },
  indexes: [{ properties: ['userId', 'createdAt', 'id'] }, { properties: ['expiresAt'] }],
});

/** A sign-in and all that follows from it, until logout, expiry or revocation. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

const RefreshTokenSchema = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  properties: {
    /** SHA-256 of the token, in hexadecimal. The token itself is 256 random bits and is never stored. */
    tokenHash: p.text().primary(),
    sessionId: () => p.manyToOne(Session).mapToPk().name('session_id').deleteRule('cascade'),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    spentAt: p.datetime(3).nullable(),
  },
  indexes: [{ properties: ['sessionId'] }],
});

/** One link in a session's chain of refresh tokens. */
export class RefreshToken extends RefreshTokenSchema.class {}
RefreshTokenSchema.setClass(RefreshToken);
