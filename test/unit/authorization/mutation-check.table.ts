/**
 * What a viewer needs to receive each type, by any field; and to supply each input. It is written by hand from sections
 * 1 and 2 of the contract. It does not read the schema's directives, because it must prove their effect. The permission
 * matrix has the demands of root fields.
 */
export interface Asker {
  /** Null: nobody is signed in. */
  readonly role: 'USER' | 'ADMIN' | null;
  readonly scopes: readonly string[];
  /** Whether the viewer owns the row. */
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

/** For each type, the demand of all its fields; and for a field, its own demand if it is higher. */
export const reached: Readonly<Record<string, Allows>> = {
  AuthSession: anyone,
  InputError: anyone,
  RegisterPayload: anyone,
  LoginPayload: anyone,
  RefreshPayload: anyone,
  LogoutPayload: signedIn,

  Session: all(scope('user:read'), owns),
  // The name of a row's type is not the row's own.
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

/** Each guarded input, in an operation that is otherwise open to the viewers in `allows`. */
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
