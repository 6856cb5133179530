import { exitMethod } from './kong-pdk.ts';

/** What Kong is told in answer to each of its messages: make this call, or the phase is over. */
export type PhaseAnswer = 'ret' | { readonly Method: string; readonly Args: readonly unknown[] };

interface WaitingCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One phase of one request. Kong and the plugin take turns: Kong waits for an answer, the plugin's next call is that
 * answer, Kong makes the call and sends its result. Over when the plugin has returned or ended the request.
 */
export class PhaseRun {
  readonly #onOver: () => void;
  /** Gives Kong the answer it waits for. */
  #answer: ((answer: PhaseAnswer) => void) | undefined;
  #waiting: WaitingCall[] = [];
  /** The call Kong is making. */
  #current: WaitingCall | undefined;
  #returned = false;
  #over = false;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Kong waits: for the first answer, or, with the result of the last call, for the next one. */
  next(): Promise<PhaseAnswer> {
    const { promise, resolve } = Promise.withResolvers<PhaseAnswer>();
    this.#answer = resolve;
    this.#advance();
    return promise;
  }

  /** The result of the call Kong was asked to make. */
  step(result: unknown): Promise<PhaseAnswer> {
    this.#settleCurrent((call) => call.resolve(result));
    return this.next();
  }

  /** Kong could not make the call. */
  stepError(reason: unknown): Promise<PhaseAnswer> {
    this.#settleCurrent((call) => call.reject(new Error(`${call.method} failed: ${String(reason)}`)));
    return this.next();
  }

  /** A call of the plugin's. Calls made at once are made one after the other. */
  call(method: string, args: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // A plugin need not wait for what it calls, and then nobody would take the rejection.
    promise.catch(() => {});
    if (this.#over) reject(new Error(`${method} was called after the end of the phase.`));
    else this.#waiting.push({ method, args, resolve, reject });
    this.#advance();
    return promise;
  }

  /** The plugin has returned. */
  finish(): void {
    this.#returned = true;
    this.#advance();
  }

  /**
   * Ends the phase, whatever the plugin is doing. False when Kong does not wait for an answer and so cannot be told.
   */
  end(answer: PhaseAnswer): boolean {
    const waiting = this.#answer !== undefined && !this.#over;
    if (waiting) this.#give(answer);
    this.#abandon();
    return waiting;
  }

  /** Nobody will hear of this phase again. */
  #abandon(): void {
    if (this.#over) return;
    this.#over = true;
    const calls = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    this.#waiting = [];
    this.#current = undefined;
    for (const call of calls) call.reject(new Error(`The phase ended before ${call.method} returned.`));
    this.#onOver();
  }

  #settleCurrent(settle: (call: WaitingCall) => void): void {
    const call = this.#current;
    this.#current = undefined;
    if (call !== undefined) settle(call);
  }

  #advance(): void {
    if (this.#answer === undefined || this.#current !== undefined || this.#over) return;
    const call = this.#waiting.shift();
    if (call === undefined) {
      if (!this.#returned) return;
      this.end('ret');
    } else if (call.method === exitMethod) {
      call.resolve(undefined);
      this.end({ Method: call.method, Args: call.args });
    } else {
      this.#current = call;
      this.#give({ Method: call.method, Args: call.args });
    }
  }

  #give(answer: PhaseAnswer): void {
    const give = this.#answer;
    this.#answer = undefined;
    give?.(answer);
  }
}
