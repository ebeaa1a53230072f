export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * A moment in time: a date, a time and an offset from UTC by RFC 3339, such as `2026-03-01T09:30:00Z`. Answers
   * are always in UTC, with milliseconds.
   */
  DateTime: { input: Date; output: Date; }
  /** The name of a rule that the server registers with the guard. */
  Policy: { input: string; output: string; }
  /**
   * How a row stands to the viewer: a relation that is registered for its type, `visible`, `anyone`, or a relation of a
   * parent's, such as `project.member`.
   */
  Relation: { input: string; output: string; }
  /**
   * A permission that an access token carries, such as `task:read`. An inner list of scopes is an AND, the
   * outer list an OR.
   */
  Scope: { input: string; output: string; }
};

/** Which events to list. Conditions are joined by AND. */
export type AuditEventFilter = {
  /** The global id of the account that did it. */
  actorId?: InputMaybe<Scalars['ID']['input']>;
  /** At this moment or later. */
  after?: InputMaybe<Scalars['DateTime']['input']>;
  /** Before this moment. */
  before?: InputMaybe<Scalars['DateTime']['input']>;
  /** The global id of the account that it is about. */
  subjectId?: InputMaybe<Scalars['ID']['input']>;
  /** The event is one of these. Null or left out: any. An empty list: no event. */
  type?: InputMaybe<Array<SecurityEventType>>;
};

/**
 * A pair of tokens and what they are worth. The names are those of RFC 6749, section 5.1.
 * It is only returned to somebody who has just proved who they are.
 */
export type AuthSession = {
  __typename?: 'AuthSession';
  /** A JWT (RFC 9068), to be sent as `Authorization: Bearer …`. */
  accessToken: Scalars['String']['output'];
  /** When the access token expires. */
  expiresAt: Scalars['DateTime']['output'];
  /** Seconds until the access token expires. */
  expiresIn: Scalars['Int']['output'];
  /** To be traded for new tokens with `refresh`. Keep it secret. */
  refreshToken: Scalars['String']['output'];
  /** The role of the account. */
  role: Role;
  /** The scopes of the access token, separated by spaces. */
  scope: Scalars['String']['output'];
  /** Always `Bearer`. */
  tokenType: Scalars['String']['output'];
  /** The id of the account. */
  userId: Scalars['ID']['output'];
  /** The name of the account. */
  username: Scalars['String']['output'];
};

/** A change of password. */
export type ChangePasswordInput = {
  /** The password that you sign in with now. */
  currentPassword: Scalars['String']['input'];
  /** 8 to 256 characters of any kind; not one that many people use, and none of your own names. */
  newPassword: Scalars['String']['input'];
};

/** What `changePassword` answers. */
export type ChangePasswordPayload = {
  __typename?: 'ChangePasswordPayload';
  /** What is wrong with the input: `INVALID_CREDENTIALS` at `input.currentPassword` if that is not your password. */
  errors: Array<InputError>;
  /** Your account; null exactly when there are errors. */
  user?: Maybe<User>;
};

/** A new task. */
export type CreateTaskInput = {
  /** At most 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** When it is due: a moment from the year 1000 to the year 9999. */
  dueAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Private notes: at most 10,000 characters. */
  notes?: InputMaybe<Scalars['String']['input']>;
  /** How much it matters. */
  priority?: TaskPriority;
  /** How far it is. */
  status?: TaskStatus;
  /** 1 to 200 characters on one line, at most 1,600 bytes: no line breaks, control characters or overrides of direction. */
  title: Scalars['String']['input'];
};

/** What `createTask` answers. */
export type CreateTaskPayload = {
  __typename?: 'CreateTaskPayload';
  /** What is wrong with the input. */
  errors: Array<InputError>;
  /** The new task; null exactly when there are errors. */
  task?: Maybe<Task>;
};

/** The end of an account. */
export type DeleteAccountInput = {
  /** The password that you sign in with. */
  password: Scalars['String']['input'];
};

/** What `deleteAccount` answers. */
export type DeleteAccountPayload = {
  __typename?: 'DeleteAccountPayload';
  /** The id of the account that is no more; null exactly when there are errors. */
  deletedUserId?: Maybe<Scalars['ID']['output']>;
  /**
   * What is wrong with the input: `INVALID_CREDENTIALS` if that is not your password; `INVALID` for the last open account
   * of role ADMIN.
   */
  errors: Array<InputError>;
};

/** Which task to delete. */
export type DeleteTaskInput = {
  /** The task's global id. */
  id: Scalars['ID']['input'];
};

/** What `deleteTask` answers. */
export type DeleteTaskPayload = {
  __typename?: 'DeleteTaskPayload';
  /** The id of the deleted task; null exactly when there are errors. */
  deletedTaskId?: Maybe<Scalars['ID']['output']>;
  /** What is wrong with the input. */
  errors: Array<InputError>;
};

/** One thing that is wrong with the input of a mutation. */
export type InputError = {
  __typename?: 'InputError';
  /** What is wrong, for programs. */
  code: InputErrorCode;
  /** What is wrong and what to do, for people. */
  message: Scalars['String']['output'];
  /** Where in the arguments, such as `["input", "title"]`. */
  path: Array<Scalars['String']['output']>;
};

/** What can be wrong with an input. */
export type InputErrorCode =
  /** The object has changed since the version that you expected: read it again. */
  | 'CONFLICT'
  /** Not of the form that the message describes. */
  | 'INVALID'
  /** The identifier and the password do not belong together, or the account cannot sign in. */
  | 'INVALID_CREDENTIALS'
  /** The refresh token is unknown, spent, expired or revoked: sign in again. */
  | 'INVALID_REFRESH_TOKEN'
  /** There is no such object. */
  | 'NOT_FOUND'
  /** Another account has this already. */
  | 'TAKEN'
  /** A password that many people use, and attackers try first. */
  | 'TOO_COMMON'
  /** Longer than the maximum that the message names. */
  | 'TOO_LONG'
  /** Shorter than the minimum that the message names. */
  | 'TOO_SHORT';

/** An attempt to sign in. */
export type LoginInput = {
  /** The username or the e-mail address. */
  identifier: Scalars['String']['input'];
  /** The password. */
  password: Scalars['String']['input'];
  /**
   * Narrows the session for good to these scopes, such as `["task:read"]`. Scopes that the account does not have
   * are dropped: a session is never widened. Scopes that do not exist are an error. All that the account has, if left
   * out.
   */
  scopes?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** What `login` answers. */
export type LoginPayload = {
  __typename?: 'LoginPayload';
  /**
   * What is wrong with the input: `INVALID_CREDENTIALS`, whatever the reason; `INVALID` at `input.scopes` for a scope
   * that does not exist.
   */
  errors: Array<InputError>;
  /** The new session; null exactly when there are errors. */
  session?: Maybe<AuthSession>;
};

/** What `logoutEverywhere` answers. */
export type LogoutEverywherePayload = {
  __typename?: 'LogoutEverywherePayload';
  /** How many sessions have ended by this. */
  endedCount: Scalars['Int']['output'];
};

/** What `logout` answers. */
export type LogoutPayload = {
  __typename?: 'LogoutPayload';
  /** The id of the session that has ended. */
  endedSessionId: Scalars['ID']['output'];
};

/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type Mutation = {
  __typename?: 'Mutation';
  /** Changes your password, and ends your other sessions. */
  changePassword: ChangePasswordPayload;
  /** Makes a task of your own. */
  createTask: CreateTaskPayload;
  /** Deletes your account for good, with its tasks and sessions. The security log keeps what happened to it. */
  deleteAccount: DeleteAccountPayload;
  /** Deletes a task for good. */
  deleteTask: DeleteTaskPayload;
  /** Signs in with a username or an e-mail address. */
  login: LoginPayload;
  /** Ends the session that the access token belongs to. Its tokens are worth nothing from then on. */
  logout: LogoutPayload;
  /** Ends all of your sessions, this one as well. */
  logoutEverywhere: LogoutEverywherePayload;
  /**
   * Trades a refresh token for a new pair of tokens. Each refresh token has one successor: keep it. The same token gives
   * the same successor again within half a minute, so two tabs, a lost answer and a retry do no harm. A later use of a
   * spent token, or of an older one, ends the session. Send only the refresh token, without an Authorization header.
   */
  refresh: RefreshPayload;
  /** Makes an account of role USER and signs it in. */
  register: RegisterPayload;
  /** Ends all of your sessions but this one. */
  revokeOtherSessions: RevokeOtherSessionsPayload;
  /** Ends one of your sessions, such as that of a device that was lost. */
  revokeSession: RevokeSessionPayload;
  /** Opens or closes an account. A closed account cannot sign in, and its tokens are worth nothing, at once. */
  setUserActive: SetUserActivePayload;
  /**
   * Changes the role of an account. A demotion holds at once: its tokens are worth no more than the new role. A
   * promotion holds from the next access token on: those there are keep their scopes.
   */
  setUserRole: SetUserRolePayload;
  /** Changes what your account is called. What is left out stays as it is. */
  updateProfile: UpdateProfilePayload;
  /** Changes a task. What is left out stays as it is. */
  updateTask: UpdateTaskPayload;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationCreateTaskArgs = {
  input: CreateTaskInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationDeleteAccountArgs = {
  input: DeleteAccountInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationDeleteTaskArgs = {
  input: DeleteTaskInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationLoginArgs = {
  input: LoginInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationRefreshArgs = {
  input: RefreshInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationRegisterArgs = {
  input: RegisterInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationRevokeSessionArgs = {
  input: RevokeSessionInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationSetUserActiveArgs = {
  input: SetUserActiveInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationSetUserRoleArgs = {
  input: SetUserRoleInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


/**
 * Changing. Each mutation takes one `input` and returns a payload. Faults of the input are `errors` in the payload; denials
 * are errors of the response.
 */
export type MutationUpdateTaskArgs = {
  input: UpdateTaskInput;
};

/** An object with a global id. */
export type Node = {
  /** The global id: the type's prefix and a UUIDv7, such as `task_01h455vb4pex5vsknk084sn02q`. */
  id: Scalars['ID']['output'];
};

/** The direction of a sort. */
export type OrderDirection =
  /** Smallest, oldest or first in the alphabet first. */
  | 'ASC'
  /** Largest, newest or last in the alphabet first. */
  | 'DESC';

/** Where a page of a connection lies. Source: Relay Cursor Connections, section 5. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last edge, to be passed as `after`; null for an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is more after this page. With `first`, what stands behind the cursor in `before` does not count. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is more before this page. With `last`, what stands ahead of the cursor in `after` does not count. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge, to be passed as `before`; null for an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** Reading. Each field states what it requires. */
export type Query = {
  __typename?: 'Query';
  /** The security log, newest first. */
  auditEvents: SecurityEventConnection;
  /** The viewer's own account. */
  me: User;
  /** Any object by its global id. Null when it does not exist or is not yours to see, alike. */
  node?: Maybe<Node>;
  /**
   * Several objects by their global ids, in the order asked for. Null for an object that does not exist or that you may not
   * see. At most 100.
   */
  nodes: Array<Maybe<Node>>;
  /** The sessions in which your account is signed in, newest first. */
  sessions: SessionConnection;
  /** A task by its id. Null when it does not exist or is not yours to see, alike. */
  task?: Maybe<Task>;
  /** Your tasks; with scope `task:read:any` also another's or everyone's. */
  tasks: TaskConnection;
  /** An account by its id; null when there is none. */
  user?: Maybe<User>;
  /** All accounts, newest first if no order is given. */
  users: UserConnection;
};


/** Reading. Each field states what it requires. */
export type QueryAuditEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditEventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** Reading. Each field states what it requires. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Reading. Each field states what it requires. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};


/** Reading. Each field states what it requires. */
export type QuerySessionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** Reading. Each field states what it requires. */
export type QueryTaskArgs = {
  id: Scalars['ID']['input'];
};


/** Reading. Each field states what it requires. */
export type QueryTasksArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TaskFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<TaskOrder>;
};


/** Reading. Each field states what it requires. */
export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};


/** Reading. Each field states what it requires. */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserOrder>;
};

/** A refresh token to be traded. */
export type RefreshInput = {
  /** The refresh token. */
  refreshToken: Scalars['String']['input'];
  /**
   * Narrows this access token, and only this one, to these scopes. Those that the session does not have are dropped;
   * those that do not exist are an error.
   */
  scopes?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** What `refresh` answers. */
export type RefreshPayload = {
  __typename?: 'RefreshPayload';
  /**
   * What is wrong with the input: `INVALID_REFRESH_TOKEN`, whatever the reason; `INVALID` at `input.scopes` for a
   * scope that does not exist, and then the refresh token is not spent.
   */
  errors: Array<InputError>;
  /** The session with its new tokens; null exactly when there are errors. */
  session?: Maybe<AuthSession>;
};

/** Why a refresh token was refused. */
export type RefreshReuseCause =
  /** Its account had been closed. */
  | 'AFTER_CLOSING'
  /** Its session had been signed out of. */
  | 'AFTER_LOGOUT'
  /** Its session had ended by a change of password. */
  | 'AFTER_PASSWORD_CHANGE'
  /** Its session had ended by such a token before. */
  | 'AFTER_REUSE'
  /** Its session had been revoked. */
  | 'AFTER_REVOCATION'
  /** It was traded too long ago for its successor to be told again. */
  | 'LATE_RETRY'
  /** Its successor has been traded as well. */
  | 'OLDER_TOKEN';

/** A new account. */
export type RegisterInput = {
  /** What others see: 1 to 64 characters. The username, if left out. */
  displayName?: InputMaybe<Scalars['String']['input']>;
  /** An e-mail address of at most 254 characters. Upper and lower case are the same address. */
  email: Scalars['String']['input'];
  /** 8 to 256 characters of any kind; not one that many people use. */
  password: Scalars['String']['input'];
  /**
   * 3 to 32 characters: letters and digits of one script, and `.`, `_`, `-` between them. Upper and lower case are
   * the same name.
   */
  username: Scalars['String']['input'];
};

/** What `register` answers. */
export type RegisterPayload = {
  __typename?: 'RegisterPayload';
  /** What is wrong with the input. */
  errors: Array<InputError>;
  /** The new session; null exactly when there are errors. */
  session?: Maybe<AuthSession>;
};

/** What `revokeOtherSessions` answers. */
export type RevokeOtherSessionsPayload = {
  __typename?: 'RevokeOtherSessionsPayload';
  /** How many sessions have ended by this. */
  revokedCount: Scalars['Int']['output'];
};

/** Which session to end. */
export type RevokeSessionInput = {
  /** The session's global id. */
  sessionId: Scalars['ID']['input'];
};

/** What `revokeSession` answers. */
export type RevokeSessionPayload = {
  __typename?: 'RevokeSessionPayload';
  /** What is wrong with the input: `NOT_FOUND` for a session that had ended before. */
  errors: Array<InputError>;
  /** The id of the session that has ended; null exactly when there are errors. */
  revokedSessionId?: Maybe<Scalars['ID']['output']>;
};

/** What an account is trusted with. */
export type Role =
  /**
   * Administers accounts and sees everyone's tasks. Scopes: those of a USER, and `task:read:any`,
   * `task:write:any`, `user:read:any`, `user:write:any`, `audit:read`.
   */
  | 'ADMIN'
  /** Keeps tasks of their own. Scopes: `task:read`, `task:write`, `user:read`. */
  | 'USER';

/** One line of the security log: written once and never changed. */
export type SecurityEvent = {
  __typename?: 'SecurityEvent';
  /** The global id of the account that did it; null if nobody was signed in, or an operator did it on the server's machine. */
  actorId?: Maybe<Scalars['ID']['output']>;
  /** The IP address from which it was asked for. In your own list: null where another acted. */
  address?: Maybe<Scalars['String']['output']>;
  /** Why a refresh token was refused. */
  cause?: Maybe<RefreshReuseCause>;
  /** When it happened. */
  createdAt: Scalars['DateTime']['output'];
  /** What it was about: the role before and after, a key's id, a schema coordinate, a limit. */
  detail?: Maybe<Scalars['String']['output']>;
  /** The event's id, such as `event_01h455vb4pex5vsknk084sn02q`. */
  id: Scalars['ID']['output'];
  /** The id of the request, which its client got as X-Request-Id. In your own list: null where another acted. */
  requestId?: Maybe<Scalars['String']['output']>;
  /** The global id of the session in which it happened, or that it is about. In your own list: null where another acted. */
  sessionId?: Maybe<Scalars['ID']['output']>;
  /** The global id of the account that it is about; null if it is about none, or about one that does not exist. */
  subjectId?: Maybe<Scalars['ID']['output']>;
  /** What happened. */
  type: SecurityEventType;
  /** The User-Agent header, cut to 256 characters. In your own list: null where another acted. */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/** A page of events. Source: Relay Cursor Connections. */
export type SecurityEventConnection = {
  __typename?: 'SecurityEventConnection';
  /** The events with their cursors. */
  edges: Array<SecurityEventEdge>;
  /** The events. */
  nodes: Array<SecurityEvent>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** How many there are, on all pages together. */
  totalCount: Scalars['Int']['output'];
};

/** An event in a list. */
export type SecurityEventEdge = {
  __typename?: 'SecurityEventEdge';
  /** Where in the list it stands. */
  cursor: Scalars['String']['output'];
  /** The event. */
  node: SecurityEvent;
};

/** What can be in the security log. */
export type SecurityEventType =
  /** An administrator closed an account, which ended its sessions. */
  | 'ACCOUNT_CLOSED'
  /** Somebody deleted their account. */
  | 'ACCOUNT_DELETED'
  /** An administrator opened an account again. */
  | 'ACCOUNT_OPENED'
  /** Somebody asked for what only administrators may do, and was denied. */
  | 'ADMINISTRATION_DENIED'
  /** Somebody changed their password, which ended their other sessions. */
  | 'PASSWORD_CHANGED'
  /** Somebody who was signed in gave a wrong password, where it was needed once more. */
  | 'PASSWORD_REJECTED'
  /** Somebody changed what their account is called. */
  | 'PROFILE_CHANGED'
  /**
   * A refresh token came back that was worth nothing any more, which ended its session if it lived: see `cause`. Told once
   * for each token.
   */
  | 'REFRESH_TOKEN_REUSED'
  /** An account was made, and signed in; or an administrator's, by the server or by an operator: see `detail`. */
  | 'REGISTERED'
  /** An administrator changed the role of an account. */
  | 'ROLE_CHANGED'
  /** Somebody ended other sessions of theirs. */
  | 'SESSIONS_REVOKED'
  /** Somebody signed in. */
  | 'SIGNED_IN'
  /** Somebody signed out, here or everywhere. */
  | 'SIGNED_OUT'
  /** An operator retired a signing key: its tokens are worth nothing. */
  | 'SIGNING_KEY_RETIRED'
  /** An operator made a new signing key. */
  | 'SIGNING_KEY_ROTATED'
  /** Somebody tried to sign in, and was refused. About no account, if there is none of that name. */
  | 'SIGN_IN_FAILED'
  /** A limit on attempts was reached. Told once for each time that it is. */
  | 'THROTTLED';

/** A sign-in and all that follows from it, until it ends. */
export type Session = Node & {
  __typename?: 'Session';
  /** The IP address from which it was opened, or last refreshed. */
  address?: Maybe<Scalars['String']['output']>;
  /** When it was opened. */
  createdAt: Scalars['DateTime']['output'];
  /** Whether it is the one that asks. */
  current: Scalars['Boolean']['output'];
  /** What it was opened with, as far as that told: `Firefox on Windows`. */
  device: Scalars['String']['output'];
  /** When it ends, however often it is refreshed. */
  expiresAt: Scalars['DateTime']['output'];
  /** The global id. */
  id: Scalars['ID']['output'];
  /** When it was opened or last refreshed: as long ago, at the most, as an access token lives. */
  lastUsedAt: Scalars['DateTime']['output'];
  /** What it was opened with, in its own words: the User-Agent header, cut to 256 characters. */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/** A page of sessions. Source: Relay Cursor Connections. */
export type SessionConnection = {
  __typename?: 'SessionConnection';
  /** The sessions with their cursors. */
  edges: Array<SessionEdge>;
  /** The sessions. */
  nodes: Array<Session>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** How many there are, on all pages together. */
  totalCount: Scalars['Int']['output'];
};

/** A session in a list. */
export type SessionEdge = {
  __typename?: 'SessionEdge';
  /** Where in the list it stands. */
  cursor: Scalars['String']['output'];
  /** The session. */
  node: Session;
};

/** An opening or closing of an account. */
export type SetUserActiveInput = {
  /** Whether it can sign in. */
  isActive: Scalars['Boolean']['input'];
  /** The account's global id. */
  userId: Scalars['ID']['input'];
};

/** What `setUserActive` answers. */
export type SetUserActivePayload = {
  __typename?: 'SetUserActivePayload';
  /** What is wrong with the input. */
  errors: Array<InputError>;
  /** The account after the change; null exactly when there are errors. */
  user?: Maybe<User>;
};

/** A change of role. */
export type SetUserRoleInput = {
  /** The new role. */
  role: Role;
  /** The account's global id. */
  userId: Scalars['ID']['input'];
};

/** What `setUserRole` answers. */
export type SetUserRolePayload = {
  __typename?: 'SetUserRolePayload';
  /** What is wrong with the input. */
  errors: Array<InputError>;
  /** The account after the change; null exactly when there are errors. */
  user?: Maybe<User>;
};

/** Something to be done, and kept by its owner. */
export type Task = Node & {
  __typename?: 'Task';
  /** When its status became DONE; null while it is not. */
  completedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it was made. */
  createdAt: Scalars['DateTime']['output'];
  /** What is to be done, in full. */
  description?: Maybe<Scalars['String']['output']>;
  /** When it is due. */
  dueAt?: Maybe<Scalars['DateTime']['output']>;
  /** The global id. */
  id: Scalars['ID']['output'];
  /**
   * The owner's private notes.
   * No role and no scope opens them.
   */
  notes?: Maybe<Scalars['String']['output']>;
  /** Whose it is. */
  owner: User;
  /** How much it matters. */
  priority: TaskPriority;
  /** How far it is. */
  status: TaskStatus;
  /** What is to be done, in a line. */
  title: Scalars['String']['output'];
  /** When it was last changed. */
  updatedAt: Scalars['DateTime']['output'];
  /** Counts the changes, from 1. Pass it as `expectedVersion` to change only what you have seen. */
  version: Scalars['Int']['output'];
};

/** A page of tasks. Source: Relay Cursor Connections. */
export type TaskConnection = {
  __typename?: 'TaskConnection';
  /** The tasks with their cursors. */
  edges: Array<TaskEdge>;
  /** The tasks. */
  nodes: Array<Task>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /**
   * How many tasks match, of those that you may see, on all pages together. They are counted each time: the more there
   * are, the longer it takes.
   */
  totalCount: Scalars['Int']['output'];
};

/** A task in a list. */
export type TaskEdge = {
  __typename?: 'TaskEdge';
  /** Where in the list it stands. */
  cursor: Scalars['String']['output'];
  /** The task. */
  node: Task;
};

/** Which tasks to list. Conditions are joined by AND. */
export type TaskFilter = {
  /** Due at this moment or later. */
  dueAfter?: InputMaybe<Scalars['DateTime']['input']>;
  /** Due before this moment. */
  dueBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** True: everyone's tasks, not only yours. */
  everyone?: InputMaybe<Scalars['Boolean']['input']>;
  /** The tasks of this account. */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** The priority is one of these. Null or left out: any. An empty list: no task. */
  priority?: InputMaybe<Array<TaskPriority>>;
  /** The status is one of these. Null or left out: any. An empty list: no task. */
  status?: InputMaybe<Array<TaskStatus>>;
  /**
   * The title or the description contains this, whatever the case. 1 to 100 characters; three or more are found by an
   * index, fewer by looking through the list.
   */
  text?: InputMaybe<Scalars['String']['input']>;
};

/** In which order to list tasks. Equals are ordered by their age. */
export type TaskOrder = {
  /** Which way. */
  direction?: OrderDirection;
  /** By what. */
  field: TaskOrderField;
};

/** What tasks can be ordered by. */
export type TaskOrderField =
  /** When it was made. */
  | 'CREATED_AT'
  /** When it is due. A task without a date counts as due after every date. */
  | 'DUE_AT'
  /** From LOW to URGENT. */
  | 'PRIORITY'
  /** The title, in the order of the alphabet, whatever the case. */
  | 'TITLE'
  /** When it was last changed. */
  | 'UPDATED_AT';

/** How much a task matters. */
export type TaskPriority =
  /** Before the others. */
  | 'HIGH'
  /** When there is time. */
  | 'LOW'
  /** As usual. */
  | 'NORMAL'
  /** Now. */
  | 'URGENT';

/** How far a task is. */
export type TaskStatus =
  /** Finished. */
  | 'DONE'
  /** Begun. */
  | 'IN_PROGRESS'
  /** Not begun. */
  | 'TODO';

/** A change of names. Null is as good as left out. */
export type UpdateProfileInput = {
  /** The password that you sign in with: needed to change the username or the e-mail address. */
  currentPassword?: InputMaybe<Scalars['String']['input']>;
  /** As at `register`. */
  displayName?: InputMaybe<Scalars['String']['input']>;
  /** As at `register`. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** As at `register`. */
  username?: InputMaybe<Scalars['String']['input']>;
};

/** What `updateProfile` answers. */
export type UpdateProfilePayload = {
  __typename?: 'UpdateProfilePayload';
  /** What is wrong with the input: `INVALID_CREDENTIALS` at `input.currentPassword` if it is missing, or not your password. */
  errors: Array<InputError>;
  /** Your account after the change; null exactly when there are errors. */
  user?: Maybe<User>;
};

/** A change of a task. What is left out stays as it is; null empties what can be empty. */
export type UpdateTaskInput = {
  /** At most 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** When it is due: a moment from the year 1000 to the year 9999. */
  dueAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Change the task only if this is its version; `CONFLICT` otherwise. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The task's global id. */
  id: Scalars['ID']['input'];
  /**
   * Private notes: at most 10,000 characters.
   * No role and no scope opens them.
   */
  notes?: InputMaybe<Scalars['String']['input']>;
  /** How much it matters. */
  priority?: InputMaybe<TaskPriority>;
  /** How far it is. */
  status?: InputMaybe<TaskStatus>;
  /** 1 to 200 characters on one line, at most 1,600 bytes: no line breaks, control characters or overrides of direction. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What `updateTask` answers. */
export type UpdateTaskPayload = {
  __typename?: 'UpdateTaskPayload';
  /** What is wrong with the input. */
  errors: Array<InputError>;
  /** The task after the change; null exactly when there are errors. */
  task?: Maybe<Task>;
};

/** An account. */
export type User = Node & {
  __typename?: 'User';
  /** When the account was made. */
  createdAt: Scalars['DateTime']['output'];
  /** The name to show. */
  displayName: Scalars['String']['output'];
  /** The e-mail address. */
  email?: Maybe<Scalars['String']['output']>;
  /** The global id. */
  id: Scalars['ID']['output'];
  /** Whether the account can sign in. */
  isActive?: Maybe<Scalars['Boolean']['output']>;
  /** What the account is trusted with. */
  role: Role;
  /** What the security log tells of this account, newest first. */
  securityEvents?: Maybe<SecurityEventConnection>;
  /** The account's tasks that you may see: your own, or anyone's with scope `task:read:any`. */
  tasks: TaskConnection;
  /** The name to sign in with. */
  username: Scalars['String']['output'];
};


/** An account. */
export type UserSecurityEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** An account. */
export type UserTasksArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TaskFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<TaskOrder>;
};

/** A page of accounts. Source: Relay Cursor Connections. */
export type UserConnection = {
  __typename?: 'UserConnection';
  /** The accounts with their cursors. */
  edges: Array<UserEdge>;
  /** The accounts. */
  nodes: Array<User>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** How many accounts match, on all pages together. They are counted each time: the more there are, the longer it takes. */
  totalCount: Scalars['Int']['output'];
};

/** An account in a list. */
export type UserEdge = {
  __typename?: 'UserEdge';
  /** Where in the list it stands. */
  cursor: Scalars['String']['output'];
  /** The account. */
  node: User;
};

/** Which accounts to list. Conditions are joined by AND. */
export type UserFilter = {
  /** The account can sign in, or cannot. */
  isActive?: InputMaybe<Scalars['Boolean']['input']>;
  /** The role is one of these. Null or left out: any. An empty list: no account. */
  role?: InputMaybe<Array<Role>>;
  /**
   * The username or the display name contains this, whatever the case. 1 to 100 characters; three or more are found by
   * an index, fewer by looking through the list.
   */
  text?: InputMaybe<Scalars['String']['input']>;
};

/** In which order to list accounts. Equals are ordered by their age. */
export type UserOrder = {
  /** Which way. */
  direction?: OrderDirection;
  /** By what. */
  field: UserOrderField;
};

/** What accounts can be ordered by. */
export type UserOrderField =
  /** When the account was made. */
  | 'CREATED_AT'
  /** The username, in the order of the alphabet, whatever the case. */
  | 'USERNAME';
