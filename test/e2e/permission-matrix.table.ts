/**
 * Who may do what, written by hand from the contract's sections 1 and 2, and from nothing else: not from the
 * schema's directives, whose effect it is here to prove.
 *
 *   +  allowed, and served what is there
 *   E  allowed, and shows none of the rows in question
 *   0  null: the row is not there for this viewer
 *   U  UNAUTHENTICATED
 *   F  FORBIDDEN: the viewer lacks what `requires` states
 *   N  FORBIDDEN: the row is not the viewer's; the second `requires` states what would do without it
 *
 * `own` is a row of whoever asks; for nobody, one of ada's. `other` is a row of bob's. The fields of Task, User and
 * Session are asked for through `node`, which asks for nothing but a viewer, so that each field decides for itself;
 * those of SecurityEvent where its rows are: one's own at `me.securityEvents`, another's at `auditEvents`.
 */

/** A column: an account (null: nobody) and its token's scopes (null: all that the role has). */
export interface Column {
  readonly name: string;
  readonly account: 'ada' | 'admin' | null;
  readonly scopes: readonly string[] | null;
}

export interface Row {
  readonly coordinate: string;
  readonly target: 'own' | 'other';
  /** In the order of `columns`. */
  readonly cells: readonly Cell[];
  readonly requires: Requires;
  readonly requiresWithoutRow: Requires;
}

export type Cell = '+' | 'E' | '0' | 'U' | 'F' | 'N';

export interface Requires {
  scopes: string[][];
  roles: string[];
  policies: string[][];
}

const scopeOfLetter: Record<string, string> = {
  r: 'task:read',
  w: 'task:write',
  u: 'user:read',
  R: 'task:read:any',
  W: 'task:write:any',
  U: 'user:read:any',
  M: 'user:write:any',
  A: 'audit:read',
};

/** `all`: every scope of the role; `0`: none; a letter: that scope alone; `-` and a letter: all but that one. */
const table = `
                                   | nobody | USER                   | ADMIN                                                | requires            | without the row
                                   |        | all 0 r w u  -r -w -u  | all 0 r w u R W U M A  -r -w -u -R -W -U -M -A       |                     |
-----------------------------------|--------|------------------------|------------------------------------------------------|---------------------|----------------
Query.me                     own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Query.node                   own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Query.node                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 + 0 0 0 0   +  +  +  0  +  +  +  +       |                     |
Query.nodes                  own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Query.nodes                  other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 + 0 0 0 0   +  +  +  0  +  +  +  +       |                     |
Query.task                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Query.task                   other |   U    |  0  F 0 F F   F  0  0  |  +  F 0 F F F F F F F   F  +  +  0  +  +  +  +       | r                   |
Query.tasks                  own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Query.tasks                  other |   U    |  E  F E F F   F  E  E  |  E  F E F F F F F F F   F  E  E  E  E  E  E  E       | r                   |
Query.user                   own   |   U    |  F  F F F F   F  F  F  |  +  F F F F F F + F F   +  +  +  +  +  F  +  +       | ADMIN U             |
Query.user                   other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F + F F   +  +  +  +  +  F  +  +       | ADMIN U             |
Query.users                  own   |   U    |  F  F F F F   F  F  F  |  +  F F F F F F + F F   +  +  +  +  +  F  +  +       | ADMIN U             |
Query.users                  other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F + F F   +  +  +  +  +  F  +  +       | ADMIN U             |
Query.sessions               own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Query.auditEvents            own   |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
Query.auditEvents            other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |

Mutation.register            own   |   +    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.login               own   |   +    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.refresh             own   |   +    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.logout              own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.revokeSession       own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.revokeSession       other |   U    |  N  N N N N   N  N  N  |  N  N N N N N N N N N   N  N  N  N  N  N  N  N       |                     |
Mutation.revokeOtherSessions own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.logoutEverywhere    own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.changePassword      own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.updateProfile       own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.deleteAccount       own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
Mutation.createTask          own   |   U    |  +  F F + F   +  F  +  |  +  F F + F F F F F F   +  F  +  +  +  +  +  +       | w                   |
Mutation.updateTask          own   |   U    |  +  F F + F   +  F  +  |  +  F F + F F F F F F   +  F  +  +  +  +  +  +       | w                   | wW
Mutation.updateTask          other |   U    |  N  F F N F   N  F  N  |  +  F F N F F F F F F   +  F  +  +  N  +  +  +       | w                   | wW
Mutation.deleteTask          own   |   U    |  +  F F + F   +  F  +  |  +  F F + F F F F F F   +  F  +  +  +  +  +  +       | w                   | wW
Mutation.deleteTask          other |   U    |  N  F F N F   N  F  N  |  +  F F N F F F F F F   +  F  +  +  N  +  +  +       | w                   | wW
Mutation.setUserRole         other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F + F   +  +  +  +  +  +  F  +       | ADMIN M             |
Mutation.setUserActive       other |  U    |  F  F F F F   F  F  F  |  +  F F F F F F F + F   +  +  +  +  +  +  F  +       | ADMIN M             |

Task.id                      own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.id                      other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.title                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.title                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.description             own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.description             other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.notes                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.notes                   other |   U    |  0  0 0 0 0   0  0  0  |  N  0 0 0 0 F 0 0 0 0   F  N  N  0  N  N  N  N       | r                   |
Task.status                  own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.status                  other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.version                 own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.version                 other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.priority                own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.priority                other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.dueAt                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.dueAt                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.completedAt             own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.completedAt             other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.createdAt               own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.createdAt               other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.updatedAt               own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.updatedAt               other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |
Task.owner                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
Task.owner                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 F 0 0 0 0   F  +  +  0  +  +  +  +       | r                   |

User.id                      own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
User.id                      other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       |                     |
User.username                own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
User.username                other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       |                     |
User.displayName             own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
User.displayName             other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       |                     |
User.email                   own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
User.email                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 F 0 0   +  +  F  +  +  0  +  +       | u                   |
User.role                    own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
User.role                    other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       |                     |
User.isActive                own   |   U    |  F  F F F F   F  F  F  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       | ADMIN               |
User.isActive                other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       | ADMIN               |
User.createdAt               own   |   U    |  +  + + + +   +  +  +  |  +  + + + + + + + + +   +  +  +  +  +  +  +  +       |                     |
User.createdAt               other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 + 0 0   +  +  +  +  +  0  +  +       |                     |
User.tasks                   own   |   U    |  +  F + F F   F  +  +  |  +  F + F F F F F F F   F  +  +  +  +  +  +  +       | r                   |
User.tasks                   other |   U    |  0  0 0 0 0   0  0  0  |  +  0 0 0 0 0 0 F 0 0   F  +  +  E  +  0  +  +       | r                   |
User.securityEvents          own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
User.securityEvents          other |   U    |  0  0 0 0 0   0  0  0  |  N  0 0 0 0 0 0 F 0 0   N  N  F  N  N  0  N  N       | u                   |

Session.id                   own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.id                   other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.device               own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.device               other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.userAgent            own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.userAgent            other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.address              own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.address              other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.createdAt            own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.createdAt            other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.lastUsedAt           own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.lastUsedAt           other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.expiresAt            own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.expiresAt            other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |
Session.current              own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
Session.current              other |   U    |  0  0 0 0 0   0  0  0  |  0  0 0 0 0 0 0 0 0 0   0  0  0  0  0  0  0  0       | u                   |

SecurityEvent.id             own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.id             other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.type           own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.type           other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.createdAt      own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.createdAt      other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.actorId        own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.actorId        other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.subjectId      own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.subjectId      other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.sessionId      own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.sessionId      other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.address        own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.address        other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.userAgent      own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.userAgent      other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.requestId      own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.requestId      other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.cause          own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.cause          other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
SecurityEvent.detail         own   |   U    |  +  F F F +   +  +  F  |  +  F F F + F F F F F   +  +  F  +  +  +  +  +       | u                   |
SecurityEvent.detail         other |   U    |  F  F F F F   F  F  F  |  +  F F F F F F F F +   +  +  +  +  +  +  +  F       | ADMIN A             |
`;

const [, scopeHeads = [], ...lines] = table
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('---'))
  .map((line) => line.split('|'));

export const columns: readonly Column[] = [
  { name: 'nobody', account: null, scopes: null },
  ...columnsOf('ada', 'USER', scopeHeads[2], ['r', 'w', 'u']),
  ...columnsOf('admin', 'ADMIN', scopeHeads[3], ['r', 'w', 'u', 'R', 'W', 'U', 'M', 'A']),
];

export const rows: readonly Row[] = lines.map(([head = '', nobody, user, admin, requires, withoutRow]) => {
  const [coordinate = '', target = ''] = words(head);
  return {
    coordinate,
    target: target as Row['target'],
    cells: [nobody, user, admin].flatMap(words) as Cell[],
    requires: requiresOf(requires),
    requiresWithoutRow: requiresOf(withoutRow),
  };
});

const nothing: Requires = { scopes: [], roles: [], policies: [] };

/** The error that a cell of a row stands for. `path`: of the field that the row is about. */
export function denialOf(row: Row, cell: 'U' | 'F' | 'N', path: readonly string[]) {
  // A field of an object is denied where the object is, when nobody is signed in.
  const isAbove = cell === 'U' && path.length > 1;
  const requires = cell === 'N' ? row.requiresWithoutRow : isAbove ? nothing : row.requires;
  return {
    path: isAbove ? path.slice(0, 1) : path,
    extensions: { code: cell === 'U' ? 'UNAUTHENTICATED' : 'FORBIDDEN', requires },
  };
}

/** The other types are reached through the operations above, and hold nothing but what these return. */
export const typesWithoutRows = [
  'AuthSession',
  'ChangePasswordPayload',
  'CreateTaskPayload',
  'DeleteAccountPayload',
  'DeleteTaskPayload',
  'InputError',
  'LoginPayload',
  'LogoutEverywherePayload',
  'LogoutPayload',
  'PageInfo',
  'RefreshPayload',
  'RegisterPayload',
  'RevokeOtherSessionsPayload',
  'RevokeSessionPayload',
  'SecurityEventConnection',
  'SecurityEventEdge',
  'SessionConnection',
  'SessionEdge',
  'SetUserActivePayload',
  'SetUserRolePayload',
  'TaskConnection',
  'TaskEdge',
  'UpdateProfilePayload',
  'UpdateTaskPayload',
  'UserConnection',
  'UserEdge',
];

function columnsOf(account: 'ada' | 'admin', role: string, heads: string | undefined, letters: string[]): Column[] {
  return words(heads).map((head) => {
    if (head === 'all') return { name: `${role} with every scope`, account, scopes: null };
    if (head === '0') return { name: `${role} without a scope`, account, scopes: [] };
    const [letter = ''] = head.replace('-', '');
    const isWithout = head.startsWith('-');
    const held = isWithout ? letters.filter((other) => other !== letter) : [letter];
    return {
      name: `${role} with ${isWithout ? 'all but' : 'only'} ${scopeOfLetter[letter]}`,
      account,
      scopes: held.map((name) => scopeOfLetter[name] as string),
    };
  });
}

/** `ADMIN` is a role; a word of letters is a list of scopes, all of which are needed. */
function requiresOf(text: string | undefined): Requires {
  const all = words(text);
  return {
    scopes: all.filter((word) => word !== 'ADMIN').map((word) => [...word].map((letter) => scopeOfLetter[letter]!)),
    roles: all.filter((word) => word === 'ADMIN'),
    policies: [],
  };
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
