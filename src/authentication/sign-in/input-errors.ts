/** What can be wrong with the input of signing in and of changing an account. */
import type { InputError } from '../../graphql/schema-types.ts';
import type { Fault } from '../../users/identifiers/identifiers.ts';
import type { Taken } from '../../users/user.accounts.ts';

/** `field`: of the input. */
export function at(field: string, faults: readonly Fault[]): InputError[] {
  return faults.map(({ code, message }) => ({ path: ['input', field], code, message }));
}

export function takenErrors(taken: Taken): InputError[] {
  return taken.flatMap((field) =>
    at(field, [
      {
        code: 'TAKEN',
        message:
          field === 'username'
            ? 'Another account has this username. Choose another.'
            : 'Another account has this e-mail address. Sign in, or use another.',
      },
    ]),
  );
}

export const invalidCredentials: InputError = {
  path: ['input'],
  code: 'INVALID_CREDENTIALS',
  message: 'The username or e-mail address and the password do not belong together, or the account is closed.',
};

/** `field`: of the input. */
export function wrongPassword(field: 'currentPassword' | 'password'): InputError[] {
  return at(field, [{ code: 'INVALID_CREDENTIALS', message: 'This is not your password.' }]);
}

export const changedMeanwhile: InputError = {
  path: ['input'],
  code: 'CONFLICT',
  message: 'Your account was changed at the same moment. Read it again, and try once more.',
};

/** The part of an e-mail address before its last `@`, which is often a name of its owner. */
export function localPartOf(email: string): string {
  return email.slice(0, Math.max(0, email.lastIndexOf('@')));
}
