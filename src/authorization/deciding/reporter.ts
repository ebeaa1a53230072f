/** Makes denials, as many as are to be reported, and tells `onDenial` of each. */
import type { FieldNode } from 'graphql';
import { Denial, type Want, wantedTogether } from '../contract/denial.ts';
import type { DenialEvent, GuardOptions, GuardViewer } from '../contract/options.ts';
import { isPromise } from '../rules/evaluate.ts';
import type { Operation } from './operation.ts';
import { operationHash } from './operation-hash.ts';

/** A selected field, with all that is asked for there. */
export interface Place {
  /** The field itself, and its guarded inputs that are supplied. */
  readonly wants: readonly Want[];
  /** In response keys, with "@" for each list level. It is read only when something is denied. */
  readonly path: () => readonly (string | number)[];
  readonly nodes: readonly FieldNode[];
}

export interface Lack {
  readonly want: Want;
  /** What a policy answered instead of `true`, if it gave a reason. */
  readonly reason?: string | undefined;
}

export interface Where {
  readonly path: readonly (string | number)[];
  readonly nodes: readonly FieldNode[];
  /** The verdict follows from the viewer alone, not from a row or from arguments. */
  readonly viewerOnly: boolean;
}

export class Reporter {
  /** False in `report` mode, where every denial is told and none takes effect. */
  readonly enforces: boolean;
  /** Whether each position is told by its index. Otherwise "@" stands for all items of a list. */
  readonly placesEach: boolean;
  readonly #options: GuardOptions<unknown>;

  constructor(options: GuardOptions<unknown>) {
    this.#options = options;
    this.enforces = options.denial !== 'report';
    this.placesEach = options.denialErrors === 'each';
  }

  /** The denials as they are reported at one position of the response. */
  placed(denials: readonly Denial[], position: () => readonly (string | number)[]): readonly Denial[] {
    if (!this.placesEach) return denials;
    const at = position();
    return withoutStack(() => denials.map((denial) => denial.at(at)));
  }

  /**
   * One denial for a selected field, on however many types and for however much is lacking. In `report` mode each lack
   * has its own.
   */
  denyViewer(lacking: readonly Lack[], place: Place, operation: Operation): Denial[] {
    if (lacking.length === 0) return [];
    const path = place.path();
    const where = { path, nodes: place.nodes, viewerOnly: true };
    const key = path.join('.');
    const once = (name: string, lacks: readonly Lack[]) => {
      const denial = operation.reported.get(name) ?? this.deny(lacks, where, operation);
      operation.reported.set(name, denial);
      return denial;
    };
    return this.enforces ? [once(key, lacking)] : lacking.map((lack) => once(`${key} ${lack.want.coordinate}`, [lack]));
  }

  deny(lacking: readonly Lack[], where: Where, operation: Operation, fault?: unknown): Denial {
    const wants = lacking.map(({ want }) => want);
    const viewer = viewerOf(operation);
    const reason = lacking.find((lack) => lack.reason)?.reason;
    const denial = withoutStack(() => new Denial({ ...where, wants, signedIn: viewer !== null, reason }));
    const { context, info } = operation;
    const event: DenialEvent = {
      coordinate: (wants[0] as Want).coordinate,
      requirement: wantedTogether(wants),
      denial,
      fault,
      viewerId: viewer?.id ?? null,
      operationName: info.operation.name?.value ?? null,
      operationHash: operationHash(info),
      requestId: this.#requestId(context),
      context,
    };
    if (operation.withheld) operation.withheld.push(event);
    else this.#tell(event);
    return denial;
  }

  /** Tells `onDenial` what was withheld. */
  release(operation: Operation): void {
    const events = operation.withheld ?? [];
    operation.withheld = null;
    for (const event of events) this.#tell(event);
  }

  #requestId(context: unknown): string | null {
    try {
      return this.#options.requestId?.(context) ?? null;
    } catch {
      return null;
    }
  }

  #tell(event: DenialEvent): void {
    try {
      const told: unknown = this.#options.onDenial?.(event);
      if (isPromise(told)) Promise.resolve(told).catch(() => {});
    } catch {
      // A listener decides nothing, so its failure is ignored.
    }
  }
}

/** A denial needs no stack trace, and taking one is most of what a denial would cost. */
function withoutStack<Made>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A viewer that cannot be read is a fault that is reported elsewhere. The viewer is unknown then. */
function viewerOf(operation: Operation): GuardViewer | null {
  try {
    return operation.viewer;
  } catch {
    return null;
  }
}
