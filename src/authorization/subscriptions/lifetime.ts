/** How long a viewer may listen: until the token expires or the session ends. */
import type { GraphQLError } from 'graphql';
import type { GuardViewer } from '../contract/options.ts';
import { refusal } from '../contract/refusal.ts';

/** The longest wait of a timer, in milliseconds. A longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Watches one viewer, through changes of token and of rights. */
export class Lifetime {
  /** Called once, with the reason, when the viewer may listen no more. Not called after `stop`. */
  onEnd: (why: GraphQLError) => void = () => {};
  readonly #ask: () => GuardViewer | null;
  /** The last viewer who was signed in. Signing out does not lengthen what a session may do. */
  #viewer: GuardViewer | null = null;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #isOver = false;

  /** @param ask returns the present viewer. */
  constructor(ask: () => GuardViewer | null) {
    this.#ask = ask;
  }

  /** Asks again whether the viewer may listen, and watches that viewer. If not, it has called `onEnd`. */
  check(): boolean {
    if (this.#isOver) return false;
    try {
      this.#viewer = this.#ask() ?? this.#viewer;
    } catch {
      // The guards ask as well, and report the fault. Until it is mended, the last viewer counts.
    }
    const why = this.#whyOver();
    if (why) this.#end(why);
    else this.#watch();
    return why === null;
  }

  /** Ends the watch, and leaves no timer or listener behind. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #whyOver(): GraphQLError | null {
    if (this.#viewer?.ended?.aborted) return sessionEnded();
    const expiresAt = this.#viewer?.expiresAt;
    return expiresAt && expiresAt.getTime() <= Date.now() ? tokenExpired() : null;
  }

  #watch(): void {
    const { expiresAt, ended } = this.#viewer ?? {};
    if (ended !== this.#signal) {
      this.#signal?.removeEventListener('abort', this.#onAbort);
      ended?.addEventListener('abort', this.#onAbort, { once: true });
      this.#signal = ended;
    }
    clearTimeout(this.#timer);
    if (!expiresAt) return;
    // The check asks again, because a timer may be early and the token renewed. It keeps no process alive.
    const wait = Math.min(expiresAt.getTime() - Date.now(), longestTimer);
    this.#timer = setTimeout(() => this.check(), wait).unref();
  }

  readonly #onAbort = (): void => this.#end(sessionEnded());

  #end(why: GraphQLError): void {
    if (this.#isOver) return;
    this.stop();
    this.onEnd(why);
  }
}

function tokenExpired(): GraphQLError {
  return refusal('UNAUTHENTICATED', 'The token has expired: sign in again.');
}

function sessionEnded(): GraphQLError {
  return refusal('UNAUTHENTICATED', 'The session has ended: sign in again.');
}
