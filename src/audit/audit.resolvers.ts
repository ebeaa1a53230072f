import { toGlobalId } from '../database/ids.ts';
import type { Resolvers } from '../graphql/resolver-types.ts';
import { listEvents, listOwnEvents } from './audit.service.ts';

export const auditResolvers: Pick<Resolvers, 'SecurityEvent'> & {
  Query: Pick<NonNullable<Resolvers['Query']>, 'auditEvents'>;
  User: Pick<NonNullable<Resolvers['User']>, 'securityEvents'>;
} = {
  Query: {
    auditEvents: (_parent, args, { em }) => listEvents(em, args),
  },
  User: {
    securityEvents: ({ id }, args, { em }) => listOwnEvents(em, id, args),
  },
  SecurityEvent: {
    id: ({ id }) => toGlobalId('event', id),
    actorId: ({ actorId }) => actorId && toGlobalId('user', actorId),
    subjectId: ({ subjectId }) => subjectId && toGlobalId('user', subjectId),
    sessionId: ({ sessionId }) => sessionId && toGlobalId('session', sessionId),
  },
};
