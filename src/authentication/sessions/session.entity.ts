import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { tellNodes } from '../../database/notifications.ts';
import { User } from '../../users/user.entity.ts';

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
    /** The scopes to which sign-in narrowed the session; null: all that the account has. */
    scopes: p.array().nullable(),
    createdAt: p.datetime(3),
    /** When the session was opened or last refreshed. */
    lastUsedAt: p.datetime(3),
    /** The absolute end, however often the session is refreshed. */
    expiresAt: p.datetime(3),
    /** The address that opened or last refreshed it. */
    address: p.text().nullable(),
    /** The network that opened it, as attempts are counted (see network.ts). Its account is known there. */
    network: p.text().nullable(),
    /** The User-Agent that opened it. */
    userAgent: p.text().nullable(),
    endedAt: p.datetime(3).nullable(),
    endReason: p
      .enum(['LOGOUT', 'REFRESH_TOKEN_REUSED', 'REVOKED', 'PASSWORD_CHANGED'] as const)
      .nativeEnumName('session_end_reason')
      .nullable(),
  },
  indexes: [
    // Ended sessions stay until they expire, but no list reads them.
    { properties: ['userId', 'createdAt', 'id'], where: 'ended_at is null' },
    { properties: ['userId', 'network'] },
    { properties: ['userId', 'expiresAt'] },
  ],
  triggers: [
    {
      name: 'ended',
      timing: 'after',
      events: ['update'],
      body: tellNodes(
        'session',
        'old.id',
        'old.ended_at is distinct from new.ended_at or old.expires_at <> new.expires_at or old.user_id <> new.user_id',
      ),
    },
    { name: 'deleted', timing: 'after', events: ['delete'], body: tellNodes('session', 'old.id') },
  ],
});

/** A sign-in and its refreshes, until logout, expiry or revocation. */
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

/** Why a session is over. */
export type EndReason = NonNullable<InferEntity<typeof SessionSchema>['endReason']>;

const RefreshTokenSchema = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  properties: {
    /** SHA-256 of the token, in hexadecimal. The token itself is never stored. */
    tokenHash: p.text().primary(),
    sessionId: () => p.manyToOne(Session).mapToPk().name('session_id').deleteRule('cascade'),
    /** The hash of the token that it was traded for; null for the session's first. One token has one successor. */
    parentHash: p.text().unique().nullable(),
    /** The salt that derived it from its parent (see refresh-token.ts). */
    salt: p.text().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    spentAt: p.datetime(3).nullable(),
    /** When it was first used although it was spent or over. The security log records that once. */
    replayedAt: p.datetime(3).nullable(),
  },
  indexes: [{ properties: ['sessionId', 'expiresAt'] }],
});

/** One link in a session's chain of refresh tokens. */
export class RefreshToken extends RefreshTokenSchema.class {}
RefreshTokenSchema.setClass(RefreshToken);
