import { defineEntity, p } from '@mikro-orm/postgresql';

/** The types of events in the security log. The schema describes each. */
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

/** The reasons why a refresh token was refused. The schema describes each. */
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
    /**
     * The account that acted; null if nobody was signed in, or an operator acted. Not a reference, because the event
     * outlives the account.
     */
    actorId: p.uuid().nullable(),
    /** The account that the event is about; null if it is about no account. */
    subjectId: p.uuid().nullable(),
    sessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    userAgent: p.text().nullable(),
    requestId: p.text().nullable(),
    cause: p.enum(causes).nativeEnumName('refresh_reuse_cause').nullable(),
    /** A role, a key's id, a schema coordinate or the like. */
    detail: p.text().nullable(),
  },
  indexes: [
    { properties: ['createdAt', 'id'] },
    { properties: ['subjectId', 'createdAt', 'id'] },
    { properties: ['actorId', 'createdAt', 'id'] },
    { properties: ['type', 'createdAt', 'id'] },
  ],
  // A third trigger, against TRUNCATE, stands only in the migration: MikroORM does not support such triggers.
  triggers: [
    { name: 'no_update', timing: 'before', events: ['update'], body: refuse },
    {
      // Retention sets this in its own transaction (see audit.retention.ts).
      name: 'no_delete',
      timing: 'before',
      events: ['delete'],
      body:
        "if current_setting('gatewright.audit_retention', true) is distinct from 'on' then " +
        `${refuse} end if; return old;`,
    },
  ],
});

/** One line of the security log. It is written once, together with the change that it records, and never changed. */
export class AuditEvent extends AuditEventSchema.class {}
AuditEventSchema.setClass(AuditEvent);

/** The columns of an event, as resolvers need them. Ids are UUIDs. */
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
