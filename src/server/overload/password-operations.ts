/** Operations that hash a password. The limit on hashes bounds them, instead of the places for requests. */

import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { RequestHooks } from '../request/hooks.ts';

const signInFields: ReadonlySet<string> = new Set(['login', 'register']);
export const passwordFields: ReadonlySet<string> = new Set([
  ...signInFields,
  'changePassword',
  'updateProfile',
  'deleteAccount',
]);

/** Such a request leaves its place as soon as its operation is known. */
export const passwordHooks: RequestHooks = {
  operationResolved: (scope, { document, operation }) => {
    if (operation && hashesPassword(document, operation)) scope.leavePlace();
  },
};

/** Whether a field at the top hashes a password. Counts every fragment, even one that the operation does not spread. */
export function hashesPassword({ definitions }: DocumentNode, operation: OperationDefinitionNode): boolean {
  if (operation.operation !== OperationTypeNode.MUTATION) return false;
  return definitions.some(
    (definition) =>
      (definition === operation || definition.kind === Kind.FRAGMENT_DEFINITION) &&
      selectsOneOf(definition.selectionSet, passwordFields),
  );
}

/** Whether the operation itself selects `login` or `register`, which hash a password for any client. */
export function signsIn({ selectionSet }: OperationDefinitionNode): boolean {
  return selectsOneOf(selectionSet, signInFields);
}

function selectsOneOf({ selections }: SelectionSetNode, fields: ReadonlySet<string>): boolean {
  return selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return fields.has(selection.name.value);
    return selection.kind === Kind.INLINE_FRAGMENT && selectsOneOf(selection.selectionSet, fields);
  });
}
