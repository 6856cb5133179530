/**
 * A token bucket in whole numbers: it is filled by `rate` units each millisecond, and one token is `unit` units. A third
 * of a token is then no fraction, and whoever waits as long as it was told finds its token there.
 */
export interface BucketShape {
  readonly kind: 'token-bucket';
  /** Units. */
  readonly capacity: number;
  /** Units per millisecond. */
  readonly rate: number;
  /** Units per token. */
  readonly unit: number;
}

/** What is in a bucket. A bucket nobody has used for long enough is full. */
export interface BucketState {
  /** Units; below 0 when more was used than was there. */
  level: number;
  /** Milliseconds by the clock of its store. */
  at: number;
}

export interface BucketSize {
  /** Tokens per window, and how many the bucket holds. */
  readonly amount: number;
  readonly burst: number;
  readonly windowMs: number;
}

/** Half of what is exact, because levels are compared with sums. */
const mostUnits = Math.floor(Number.MAX_SAFE_INTEGER / 2);

/** Of numbers so large and so unlike that there is no exact shape, one that gives a little less: never more. */
export function bucketShape({ amount, burst, windowMs }: BucketSize): BucketShape {
  const divisor = greatestCommonDivisor(amount, windowMs);
  const unit = windowMs / divisor;
  if (burst * unit <= mostUnits) return { kind: 'token-bucket', capacity: burst * unit, rate: amount / divisor, unit };
  const coarse = 10 ** Math.floor(Math.log10(mostUnits / Math.max(amount, burst)));
  const rate = Math.max(1, Math.floor((amount * coarse) / windowMs));
  return { kind: 'token-bucket', capacity: burst * coarse, rate, unit: coarse };
}

/** What is in the bucket now. A clock that went back fills nothing. */
export function levelAt(shape: BucketShape, state: BucketState | undefined, now: number): number {
  if (state === undefined) return shape.capacity;
  return Math.min(shape.capacity, state.level + Math.max(0, now - state.at) * shape.rate);
}

/** Milliseconds until there are as many tokens as this; 0 when there are. */
export function waitFor(shape: BucketShape, level: number, tokens: number): number {
  return Math.max(0, Math.ceil((tokens * shape.unit - level) / shape.rate));
}

/** Whole tokens. */
export function tokensIn(shape: BucketShape, level: number): number {
  return Math.max(0, Math.floor(level / shape.unit));
}

/** Milliseconds until the bucket is full. */
export function untilFull(shape: BucketShape, level: number): number {
  return Math.ceil((shape.capacity - level) / shape.rate);
}

function greatestCommonDivisor(first: number, second: number): number {
  let [larger, smaller] = [first, second];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
