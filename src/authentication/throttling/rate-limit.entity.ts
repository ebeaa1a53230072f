import { defineEntity, p } from '@mikro-orm/postgresql';

const RateLimitSchema = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limits',
  // rate-limiter-flexible fills the columns in this order, without naming them.
  properties: {
    /** The limit, and an account, a session, a network, or a hash; never a typed text. */
    key: p.text().primary(),
    points: p.integer(),
    /** Milliseconds since 1970, when the window ends. */
    expire: p.bigint('number'),
  },
  indexes: [{ properties: ['expire'] }],
});

/**
 * How many attempts the current window has (see throttle.ts). Only rate-limits.ts reads and writes it. The table is
 * unlogged, so writes do not wait for the disk. After a crash of PostgreSQL all counts begin again.
 */
export class RateLimit extends RateLimitSchema.class {}
RateLimitSchema.setClass(RateLimit);
