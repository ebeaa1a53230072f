/**
 * What each type asks of whoever is given one, by whatever field; and what each input asks of whoever supplies it.
 * Written by hand from the contract's sections 1 and 2, and from nothing else: not from the schema's directives,
 * whose effect it is here to prove. What the root fields ask for is in the permission matrix.
 */
export interface Asker {
  /** Null: nobody is signed in. */
  readonly role: 'USER' | 'ADMIN' | null;
  readonly scopes: readonly string[];
  /** Whether the row in question is theirs. */
  readonly owns: boolean;
}

export type Allows = (asker: Asker) => boolean;

const anyone: Allows = () => true;
const signedIn: Allows = ({ role }) => role !== null;
const admin: Allows = ({ role }) => role === 'ADMIN';
const owns: Allows = (asker) => signedIn(asker) && asker.owns;
const scope =
  (name: string): Allows =>
  ({ scopes }) =>
    scopes.includes(name);
const all =
  (...parts: readonly Allows[]): Allows =>
  (asker) =>
    parts.every((allows) => allows(asker));
const either =
  (...parts: readonly Allows[]): Allows =>
  (asker) =>
    parts.some((allows) => allows(asker));

/** By type, for all of its fields; and by field, where one asks for more. */
export const reached: Readonly<Record<string, Allows>> = {
  AuthSession: anyone,
  InputError: anyone,
  RegisterPayload: anyone,
  LoginPayload: anyone,
  RefreshPayload: anyone,
  LogoutPayload: signedIn,

  Session: all(scope('user:read'), owns),
  // What a row is called is not the row's own.
  'Session.__typename': scope('user:read'),
  SessionConnection: scope('user:read'),
  SessionEdge: scope('user:read'),
  RevokeSessionPayload: signedIn,
  RevokeOtherSessionsPayload: signedIn,
  LogoutEverywherePayload: signedIn,
  ChangePasswordPayload: signedIn,
  UpdateProfilePayload: signedIn,
  DeleteAccountPayload: signedIn,

  SecurityEvent: either(owns, all(signedIn, scope('audit:read'))),
  'SecurityEvent.__typename': signedIn,
  SecurityEventConnection: signedIn,
  SecurityEventEdge: signedIn,

  Node: signedIn,
  PageInfo: signedIn,

  User: signedIn,
  'User.email': all(scope('user:read'), either(owns, admin)),
  'User.isActive': admin,
  'User.tasks': scope('task:read'),
  'User.securityEvents': all(scope('user:read'), owns),
  UserConnection: all(admin, scope('user:read:any')),
  UserEdge: all(admin, scope('user:read:any')),
  SetUserRolePayload: admin,
  SetUserActivePayload: admin,

  Task: scope('task:read'),
  'Task.notes': all(scope('task:read'), owns),
  TaskConnection: scope('task:read'),
  TaskEdge: scope('task:read'),
  CreateTaskPayload: scope('task:write'),
  'CreateTaskPayload.task': all(scope('task:write'), scope('task:read')),
  UpdateTaskPayload: scope('task:write'),
  'UpdateTaskPayload.task': all(scope('task:write'), scope('task:read')),
  DeleteTaskPayload: scope('task:write'),
};

/** Each input that only some may supply, in an operation that is otherwise open to whoever `allows` says. */
export const supplied: Readonly<Record<string, { query: string; allows: Allows }>> = {
  'TaskFilter.everyone': {
    query: '{ tasks(filter: { everyone: true }) { __typename } }',
    allows: all(scope('task:read'), scope('task:read:any')),
  },
  'TaskFilter.ownerId': {
    query: '{ tasks(filter: { ownerId: "user_ada" }) { __typename } }',
    allows: all(scope('task:read'), scope('task:read:any')),
  },
  'UpdateTaskInput.notes': {
    query: 'mutation ($id: ID!) { updateTask(input: { id: $id, notes: "Mine" }) { __typename } }',
    allows: all(scope('task:write'), owns),
  },
};
