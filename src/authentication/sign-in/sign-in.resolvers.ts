import type { Resolvers } from '../../graphql/resolver-types.ts';
import { changePassword, deleteAccount, updateProfile } from './account.service.ts';
import { login, refresh, register } from './sign-in.service.ts';

export const authenticationResolvers: {
  Mutation: Pick<
    NonNullable<Resolvers['Mutation']>,
    'register' | 'login' | 'refresh' | 'changePassword' | 'updateProfile' | 'deleteAccount'
  >;
} = {
  Mutation: {
    register: (_parent, { input }, { em, authentication, request }) => register(em, authentication, input, request()),

    login: (_parent, { input }, { em, authentication, request }) => login(em, authentication, input, request()),

    refresh: (_parent, { input }, { em, authentication, request }) => refresh(em, authentication, input, request()),

    changePassword: (_parent, { input }, { em, viewer, authentication, request }) =>
      authentication.sessions.known(changePassword(em, authentication, { viewer, input }, request())),

    updateProfile: (_parent, { input }, { em, viewer, authentication, request }) =>
      updateProfile(em, authentication, { viewer, input }, request()),

    deleteAccount: (_parent, { input }, { em, viewer, authentication, request }) =>
      authentication.sessions.known(deleteAccount(em, authentication, { viewer, input }, request())),
  },
};
