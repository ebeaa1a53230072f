import type { Noun } from '../graphql/noun.ts';
import { User } from './user.entity.ts';
import { ownersOfUsers, readsOfUsers } from './user.ownership.ts';
import { userResolvers } from './user.resolvers.ts';
import { findUsers } from './user.service.ts';

export const users: Noun = {
  name: 'User',
  idPrefix: 'user',
  entities: [User],
  types: {
    User: 'users/user.entity.ts#UserRow',
    UserConnection: 'users/user.rows.ts#UserPage',
  },
  resolvers: userResolvers,
  find: findUsers,
  owners: ownersOfUsers,
  reads: readsOfUsers,
};
