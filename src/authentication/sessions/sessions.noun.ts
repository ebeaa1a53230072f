import type { Noun } from '../../graphql/noun.ts';
import { RefreshToken, Session } from './session.entity.ts';
import { findSessions, ownersOfSessions } from './session.list.ts';
import { sessionResolvers } from './session.resolvers.ts';

export const sessions: Noun = {
  name: 'Session',
  idPrefix: 'session',
  entities: [Session, RefreshToken],
  types: {
    Session: 'authentication/sessions/session.list.ts#SessionRow',
    SessionConnection: 'authentication/sessions/session.list.ts#SessionPage',
  },
  resolvers: sessionResolvers,
  find: findSessions,
  owners: ownersOfSessions,
};
