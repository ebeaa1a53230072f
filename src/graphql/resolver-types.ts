import type * as Types from './schema-types.ts';
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserRow } from '../users/user.entity.ts';
import type { UserPage } from '../users/user.rows.ts';
import type { SessionRow, SessionPage } from '../authentication/sessions/session.list.ts';
import type { TaskRow } from '../tasks/task.entity.ts';
import type { TaskPage } from '../tasks/task.rows.ts';
import type { AuditEventRow } from '../audit/audit-event.entity.ts';
import type { SecurityEventPage } from '../audit/audit.service.ts';
import type { NodeRow } from './noun.ts';
import type { GraphQLContext } from './context.ts';
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };


export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Types.Maybe<TTypes> | Promise<Types.Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AuditEventFilter: Types.AuditEventFilter;
  AuthSession: ResolverTypeWrapper<Types.AuthSession>;
  Boolean: ResolverTypeWrapper<Types.Scalars['Boolean']['output']>;
  ChangePasswordInput: Types.ChangePasswordInput;
  ChangePasswordPayload: ResolverTypeWrapper<Omit<Types.ChangePasswordPayload, 'user'> & { user?: Types.Maybe<ResolversTypes['User']> }>;
  CreateTaskInput: Types.CreateTaskInput;
  CreateTaskPayload: ResolverTypeWrapper<Omit<Types.CreateTaskPayload, 'task'> & { task?: Types.Maybe<ResolversTypes['Task']> }>;
  DateTime: ResolverTypeWrapper<Types.Scalars['DateTime']['output']>;
  DeleteAccountInput: Types.DeleteAccountInput;
  DeleteAccountPayload: ResolverTypeWrapper<Types.DeleteAccountPayload>;
  DeleteTaskInput: Types.DeleteTaskInput;
  DeleteTaskPayload: ResolverTypeWrapper<Types.DeleteTaskPayload>;
  ID: ResolverTypeWrapper<Types.Scalars['ID']['output']>;
  InputError: ResolverTypeWrapper<Types.InputError>;
  InputErrorCode: Types.InputErrorCode;
  Int: ResolverTypeWrapper<Types.Scalars['Int']['output']>;
  LoginInput: Types.LoginInput;
  LoginPayload: ResolverTypeWrapper<Types.LoginPayload>;
  LogoutEverywherePayload: ResolverTypeWrapper<Types.LogoutEverywherePayload>;
  LogoutPayload: ResolverTypeWrapper<Types.LogoutPayload>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<NodeRow>;
  OrderDirection: Types.OrderDirection;
  PageInfo: ResolverTypeWrapper<Types.PageInfo>;
  Policy: ResolverTypeWrapper<Types.Scalars['Policy']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefreshInput: Types.RefreshInput;
  RefreshPayload: ResolverTypeWrapper<Types.RefreshPayload>;
  RefreshReuseCause: Types.RefreshReuseCause;
  RegisterInput: Types.RegisterInput;
  RegisterPayload: ResolverTypeWrapper<Types.RegisterPayload>;
  Relation: ResolverTypeWrapper<Types.Scalars['Relation']['output']>;
  RevokeOtherSessionsPayload: ResolverTypeWrapper<Types.RevokeOtherSessionsPayload>;
  RevokeSessionInput: Types.RevokeSessionInput;
  RevokeSessionPayload: ResolverTypeWrapper<Types.RevokeSessionPayload>;
  Role: Types.Role;
  Scope: ResolverTypeWrapper<Types.Scalars['Scope']['output']>;
  SecurityEvent: ResolverTypeWrapper<AuditEventRow>;
  SecurityEventConnection: ResolverTypeWrapper<SecurityEventPage>;
  SecurityEventEdge: ResolverTypeWrapper<Omit<Types.SecurityEventEdge, 'node'> & { node: ResolversTypes['SecurityEvent'] }>;
  SecurityEventType: Types.SecurityEventType;
  Session: ResolverTypeWrapper<SessionRow>;
  SessionConnection: ResolverTypeWrapper<SessionPage>;
  SessionEdge: ResolverTypeWrapper<Omit<Types.SessionEdge, 'node'> & { node: ResolversTypes['Session'] }>;
  SetUserActiveInput: Types.SetUserActiveInput;
  SetUserActivePayload: ResolverTypeWrapper<Omit<Types.SetUserActivePayload, 'user'> & { user?: Types.Maybe<ResolversTypes['User']> }>;
  SetUserRoleInput: Types.SetUserRoleInput;
  SetUserRolePayload: ResolverTypeWrapper<Omit<Types.SetUserRolePayload, 'user'> & { user?: Types.Maybe<ResolversTypes['User']> }>;
  String: ResolverTypeWrapper<Types.Scalars['String']['output']>;
  Task: ResolverTypeWrapper<TaskRow>;
  TaskConnection: ResolverTypeWrapper<TaskPage>;
  TaskEdge: ResolverTypeWrapper<Omit<Types.TaskEdge, 'node'> & { node: ResolversTypes['Task'] }>;
  TaskFilter: Types.TaskFilter;
  TaskOrder: Types.TaskOrder;
  TaskOrderField: Types.TaskOrderField;
  TaskPriority: Types.TaskPriority;
  TaskStatus: Types.TaskStatus;
  UpdateProfileInput: Types.UpdateProfileInput;
  UpdateProfilePayload: ResolverTypeWrapper<Omit<Types.UpdateProfilePayload, 'user'> & { user?: Types.Maybe<ResolversTypes['User']> }>;
  UpdateTaskInput: Types.UpdateTaskInput;
  UpdateTaskPayload: ResolverTypeWrapper<Omit<Types.UpdateTaskPayload, 'task'> & { task?: Types.Maybe<ResolversTypes['Task']> }>;
  User: ResolverTypeWrapper<UserRow>;
  UserConnection: ResolverTypeWrapper<UserPage>;
  UserEdge: ResolverTypeWrapper<Omit<Types.UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserFilter: Types.UserFilter;
  UserOrder: Types.UserOrder;
  UserOrderField: Types.UserOrderField;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AuditEventFilter: Types.AuditEventFilter;
  AuthSession: Types.AuthSession;
  Boolean: Types.Scalars['Boolean']['output'];
  ChangePasswordInput: Types.ChangePasswordInput;
  ChangePasswordPayload: Omit<Types.ChangePasswordPayload, 'user'> & { user?: Types.Maybe<ResolversParentTypes['User']> };
  CreateTaskInput: Types.CreateTaskInput;
  CreateTaskPayload: Omit<Types.CreateTaskPayload, 'task'> & { task?: Types.Maybe<ResolversParentTypes['Task']> };
  DateTime: Types.Scalars['DateTime']['output'];
  DeleteAccountInput: Types.DeleteAccountInput;
  DeleteAccountPayload: Types.DeleteAccountPayload;
  DeleteTaskInput: Types.DeleteTaskInput;
  DeleteTaskPayload: Types.DeleteTaskPayload;
  ID: Types.Scalars['ID']['output'];
  InputError: Types.InputError;
  Int: Types.Scalars['Int']['output'];
  LoginInput: Types.LoginInput;
  LoginPayload: Types.LoginPayload;
  LogoutEverywherePayload: Types.LogoutEverywherePayload;
  LogoutPayload: Types.LogoutPayload;
  Mutation: Record<PropertyKey, never>;
  Node: NodeRow;
  PageInfo: Types.PageInfo;
  Policy: Types.Scalars['Policy']['output'];
  Query: Record<PropertyKey, never>;
  RefreshInput: Types.RefreshInput;
  RefreshPayload: Types.RefreshPayload;
  RegisterInput: Types.RegisterInput;
  RegisterPayload: Types.RegisterPayload;
  Relation: Types.Scalars['Relation']['output'];
  RevokeOtherSessionsPayload: Types.RevokeOtherSessionsPayload;
  RevokeSessionInput: Types.RevokeSessionInput;
  RevokeSessionPayload: Types.RevokeSessionPayload;
  Scope: Types.Scalars['Scope']['output'];
  SecurityEvent: AuditEventRow;
  SecurityEventConnection: SecurityEventPage;
  SecurityEventEdge: Omit<Types.SecurityEventEdge, 'node'> & { node: ResolversParentTypes['SecurityEvent'] };
  Session: SessionRow;
  SessionConnection: SessionPage;
  SessionEdge: Omit<Types.SessionEdge, 'node'> & { node: ResolversParentTypes['Session'] };
  SetUserActiveInput: Types.SetUserActiveInput;
  SetUserActivePayload: Omit<Types.SetUserActivePayload, 'user'> & { user?: Types.Maybe<ResolversParentTypes['User']> };
  SetUserRoleInput: Types.SetUserRoleInput;
  SetUserRolePayload: Omit<Types.SetUserRolePayload, 'user'> & { user?: Types.Maybe<ResolversParentTypes['User']> };
  String: Types.Scalars['String']['output'];
  Task: TaskRow;
  TaskConnection: TaskPage;
  TaskEdge: Omit<Types.TaskEdge, 'node'> & { node: ResolversParentTypes['Task'] };
  TaskFilter: Types.TaskFilter;
  TaskOrder: Types.TaskOrder;
  UpdateProfileInput: Types.UpdateProfileInput;
  UpdateProfilePayload: Omit<Types.UpdateProfilePayload, 'user'> & { user?: Types.Maybe<ResolversParentTypes['User']> };
  UpdateTaskInput: Types.UpdateTaskInput;
  UpdateTaskPayload: Omit<Types.UpdateTaskPayload, 'task'> & { task?: Types.Maybe<ResolversParentTypes['Task']> };
  User: UserRow;
  UserConnection: UserPage;
  UserEdge: Omit<Types.UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  UserFilter: Types.UserFilter;
  UserOrder: Types.UserOrder;
};

export type AuthenticatedDirectiveArgs = { };

export type AuthenticatedDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = AuthenticatedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OwnerDirectiveArgs = {
  field?: Types.Scalars['String']['input'];
  orRoles?: Types.Maybe<Array<Types.Role>>;
  orScopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
};

export type OwnerDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = OwnerDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OwnerOfDirectiveArgs = {
  id: Types.Scalars['String']['input'];
  orRoles?: Types.Maybe<Array<Types.Role>>;
  orScopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
  type: Types.Scalars['String']['input'];
};

export type OwnerOfDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = OwnerOfDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PolicyDirectiveArgs = {
  policies: Array<Array<Types.Scalars['Policy']['input']>>;
};

export type PolicyDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = PolicyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RequiresRelationDirectiveArgs = {
  orRoles?: Types.Maybe<Array<Types.Role>>;
  orScopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
  relations: Array<Array<Types.Scalars['Relation']['input']>>;
};

export type RequiresRelationDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = RequiresRelationDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RequiresRoleDirectiveArgs = {
  roles: Array<Types.Role>;
};

export type RequiresRoleDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = RequiresRoleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RequiresScopesDirectiveArgs = {
  scopes: Array<Array<Types.Scalars['Scope']['input']>>;
};

export type RequiresScopesDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = RequiresScopesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SettableByDirectiveArgs = {
  policies?: Types.Maybe<Array<Array<Types.Scalars['Policy']['input']>>>;
  roles?: Types.Maybe<Array<Types.Role>>;
  scopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
};

export type SettableByDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = SettableByDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type TenantDirectiveArgs = {
  acrossScopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
  beyond?: Types.Maybe<Array<Types.Scalars['Relation']['input']>>;
  field?: Types.Scalars['String']['input'];
};

export type TenantDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = TenantDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type VisibleToDirectiveArgs = {
  orRoles?: Types.Maybe<Array<Types.Role>>;
  orScopes?: Types.Maybe<Array<Array<Types.Scalars['Scope']['input']>>>;
  relations: Array<Array<Types.Scalars['Relation']['input']>>;
};

export type VisibleToDirectiveResolver<Result, Parent, ContextType = GraphQLContext, Args = VisibleToDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AuthSessionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['AuthSession'] = ResolversParentTypes['AuthSession']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  scope?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tokenType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ChangePasswordPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['ChangePasswordPayload'] = ResolversParentTypes['ChangePasswordPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  user?: Resolver<Types.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type CreateTaskPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['CreateTaskPayload'] = ResolversParentTypes['CreateTaskPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  task?: Resolver<Types.Maybe<ResolversTypes['Task']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteAccountPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DeleteAccountPayload'] = ResolversParentTypes['DeleteAccountPayload']> = {
  deletedUserId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
};

export type DeleteTaskPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DeleteTaskPayload'] = ResolversParentTypes['DeleteTaskPayload']> = {
  deletedTaskId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
};

export type InputErrorResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['InputError'] = ResolversParentTypes['InputError']> = {
  code?: Resolver<ResolversTypes['InputErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type LoginPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LoginPayload'] = ResolversParentTypes['LoginPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  session?: Resolver<Types.Maybe<ResolversTypes['AuthSession']>, ParentType, ContextType>;
};

export type LogoutEverywherePayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LogoutEverywherePayload'] = ResolversParentTypes['LogoutEverywherePayload']> = {
  endedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type LogoutPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['LogoutPayload'] = ResolversParentTypes['LogoutPayload']> = {
  endedSessionId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  changePassword?: Resolver<ResolversTypes['ChangePasswordPayload'], ParentType, ContextType, RequireFields<Types.MutationChangePasswordArgs, 'input'>>;
  createTask?: Resolver<ResolversTypes['CreateTaskPayload'], ParentType, ContextType, RequireFields<Types.MutationCreateTaskArgs, 'input'>>;
  deleteAccount?: Resolver<ResolversTypes['DeleteAccountPayload'], ParentType, ContextType, RequireFields<Types.MutationDeleteAccountArgs, 'input'>>;
  deleteTask?: Resolver<ResolversTypes['DeleteTaskPayload'], ParentType, ContextType, RequireFields<Types.MutationDeleteTaskArgs, 'input'>>;
  login?: Resolver<ResolversTypes['LoginPayload'], ParentType, ContextType, RequireFields<Types.MutationLoginArgs, 'input'>>;
  logout?: Resolver<ResolversTypes['LogoutPayload'], ParentType, ContextType>;
  logoutEverywhere?: Resolver<ResolversTypes['LogoutEverywherePayload'], ParentType, ContextType>;
  refresh?: Resolver<ResolversTypes['RefreshPayload'], ParentType, ContextType, RequireFields<Types.MutationRefreshArgs, 'input'>>;
  register?: Resolver<ResolversTypes['RegisterPayload'], ParentType, ContextType, RequireFields<Types.MutationRegisterArgs, 'input'>>;
  revokeOtherSessions?: Resolver<ResolversTypes['RevokeOtherSessionsPayload'], ParentType, ContextType>;
  revokeSession?: Resolver<ResolversTypes['RevokeSessionPayload'], ParentType, ContextType, RequireFields<Types.MutationRevokeSessionArgs, 'input'>>;
  setUserActive?: Resolver<ResolversTypes['SetUserActivePayload'], ParentType, ContextType, RequireFields<Types.MutationSetUserActiveArgs, 'input'>>;
  setUserRole?: Resolver<ResolversTypes['SetUserRolePayload'], ParentType, ContextType, RequireFields<Types.MutationSetUserRoleArgs, 'input'>>;
  updateProfile?: Resolver<ResolversTypes['UpdateProfilePayload'], ParentType, ContextType, RequireFields<Types.MutationUpdateProfileArgs, 'input'>>;
  updateTask?: Resolver<ResolversTypes['UpdateTaskPayload'], ParentType, ContextType, RequireFields<Types.MutationUpdateTaskArgs, 'input'>>;
};

export type NodeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Session' | 'Task' | 'User', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface PolicyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Policy'], any> {
  name: 'Policy';
}

export type QueryResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  auditEvents?: Resolver<ResolversTypes['SecurityEventConnection'], ParentType, ContextType, Partial<Types.QueryAuditEventsArgs>>;
  me?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  node?: Resolver<Types.Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<Types.QueryNodeArgs, 'id'>>;
  nodes?: Resolver<Array<Types.Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<Types.QueryNodesArgs, 'ids'>>;
  sessions?: Resolver<ResolversTypes['SessionConnection'], ParentType, ContextType, Partial<Types.QuerySessionsArgs>>;
  task?: Resolver<Types.Maybe<ResolversTypes['Task']>, ParentType, ContextType, RequireFields<Types.QueryTaskArgs, 'id'>>;
  tasks?: Resolver<ResolversTypes['TaskConnection'], ParentType, ContextType, Partial<Types.QueryTasksArgs>>;
  user?: Resolver<Types.Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<Types.QueryUserArgs, 'id'>>;
  users?: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, Partial<Types.QueryUsersArgs>>;
};

export type RefreshPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['RefreshPayload'] = ResolversParentTypes['RefreshPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  session?: Resolver<Types.Maybe<ResolversTypes['AuthSession']>, ParentType, ContextType>;
};

export type RegisterPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['RegisterPayload'] = ResolversParentTypes['RegisterPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  session?: Resolver<Types.Maybe<ResolversTypes['AuthSession']>, ParentType, ContextType>;
};

export interface RelationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Relation'], any> {
  name: 'Relation';
}

export type RevokeOtherSessionsPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['RevokeOtherSessionsPayload'] = ResolversParentTypes['RevokeOtherSessionsPayload']> = {
  revokedCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RevokeSessionPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['RevokeSessionPayload'] = ResolversParentTypes['RevokeSessionPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  revokedSessionId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export interface ScopeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Scope'], any> {
  name: 'Scope';
}

export type SecurityEventResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SecurityEvent'] = ResolversParentTypes['SecurityEvent']> = {
  actorId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  address?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  cause?: Resolver<Types.Maybe<ResolversTypes['RefreshReuseCause']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  detail?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  requestId?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  sessionId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  subjectId?: Resolver<Types.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['SecurityEventType'], ParentType, ContextType>;
  userAgent?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SecurityEventConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SecurityEventConnection'] = ResolversParentTypes['SecurityEventConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SecurityEventEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['SecurityEvent']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SecurityEventEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SecurityEventEdge'] = ResolversParentTypes['SecurityEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['SecurityEvent'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  address?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  device?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  userAgent?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SessionConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SessionConnection'] = ResolversParentTypes['SessionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SessionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Session']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SessionEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SessionEdge'] = ResolversParentTypes['SessionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
};

export type SetUserActivePayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SetUserActivePayload'] = ResolversParentTypes['SetUserActivePayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  user?: Resolver<Types.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type SetUserRolePayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['SetUserRolePayload'] = ResolversParentTypes['SetUserRolePayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  user?: Resolver<Types.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type TaskResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Task'] = ResolversParentTypes['Task']> = {
  completedAt?: Resolver<Types.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  dueAt?: Resolver<Types.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  notes?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  priority?: Resolver<ResolversTypes['TaskPriority'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['TaskStatus'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TaskConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['TaskConnection'] = ResolversParentTypes['TaskConnection']> = {
  edges?: Resolver<Array<ResolversTypes['TaskEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Task']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type TaskEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['TaskEdge'] = ResolversParentTypes['TaskEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Task'], ParentType, ContextType>;
};

export type UpdateProfilePayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UpdateProfilePayload'] = ResolversParentTypes['UpdateProfilePayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  user?: Resolver<Types.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type UpdateTaskPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UpdateTaskPayload'] = ResolversParentTypes['UpdateTaskPayload']> = {
  errors?: Resolver<Array<ResolversTypes['InputError']>, ParentType, ContextType>;
  task?: Resolver<Types.Maybe<ResolversTypes['Task']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  displayName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  email?: Resolver<Types.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isActive?: Resolver<Types.Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  securityEvents?: Resolver<Types.Maybe<ResolversTypes['SecurityEventConnection']>, ParentType, ContextType, Partial<Types.UserSecurityEventsArgs>>;
  tasks?: Resolver<ResolversTypes['TaskConnection'], ParentType, ContextType, Partial<Types.UserTasksArgs>>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Array<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['User']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphQLContext> = {
  AuthSession?: AuthSessionResolvers<ContextType>;
  ChangePasswordPayload?: ChangePasswordPayloadResolvers<ContextType>;
  CreateTaskPayload?: CreateTaskPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteAccountPayload?: DeleteAccountPayloadResolvers<ContextType>;
  DeleteTaskPayload?: DeleteTaskPayloadResolvers<ContextType>;
  InputError?: InputErrorResolvers<ContextType>;
  LoginPayload?: LoginPayloadResolvers<ContextType>;
  LogoutEverywherePayload?: LogoutEverywherePayloadResolvers<ContextType>;
  LogoutPayload?: LogoutPayloadResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Policy?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  RefreshPayload?: RefreshPayloadResolvers<ContextType>;
  RegisterPayload?: RegisterPayloadResolvers<ContextType>;
  Relation?: GraphQLScalarType;
  RevokeOtherSessionsPayload?: RevokeOtherSessionsPayloadResolvers<ContextType>;
  RevokeSessionPayload?: RevokeSessionPayloadResolvers<ContextType>;
  Scope?: GraphQLScalarType;
  SecurityEvent?: SecurityEventResolvers<ContextType>;
  SecurityEventConnection?: SecurityEventConnectionResolvers<ContextType>;
  SecurityEventEdge?: SecurityEventEdgeResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  SessionConnection?: SessionConnectionResolvers<ContextType>;
  SessionEdge?: SessionEdgeResolvers<ContextType>;
  SetUserActivePayload?: SetUserActivePayloadResolvers<ContextType>;
  SetUserRolePayload?: SetUserRolePayloadResolvers<ContextType>;
  Task?: TaskResolvers<ContextType>;
  TaskConnection?: TaskConnectionResolvers<ContextType>;
  TaskEdge?: TaskEdgeResolvers<ContextType>;
  UpdateProfilePayload?: UpdateProfilePayloadResolvers<ContextType>;
  UpdateTaskPayload?: UpdateTaskPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = GraphQLContext> = {
  authenticated?: AuthenticatedDirectiveResolver<any, any, ContextType>;
  owner?: OwnerDirectiveResolver<any, any, ContextType>;
  ownerOf?: OwnerOfDirectiveResolver<any, any, ContextType>;
  policy?: PolicyDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
  requiresRelation?: RequiresRelationDirectiveResolver<any, any, ContextType>;
  requiresRole?: RequiresRoleDirectiveResolver<any, any, ContextType>;
  requiresScopes?: RequiresScopesDirectiveResolver<any, any, ContextType>;
  settableBy?: SettableByDirectiveResolver<any, any, ContextType>;
  tenant?: TenantDirectiveResolver<any, any, ContextType>;
  visibleTo?: VisibleToDirectiveResolver<any, any, ContextType>;
};
