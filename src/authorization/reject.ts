/** Refusing a whole operation: 401 or 403, and no data. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLResolveInfo,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
} from 'graphql';
import { errorHttp } from '../errors.ts';
import type { Decider } from './decider.ts';
import type { Denial } from './denial.ts';
import { after, type MaybePromise } from './evaluate.ts';
import { type Selected, selectedBeneath } from './selections.ts';

/** What is answered instead of a result. Source of the challenge: RFC 6750, section 3. */
export function rejected(denials: readonly Denial[]): ExecutionResult {
  const signedIn = denials.every(({ extensions }) => extensions.code !== 'UNAUTHENTICATED');
  const scopes = [...new Set(denials.flatMap(({ requires }) => requires.scopes[0] ?? []))];
  const challenge = `Bearer error="insufficient_scope"${scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : ''}`;
  const http = errorHttp(signedIn ? 403 : 401, { 'www-authenticate': challenge });
  return {
    errors: denials.map(
      ({ message, nodes, path, extensions }) =>
        new GraphQLError(message, { nodes, path, extensions: { ...extensions, http } }),
    ),
  };
}

/**
 * Decides a mutation before any of its fields runs: what the viewer's rights alone deny anywhere, and the guards
 * of its root fields with their arguments. A later field that is denied would leave an earlier one done.
 *
 * @returns null if nothing is denied, or if it is no mutation that can run.
 */
export function refuseMutation(args: ExecutionArgs, decider: Decider): MaybePromise<ExecutionResult | null> {
  const { schema, document, contextValue, rootValue } = args;
  const operation = getOperationAST(document, args.operationName);
  const type = schema.getMutationType();
  if (operation?.operation !== 'mutation' || !type) return null;
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], args.variableValues ?? {});
  if (!variables.coerced) return null;
  const fragments = Object.fromEntries(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const info = { schema, operation, fragments, rootValue, variableValues: variables.coerced };
  const root = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: '' },
    selectionSet: operation.selectionSet,
  } as FieldNode;
  const selected = selectedBeneath(root, type, [], info);

  const decideRoots = async (): Promise<Denial[]> => {
    const denials: Denial[] = [];
    for (const { node, path } of selected.filter((one) => one.path.length === 1)) {
      denials.push(...((await decideRoot(node, path)) ?? []));
    }
    return denials;
  };
  const decideRoot = (node: FieldNode, path: Selected['path']): MaybePromise<Denial[] | null> => {
    const field = type.getFields()[node.name.value];
    const guarded = field && decider.guardedField(type, field);
    if (!guarded) return null;
    const call = { ...info, fieldName: field.name, fieldNodes: [node], returnType: field.type, parentType: type };
    return decider.decide(guarded, {
      parent: rootValue,
      args: getArgumentValues(field, node, variables.coerced),
      context: contextValue,
      info: { ...call, path: { prev: undefined, key: path[0] as string, typename: type.name } } as GraphQLResolveInfo,
    });
  };

  return after(decider.decideSelected(selected, contextValue, info), (denials) =>
    denials
      ? rejected(denials)
      : decideRoots().then((denied) => (denied.length > 0 ? rejected([...new Set(denied)]) : null)),
  );
}
