/** Which room may import which, and why. Type imports count. This is the only list: biome.json repeats none of it. */

export interface Room {
  /** A folder of src/, or a file. */
  readonly path: string;
  /** Rooms of this list that it may import. */
  readonly imports: readonly string[];
  /** Shown for a forbidden import. */
  readonly why: string;
}

const ground = ['src/errors.ts', 'src/text.ts', 'src/network.ts'];
const data = [...ground, 'src/database', 'src/lists'];
const asked = [...data, 'src/graphql', 'src/audit', 'src/users'];

/** The engine's own rooms, lowest first. One imports those above it in this list, so that no circle can close. */
const engine = [
  'rules',
  'contract',
  'request',
  'rows',
  'vocabulary',
  'federation',
  'policy',
  'deciding',
  'execution',
  'compiled',
  'subscriptions',
  'reflection',
  'guard.ts',
  'adapters',
].map((name) => `src/authorization/${name}`);

export const rooms: readonly Room[] = [
  ...engine.map((path, at) => ({
    path,
    imports: engine.slice(0, at),
    why: 'The rooms of the engine stand in one order, in tools/imports/rules.ts: one imports those above it, and nothing of src.',
  })),
  { path: 'src/errors.ts', imports: [], why: 'errors.ts lies at the ground: it imports nothing of src.' },
  { path: 'src/text.ts', imports: [], why: 'text.ts lies at the ground: it imports nothing of src.' },
  { path: 'src/network.ts', imports: [], why: 'network.ts lies at the ground: it imports nothing of src.' },
  {
    path: 'src/config',
    imports: [...ground, 'src/database'],
    why: 'Configuration is read before anything runs: it knows the form of addresses, and no room that uses it.',
  },
  {
    path: 'src/database',
    imports: ground,
    why: 'The database room knows no noun and no GraphQL: every noun stands on it.',
  },
  {
    path: 'src/lists',
    imports: [...ground, 'src/database'],
    why: 'Lists are of any rows: they know no noun and no GraphQL.',
  },
  {
    path: 'src/graphql',
    // Generated types name the rows of every noun.
    imports: ['src'],
    why: 'graphql holds types only.',
  },
  {
    path: 'src/audit',
    imports: [...data, 'src/graphql'],
    why: 'Every noun writes to the security log, so the log knows none of them.',
  },
  {
    path: 'src/users',
    imports: [...data, 'src/graphql', 'src/audit', 'src/authorization'],
    why: 'users is the oldest noun: authentication and tasks import it, and never the reverse.',
  },
  {
    path: 'src/authentication',
    imports: [...asked, 'src/config'],
    why: 'authentication is who, and never what they may do: it imports users and no younger noun.',
  },
  {
    path: 'src/tasks',
    imports: [...asked, 'src/authorization'],
    why: 'A noun imports older nouns. It knows neither HTTP nor how people sign in.',
  },
  {
    path: 'src/api',
    imports: [...asked, 'src/config', 'src/authorization', 'src/authentication', 'src/tasks'],
    why: 'api marries the nouns to the guarded schema. HTTP is the server room.',
  },
  {
    path: 'src/server',
    imports: [...asked, 'src/config', 'src/authorization', 'src/authentication', 'src/api', 'mikro-orm.config.ts'],
    why: 'The server room knows no noun: api gives it the schema.',
  },
  {
    path: 'mikro-orm.config.ts',
    imports: ['src/database', 'src/server', 'src/api'],
    why: 'MikroORM is told of entities and migrations, and of nothing else.',
  },
  {
    path: 'src/main.ts',
    imports: ['src/config', 'src/database', 'src/server', ...ground],
    why: 'main.ts reads the environment and starts the server.',
  },
];

/** Packages that only one room may import. */
export const packages: readonly {
  readonly names: readonly string[];
  readonly only: readonly string[];
  readonly why: string;
}[] = [
  {
    names: ['graphql-shield', 'graphql-middleware'],
    only: ['src/authorization/rules/shield.ts'],
    why: 'rules/shield.ts alone loads graphql-shield: its ES modules do not load on every Node.',
  },
  {
    names: ['jsonwebtoken', 'argon2', 'bcrypt'],
    only: ['src/authentication'],
    why: 'Tokens and passwords belong to the authentication room.',
  },
  {
    names: ['@apollo/server', '@as-integrations/fastify', 'fastify', '@fastify/cors'],
    only: ['src/server', 'src/main.ts'],
    why: 'HTTP is the server room: a noun does not know how it is asked.',
  },
];

/** The most files in a room, without those in its folders. */
export const maxFiles = 12;
