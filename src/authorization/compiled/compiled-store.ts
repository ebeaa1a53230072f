/**
 * Which operations are worth compiling, and those that are compiled. Only hot operations are compiled. What clients
 * can make the server keep or do is bounded in entries, memory and time.
 */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { CompiledLimits } from '../contract/compile-limits.ts';
import type { Unit } from './compiled-operation.ts';
import type { Plan } from './operation-plan.ts';

export interface CompiledStatistics {
  /** Operations that are kept compiled, and the number of their fields. */
  readonly operations: number;
  readonly fields: number;
  /** How often an operation was compiled. */
  readonly compilations: number;
  /** How many executions compiled code has answered. */
  readonly answers: number;
  /** How many executions compiled code gave up, for graphql-js to answer. */
  readonly doubts: number;
}

/** A document has a key for each set of rights, conditions and operations. Keys beyond this number are not counted. */
const maxKeys = 100;

interface Entry {
  readonly plans: Map<OperationDefinitionNode, Plan | null>;
  readonly counts: Map<string, number>;
}

export class CompiledStore {
  readonly limits: CompiledLimits;
  compilations = 0;
  answers = 0;
  doubts = 0;
  readonly #entries = new WeakMap<DocumentNode, Entry>();
  /** False: it cannot be compiled. */
  readonly #units: LRUCache<string, Unit | false>;
  /** Milliseconds that compilation may take now. */
  #allowance: number;
  #allowedAt = performance.now();

  constructor(limits: CompiledLimits) {
    this.limits = limits;
    this.#allowance = limits.milliseconds * 10;
    this.#units = new LRUCache({ max: limits.operations, maxSize: limits.fields });
  }

  get statistics(): CompiledStatistics {
    const { compilations, answers, doubts } = this;
    return { operations: this.#units.size, fields: this.#units.calculatedSize, compilations, answers, doubts };
  }

  /** Null for an operation that is seen for the first time, or that is not to be compiled. */
  plan(document: DocumentNode, operation: OperationDefinitionNode, make: () => Plan | null): Plan | null {
    const entry = this.#entries.get(document);
    if (!entry) {
      this.#entries.set(document, { plans: new Map(), counts: new Map() });
      return null;
    }
    let plan = entry.plans.get(operation);
    if (plan === undefined && entry.plans.size < maxKeys) {
      plan = this.#withinTime(make);
      if (plan !== undefined) entry.plans.set(operation, plan);
    }
    return plan ?? null;
  }

  /** @param compile returns null if the operation cannot be compiled. */
  unit(document: DocumentNode, key: string, compile: () => { unit: Unit; fields: number } | null): Unit | null {
    const found = this.#units.get(key);
    if (found && !found.isReliable) {
      found.runs++;
      return null;
    }
    if (found !== undefined) return found || null;
    if (!this.#isHot(document, key)) return null;
    const compiled = this.#withinTime(compile);
    if (compiled === undefined) return null;
    this.compilations++;
    // An operation that is too large for the store would be compiled again each time.
    const kept = compiled && compiled.fields <= this.limits.fields ? compiled : null;
    this.#units.set(key, kept?.unit ?? false, { size: kept?.fields ?? 1 });
    return kept?.unit ?? null;
  }

  #isHot(document: DocumentNode, key: string): boolean {
    const counts = this.#entries.get(document)?.counts;
    if (!counts) return false;
    // The first execution of the document was not counted for any key.
    const count = (counts.get(key) ?? 1) + 1;
    if (!counts.has(key) && counts.size >= maxKeys) counts.clear();
    counts.set(key, count);
    return count > this.limits.hotAfter;
  }

  /** Undefined if there is no time for it now. */
  #withinTime<Made>(make: () => Made): Made | undefined {
    const { milliseconds } = this.limits;
    const now = performance.now();
    this.#allowance = Math.min(this.#allowance + ((now - this.#allowedAt) / 1000) * milliseconds, milliseconds * 10);
    this.#allowedAt = now;
    if (this.#allowance <= 0) return undefined;
    const made = make();
    this.#allowance -= performance.now() - now;
    return made;
  }
}
