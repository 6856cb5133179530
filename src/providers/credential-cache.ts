/** A credential with the time it ends. */
export interface Expiring<Value> {
  readonly value: Value;
  /** Milliseconds since 1970; `Infinity` for one that does not end. */
  readonly expiresAt: number;
}

/** Milliseconds before its end at which a credential is fetched anew, while calls still use it. */
const refreshAhead = 300_000;
/** Milliseconds before its end from which it is used no more: the request has to arrive in time. */
const leastLeft = 30_000;
/** A fetch that takes longer is given up by whoever comes next. */
const patience = 20_000;
/** How long a failed fetch is not repeated. */
const failureRest = 1_000;
/** How long after a renewal that a provider caused the next one may follow: a fresh credential that is refused is not stale. */
const renewalRest = 60_000;

/**
 * Fetches a credential when it is first needed and again shortly before it ends, once for however many callers wait.
 * Times are milliseconds since 1970, given by the caller.
 */
export class CredentialCache<Value> {
  readonly #source: (wallTime: number) => Promise<Expiring<Value>>;
  #kept: Kept<Value> | undefined;
  #former: Value | undefined;
  #flight: Flight<Value> | undefined;
  #failure: { readonly at: number; readonly error: unknown } | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(source: (wallTime: number) => Promise<Expiring<Value>>) {
    this.#source = source;
  }

  /** The credential, at once where there is one. Rejects with what the fetch rejected with. */
  get(wallTime: number): Value | Promise<Value> {
    const kept = this.#kept;
    if (kept === undefined || wallTime >= kept.endsAt) return this.#fetched(wallTime);
    // The one there is still serves: nobody waits for its successor, and nobody minds if that cannot be had yet.
    if (wallTime >= kept.refreshAt) this.#fetched(wallTime).catch(() => {});
    return kept.value;
  }

  /** The credential in use and the one before it. */
  values(): readonly Value[] {
    return [this.#kept?.value, this.#former].filter((value) => value !== undefined);
  }

  /**
   * The provider refused a credential. True when another may be had: it has been replaced since, or may be fetched anew.
   *
   * @param isRefused tells the refused credential
   */
  renew(wallTime: number, isRefused: (value: Value) => boolean): boolean {
    const kept = this.#kept;
    if (kept === undefined || !isRefused(kept.value)) return true;
    if (Math.abs(wallTime - this.#renewedAt) < renewalRest) return false;
    this.#renewedAt = wallTime;
    this.#forget();
    return true;
  }

  #forget(): void {
    this.#former = this.#kept?.value;
    this.#kept = undefined;
    // One that is on its way was asked for before the refusal and may be the same again.
    this.#flight = undefined;
  }

  #fetched(wallTime: number): Promise<Value> {
    const flight = this.#flight;
    if (flight !== undefined && Math.abs(wallTime - flight.startedAt) < patience) return flight.result;
    const failure = this.#failure;
    if (failure !== undefined && Math.abs(wallTime - failure.at) < failureRest) return Promise.reject(failure.error);
    const started: Flight<Value> = {
      startedAt: wallTime,
      result: this.#take(wallTime, () => this.#flight === started),
    };
    this.#flight = started;
    return started.result;
  }

  async #take(wallTime: number, isCurrent: () => boolean): Promise<Value> {
    try {
      const fetched = await this.#source(wallTime);
      if (isCurrent()) this.#keep(fetched, wallTime);
      return fetched.value;
    } catch (error) {
      if (isCurrent()) {
        this.#failure = { at: wallTime, error };
        this.#flight = undefined;
      }
      throw error;
    }
  }

  #keep({ value, expiresAt }: Expiring<Value>, wallTime: number): void {
    const lifetime = Math.max(0, expiresAt - wallTime);
    this.#former = this.#kept?.value ?? this.#former;
    this.#kept = {
      value,
      endsAt: expiresAt - Math.min(leastLeft, lifetime / 4),
      refreshAt: expiresAt - Math.min(refreshAhead, lifetime / 2),
    };
    this.#flight = undefined;
    this.#failure = undefined;
  }
}

interface Kept<Value> {
  readonly value: Value;
  readonly endsAt: number;
  readonly refreshAt: number;
}

interface Flight<Value> {
  readonly startedAt: number;
  readonly result: Promise<Value>;
}
