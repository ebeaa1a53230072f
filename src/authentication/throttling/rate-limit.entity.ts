import { defineEntity, p } from '@mikro-orm/postgresql';

const RateLimitSchema = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limits',
  // The order of the columns is that in which rate-limiter-flexible fills them, which does not name them.
  properties: {
    /** The limit, and an account, a session, a network, or a hash: never what somebody typed. */
    key: p.text().primary(),
    points: p.integer(),
    /** Milliseconds since 1970, when the window ends. */
    expire: p.bigint('number'),
  },
  indexes: [{ properties: ['expire'] }],
});

/**
 * How often something was tried in the current window (see throttle.ts). Read and written by rate-limits.ts alone.
 * The table is unlogged: a write does not wait for the disk, and after a crash of PostgreSQL all counts begin anew.
 */
export class RateLimit extends RateLimitSchema.class {}
RateLimitSchema.setClass(RateLimit);
