/**
 * Guards a schema: `createGuard` compiles its guard directives and wraps its resolvers, so that every field is
 * decided before its resolver runs. Works with any executable schema and any GraphQL server.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeSchema,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isSchema,
} from 'graphql';
import { CompiledExecution } from './compiled/compiled-execution.ts';
import type { CompiledStatistics } from './compiled/compiled-store.ts';
import { checkOptions } from './contract/check-options.ts';
import { type CompiledLimits, defaultLimits } from './contract/compile-limits.ts';
import { Denial, type Requires } from './contract/denial.ts';
import { GuardError, type GuardProblem } from './contract/guard-error.ts';
import type {
  DenialErrors,
  DenialEvent,
  DenialMode,
  GuardOptions,
  GuardViewer,
  IntrospectionMode,
  NumberedViewer,
  OwnerId,
  RowEvent,
  RowsOptions,
  UnprovedRows,
} from './contract/options.ts';
import {
  type Grants,
  has,
  listedIn,
  type Parent,
  parent,
  type RelationSource,
  type RowsOf,
  viewerIs,
} from './contract/relations.ts';
import type { Alternative, Condition, Requirement, Requirements } from './contract/requirement.ts';
import { readViewer } from './contract/viewer.ts';
import { Rules } from './deciding/condition-rules.ts';
import { Decider } from './deciding/decider.ts';
import { type Execution, Executions } from './deciding/executions.ts';
import { Reporter } from './deciding/reporter.ts';
import { Entities } from './execution/entities.ts';
import { guardSchema } from './execution/guarded-schema.ts';
import { proveRows } from './execution/proved-fields.ts';
import { refuseMutation, rejected } from './execution/reject-operation.ts';
import { withoutRow } from './execution/told-rows.ts';
import { compile } from './policy/policy.ts';
import type { Source } from './policy/sources.ts';
import { type Explanation, everyRequirement, explain } from './reflection/explain.ts';
import { Introspection } from './reflection/introspection.ts';
import { type Access, type AccessMatrix, matrixOf, type Persona } from './reflection/matrix.ts';
import { type RowAccess, type RowExplanation, returnedRows } from './reflection/row-access.ts';
import { VisibleSchemas } from './reflection/visible-schemas.ts';
import { arePlain, coerceVariables } from './request/variables.ts';
import type { RowPolicies } from './rows/row-policy.ts';
import { RowQuestions } from './rows/row-questions.ts';
import type { Wanted } from './rows/sql.ts';
import type { Sql, SqlPiece } from './rows/sql-text.ts';
import { ProvedRows, type ViewerRows } from './rows/viewer-rows.ts';
import { after, type MaybePromise } from './rules/evaluate.ts';
import { type Subscribed, subscribe } from './subscriptions/subscribe.ts';
import { directiveTypeDefs } from './vocabulary/directives.ts';

export { converted, preloaded } from './compiled/resolver-readings.ts';
export { describeRequirements } from './reflection/described.ts';
export {
  type Answer,
  allow,
  and,
  chain,
  deny,
  inputRule,
  not,
  or,
  type RuleOptions,
  race,
  rule,
  type ShieldRule,
} from './rules/shield.ts';
export type {
  Access,
  AccessMatrix,
  Alternative,
  CompiledLimits,
  CompiledStatistics,
  Condition,
  DenialErrors,
  DenialEvent,
  DenialMode,
  Explanation,
  Grants,
  GuardOptions,
  GuardProblem,
  GuardViewer,
  IntrospectionMode,
  NumberedViewer,
  OwnerId,
  Parent,
  Persona,
  RelationSource,
  Requirement,
  Requirements,
  Requires,
  RowAccess,
  RowEvent,
  RowExplanation,
  RowPolicies,
  RowsOf,
  RowsOptions,
  Source,
  Sql,
  SqlPiece,
  UnprovedRows,
  ViewerRows,
  Wanted,
};
export { Denial, directiveTypeDefs, GuardError, has, listedIn, parent, viewerIs };

export interface Guard {
  /** The same schema, guarded under any executor. */
  readonly schema: GraphQLSchema;
  /** What each coordinate requires: `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. */
  readonly requirements: Requirements;
  /** By type: which of its rows exist for whom, and how they stand to viewers. */
  readonly rowPolicies: RowPolicies;
  /**
   * Why a coordinate requires what it does: each directive that takes part, where it is written, and how it
   * reaches the coordinate.
   *
   * @throws RangeError for what is no coordinate; its message names those that are near.
   */
  explain(coordinate: string): Explanation;
  /**
   * Who may do what: for each coordinate of `requirements` and each named persona, allow, deny, or what it depends
   * on. It looks at rights alone: no row is read, no policy is asked.
   *
   * @throws TypeError for a persona that is neither null nor has lists of roles and of scopes.
   */
  matrix<Name extends string>(personas: Readonly<Record<Name, Persona>>): AccessMatrix<Name>;
  /** The schema as far as whoever asks in this context could reach it: what introspection in mode `visible` shows. */
  visibleSchema(context: unknown): MaybePromise<GraphQLSchema>;
  /**
   * The rows of a type that exist for the viewer of this context: conditions and pages in SQL, and the marks that prove what
   * was read by them.
   *
   * @throws RangeError for a type without `@visibleTo`.
   */
  rows(type: string, context: unknown): ViewerRows;
  /** What `execute` has compiled, and how often it served; null: it does not compile. */
  readonly compiled: CompiledStatistics | null;
  /**
   * graphql-js's `execute`, guarded. `args.schema` is not needed. An operation that proves hot is compiled, by the
   * identity of its document: hand in the same document for the same query.
   */
  execute(args: Omit<ExecutionArgs, 'schema'>): MaybePromise<ExecutionResult>;
  /** graphql-js's `subscribe`, guarded: before the source starts, again for each event, and ended with the session. */
  subscribe(args: Omit<ExecutionArgs, 'schema'>): Promise<Subscribed>;
}

/**
 * @throws GuardError listing every reason why the schema cannot be guarded.
 * @throws TypeError if it is no schema of the `graphql` that is imported here, or for options that cannot be meant.
 */
export function createGuard<Context>(authored: GraphQLSchema, options: GuardOptions<Context>): Guard {
  if (!isSchema(authored)) {
    throw new TypeError(
      'createGuard needs a GraphQLSchema, made with the same copy of `graphql` as it uses itself: see `npm ls graphql`.',
    );
  }
  checkOptions(authored, options);
  const access = compile(authored, options);
  const { requirements } = access;
  const settings = options as GuardOptions<unknown>;
  const proved = new ProvedRows(access.rows, settings);
  const questions = new RowQuestions(proved);
  const rules: Rules = new Rules(
    settings,
    (type, id, context, info) => executions.operation(context, info).ownerOf(type, id),
    ({ type, relation, row }, context, info) => {
      const operation = executions.operation(context, info as GraphQLResolveInfo);
      const asker = { proof: proved.proofOf(context, operation.verdicts), context, operation };
      return questions.stands(type, relation, row, asker);
    },
  );
  const executions = new Executions(rules);
  const schema = proveRows(authored, { policies: access.rows, options: settings, proved, questions, executions });
  const all = everyRequirement(schema, requirements);
  const told = { ...access, requirements: all, returned: returnedRows(schema, access.rows) };
  const reporter = new Reporter(settings);
  const { foreignRows = [] } = options;
  const decider = new Decider({ schema, requirements, reporter, executions });
  const entities = new Entities({ ...access, schema, decider });
  const guarded = guardSchema(schema, { decider, executions, entities, foreignRows });
  const rejects = options.denial === 'reject';
  const limits = { ...defaultLimits, ...options.compile };
  // Where denials are only told of, each is told of by the field that would have been denied.
  const compiles = options.compile !== false && options.denial !== 'report';
  const compiled = compiles
    ? new CompiledExecution({
        ...{ original: schema, schema: guarded, foreignRows },
        ...{ entities, decider, executions, reporter, limits },
      })
    : null;
  const isShown = options.introspection === 'visible';
  const visible = new VisibleSchemas({ schema: guarded, requirements, executions, denial: options.denial, isShown });
  const introspection = new Introspection(visible, options.introspection);

  const run = (args: ExecutionArgs): MaybePromise<ExecutionResult> =>
    executions.run({ args, verdicts: executions.verdicts(args.contextValue) }, (execution) => {
      const wrong = refuseVariables(execution);
      if (wrong) return wrong;
      return after(rejects ? refuseMutation(execution, decider) : null, (refusal) => {
        if (refusal) return refusal;
        // What was decided ahead was decided on variables of its own.
        execution.variableValues = null;
        return after(compiled?.execute(execution) ?? null, (answer) =>
          after(answer ?? executeSchema(args), (result) => finish(result, execution.furtherDenials, rejects)),
        );
      });
    });

  return {
    schema: guarded,
    requirements: all,
    rowPolicies: access.rows,
    explain: (coordinate) => explain(schema, told, coordinate),
    matrix: (personas) => matrixOf(told, personas),
    get compiled() {
      return compiled?.store.statistics ?? null;
    },
    visibleSchema: (context) => visible.of(context),
    rows: (type, context) => proved.of(type, context, proved.proofOf(context, executions.verdictsNow(context))),
    execute: (args) => {
      refuseResolvers(args, access.rows);
      return introspection.execute({ ...args, schema: guarded }, run);
    },
    subscribe: async (args) => {
      refuseResolvers(args, access.rows);
      const refused = introspection.refuse({ ...args, schema: guarded });
      if (refused) return refused;
      return await subscribe({
        viewer: () => readViewer(settings, args.contextValue),
        start: () =>
          executions.run({ args: { ...args, schema: guarded }, verdicts: null }, async (execution) => {
            const wrong = refuseVariables(execution);
            if (wrong) return wrong;
            const started = await createSourceEventStream(execution.args);
            return Symbol.asyncIterator in started ? started : finish(started, execution.furtherDenials, rejects);
          }),
        executeEvent: (rootValue) => {
          proved.renew(args.contextValue);
          return run({ ...args, schema: guarded, rootValue });
        },
      });
    },
  };
}

/** @throws TypeError for resolvers beside the schema, whose rows nothing would prove. */
function refuseResolvers({ fieldResolver, typeResolver }: Omit<ExecutionArgs, 'schema'>, rows: RowPolicies): void {
  if (rows.size === 0 || !(fieldResolver ?? typeResolver)) return;
  throw new TypeError(
    'A guard with `rows` takes no `fieldResolver` and no `typeResolver`. Write resolvers into the schema: there the rows that ' +
      'they return are proved.',
  );
}

/** Coerces the variables, where they can be read again; then graphql-js will find nothing wrong with them. */
function refuseVariables(execution: Execution): ExecutionResult | null {
  const { asked, args } = execution;
  if (!asked || !arePlain(args.variableValues)) return null;
  const { coerced = null, errors } = coerceVariables(asked, args);
  execution.coerced = coerced;
  return errors ? { errors } : null;
}

/** One error for one denial, no row in any, and none of the data where the whole operation is refused. */
function finish(result: ExecutionResult, further: readonly Denial[], rejects: boolean): ExecutionResult {
  if (!result.errors && further.length === 0) return result;
  const errors = [...new Set([...(result.errors ?? []).map(withoutRow), ...further])];
  const denials = errors.filter((error) => error instanceof Denial);
  return rejects && denials.length > 0 ? rejected(denials) : { ...result, errors };
}
