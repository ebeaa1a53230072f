/** What a client and the log are told while the database cannot serve. */
import { isDatabaseLost, isDatabaseSlow, isShortOfRoom, takesNoWrites } from '../../database/faults.ts';

interface Unavailable {
  message: string;
  logged: string;
}

const reasons: readonly (Unavailable & { is: (error: unknown) => boolean })[] = [
  {
    is: isDatabaseSlow,
    message: 'The database takes too long just now. Try again.',
    logged: 'the database took too long',
  },
  {
    is: takesNoWrites,
    message: 'The server takes no writes just now. Try again later.',
    logged: 'the database takes no writes',
  },
  {
    is: isShortOfRoom,
    message: 'The database has no room for this just now. Try again later.',
    logged: 'the database is short of room, or its disk fails',
  },
  {
    is: isDatabaseLost,
    message: 'The server cannot reach its database. Try again.',
    logged: 'the database is out of reach',
  },
];

/** Null: `error` is about something else. */
export function unavailabilityOf(error: unknown): Unavailable | null {
  return reasons.find(({ is }) => is(error)) ?? null;
}
