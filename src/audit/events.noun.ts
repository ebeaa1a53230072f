import type { Noun } from '../graphql/noun.ts';
import { auditResolvers } from './audit.resolvers.ts';
import { AuditEvent } from './audit-event.entity.ts';

/** Events appear only in lists; `node` does not find them. */
export const events: Noun = {
  name: 'SecurityEvent',
  idPrefix: 'event',
  entities: [AuditEvent],
  types: {
    SecurityEvent: 'audit/audit-event.entity.ts#AuditEventRow',
    SecurityEventConnection: 'audit/audit.service.ts#SecurityEventPage',
  },
  resolvers: auditResolvers,
};
