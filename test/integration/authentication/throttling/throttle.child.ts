/** One of several servers: sends sign-ins at once when told to, and says how many passed. */
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { createThrottle } from '../../../../src/authentication/throttling/throttle.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';

const [url = '', limits = '', attempt = '', count = ''] = process.argv.slice(2);
const database = await openDatabase({ kind: 'postgresql', url }, sharedOptions);
let told = 0;
const throttle = await createThrottle(database.fork(), {
  limits: JSON.parse(limits),
  onBlocked: () => {
    told++;
  },
});

process.once('message', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: Number(count) }, () => throttle.login(JSON.parse(attempt))),
  );
  const faults = outcomes.filter(
    (outcome) => outcome.status === 'rejected' && !(outcome.reason instanceof TooManyRequestsError),
  );
  const passed = outcomes.filter(({ status }) => status === 'fulfilled').length;
  process.send?.({ passed, told, faults: faults.length });
  // The throttle is not closed, because it must not keep the process alive.
  await database.close();
  process.disconnect();
});
process.send?.('ready');
