import { defineEntity, p } from '@mikro-orm/postgresql';

/** What can be in the security log. The schema describes each. */
export const eventTypes = [
  'REGISTERED',
  'SIGNED_IN',
  'SIGN_IN_FAILED',
  'SIGNED_OUT',
  'SESSIONS_REVOKED',
  'REFRESH_TOKEN_REUSED',
  'PASSWORD_CHANGED',
  'PASSWORD_REJECTED',
  'PROFILE_CHANGED',
  'ACCOUNT_DELETED',
  'ROLE_CHANGED',
  'ACCOUNT_CLOSED',
  'ACCOUNT_OPENED',
  'ADMINISTRATION_DENIED',
  'THROTTLED',
  'SIGNING_KEY_ROTATED',
  'SIGNING_KEY_RETIRED',
] as const;

/** Why a refresh token was refused. The schema describes each. */
export const causes = [
  'LATE_RETRY',
  'OLDER_TOKEN',
  'AFTER_LOGOUT',
  'AFTER_REUSE',
  'AFTER_REVOCATION',
  'AFTER_PASSWORD_CHANGE',
  'AFTER_CLOSING',
] as const;

const refuse = "raise exception 'The security log is append-only.' using errcode = 'insufficient_privilege';";

const AuditEventSchema = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  properties: {
    id: p.uuid().primary(),
    type: p.enum(eventTypes).nativeEnumName('audit_event_type'),
    createdAt: p.datetime(3),
    /** Who did it; null: nobody was signed in, or an operator did it. No reference: it outlives the account. */
    actorId: p.uuid().nullable(),
    /** Whose account it is about; null: no account's. */
    subjectId: p.uuid().nullable(),
    sessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    userAgent: p.text().nullable(),
    requestId: p.text().nullable(),
    cause: p.enum(causes).nativeEnumName('refresh_reuse_cause').nullable(),
    /** What it was about, such as a role, a key's id or a schema coordinate. */
    detail: p.text().nullable(),
  },
  indexes: [
    { properties: ['createdAt', 'id'] },
    { properties: ['subjectId', 'createdAt', 'id'] },
    { properties: ['actorId', 'createdAt', 'id'] },
    { properties: ['type', 'createdAt', 'id'] },
  ],
  // A third, against TRUNCATE, stands in the migration alone: MikroORM does not see such ones.
  triggers: [
    { name: 'no_update', timing: 'before', events: ['update'], body: refuse },
    {
      // Retention says so in its own transaction (see audit.retention.ts).
      name: 'no_delete',
      timing: 'before',
      events: ['delete'],
      body:
        "if current_setting('gatewright.audit_retention', true) is distinct from 'on' then " +
        `${refuse} end if; return old;`,
    },
  ],
});

/** One line of the security log: written once, with what it tells of, and never changed. */
export class AuditEvent extends AuditEventSchema.class {}
AuditEventSchema.setClass(AuditEvent);

/** An event's columns, as resolvers need them. Ids are UUIDs. */
export interface AuditEventRow {
  id: string;
  type: (typeof eventTypes)[number];
  createdAt: Date;
  actorId: string | null;
  subjectId: string | null;
  sessionId: string | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
  cause: (typeof causes)[number] | null;
  detail: string | null;
}
