/** Refuses a whole operation with 401 or 403, and without data. */
import {
  type ExecutionResult,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLResolveInfo,
  getArgumentValues,
  Kind,
} from 'graphql';
import type { Denial } from '../contract/denial.ts';
import { errorHttp } from '../contract/refusal.ts';
import type { Decider } from '../deciding/decider.ts';
import type { Execution } from '../deciding/executions.ts';
import { fragmentsOf } from '../request/asked-operation.ts';
import { selectedBeneath } from '../request/selections.ts';
import { coerceVariables } from '../request/variables.ts';
import type { MaybePromise } from '../rules/evaluate.ts';

/** The answer instead of a result. Source of the challenge: RFC 6750, section 3. */
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
 * Decides a mutation before any of its fields runs. A denial of a later field would otherwise leave an earlier one
 * done. It decides what the viewer's rights alone deny anywhere, and the guards of the root fields with their
 * arguments.
 *
 * @returns null if nothing is denied, or if the operation is no mutation that can run.
 */
export function refuseMutation(execution: Execution, decider: Decider): MaybePromise<ExecutionResult | null> {
  const { asked: operation, args } = execution;
  const { schema, document, contextValue, rootValue } = args;
  const type = schema.getMutationType();
  if (operation?.operation !== 'mutation' || !type) return null;
  const variables = execution.coerced ?? coerceVariables(operation, args).coerced;
  if (!variables) return null;
  const fragments = fragmentsOf(document);
  const info = { schema, operation, fragments, rootValue, variableValues: variables };
  const roots = new Map<string, FieldNode[]>();
  const root = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: '' },
    selectionSet: operation.selectionSet,
  } as FieldNode;
  const everything = selectedBeneath([root], type, [], info);
  for (const { node, path } of everything.filter((one) => one.path.length === 1)) {
    const key = String(path[0]);
    roots.set(key, [...(roots.get(key) ?? []), node]);
  }

  const decideRoot = async (key: string, nodes: readonly FieldNode[]): Promise<Denial[]> => {
    const [node] = nodes as [FieldNode];
    const field = type.getFields()[node.name.value];
    const guarded = field && decider.guardedField(type, field);
    const args = field && argumentsOf(field, node, variables);
    if (!guarded || !args) return [];
    const call = { ...info, fieldName: field.name, fieldNodes: nodes, returnType: field.type, parentType: type };
    const path = { prev: undefined, key, typename: type.name };
    const denials = await decider.decide(guarded, {
      parent: rootValue,
      args,
      context: contextValue,
      info: { ...call, path } as GraphQLResolveInfo,
    });
    return denials ?? [];
  };

  const decideAll = async (): Promise<ExecutionResult | null> => {
    const denials = new Set(await decider.decideSelected(everything, contextValue, info));
    if (denials.size === 0) {
      for (const [key, nodes] of roots) for (const denial of await decideRoot(key, nodes)) denials.add(denial);
    }
    return denials.size > 0 ? rejected(decider.ofNoRows([...denials])) : null;
  };
  return decideAll().catch((error: unknown) => ({ errors: [error as GraphQLError] }));
}

/** Null for arguments that do not coerce. The execution reports that, and does not resolve the field. */
function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): Record<string, unknown> | null {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return null;
  }
}
