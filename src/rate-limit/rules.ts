import type { Call } from '../core/call.ts';
import type { LimitRule } from '../core/limit-rule.ts';
import type { CounterShape } from './limit-store.ts';
import type { ConfiguredLimit } from './options.ts';
import { keyPart, scopeValue } from './scope-value.ts';
import { bucketShape } from './token-bucket.ts';

/** A limit, ready to be kept. */
export interface Rule {
  readonly name: string;
  /** What the keys of its counters begin with. */
  readonly group: string;
  readonly measure: LimitRule['measure'];
  readonly amount: number;
  readonly shadow: boolean;
  readonly shape: CounterShape;
  /** What one of several processes keeps of it by itself. */
  readonly share: CounterShape;
  /** Kept where it is known who is asked. */
  readonly ofProvider: boolean;
  /** Whether the request's body says if and how it applies. */
  readonly needsBody: boolean;
  /** Its name as a string of a structured header field. */
  readonly label: string;
  /** Its item of `RateLimit-Policy`. */
  readonly policy: string;
  /** For people: `100 requests per minute for this key`. */
  readonly words: string;
  /** By what a call is counted; `undefined` when the rule does not apply to it. */
  valueOf(call: Call, model: string | undefined): string | undefined;
}

/** The rules of the configuration. */
export function compileLimits(limits: readonly ConfiguredLimit[], replicas: number): readonly Rule[] {
  return limits.map((limit) => compileLimit(limit, { origin: 'all', replicas }));
}

/** The rules a key brings along. Its counters are its own, whatever its rules are called. */
export function compileOwnLimits(limits: readonly LimitRule[], keyId: string, replicas: number): readonly Rule[] {
  const origin = `key:${keyPart(keyId)}`;
  return limits.map((rule) => compileLimit({ rule, per: rule.per }, { origin, replicas }));
}

interface Compilation {
  readonly origin: string;
  readonly replicas: number;
}

function compileLimit({ rule, per }: ConfiguredLimit, { origin, replicas }: Compilation): Rule {
  const scope = typeof per === 'function' ? 'custom' : per;
  const shape = shapeOf(rule, 1);
  const label = structuredString(rule.name);
  return {
    name: rule.name,
    label,
    // What a counter is made of stands in its key: a limit that was changed into another kind begins anew.
    group: `${origin}:${keyPart(rule.name)}:${kinds[shape.kind]}:`,
    measure: rule.measure,
    amount: rule.amount,
    shadow: rule.mode === 'shadow',
    shape,
    share: shapeOf(rule, replicas),
    ofProvider: scope === 'provider',
    needsBody: scope === 'model' || rule.measure === 'tokens',
    policy: `${label}${policyParameters(rule)}`,
    words: `${amountWords(rule)}${scopeWords[scope]}`,
    valueOf:
      typeof per === 'function' ? (call) => customValue(per(call)) : (call, model) => scopeValue(call, per, model),
  };
}

const kinds = { 'token-bucket': 'b', 'fixed-window': 'w', concurrent: 's' } as const satisfies Record<
  CounterShape['kind'],
  string
>;

type Sized = Omit<LimitRule, 'per'>;

function shapeOf(rule: Sized, replicas: number): CounterShape {
  const part = (amount: number) => Math.max(1, Math.floor(amount / replicas));
  const { measure, amount, windowMs = 1_000, algorithm, burst = amount } = rule;
  if (measure === 'concurrent') return { kind: 'concurrent', limit: part(amount) };
  if (algorithm === 'fixed-window') return { kind: 'fixed-window', limit: part(amount), windowMs };
  return bucketShape({ amount: part(amount), burst: part(burst), windowMs });
}

function customValue(value: string | undefined): string | undefined {
  return value === undefined ? undefined : keyPart(value);
}

/** https://www.rfc-editor.org/rfc/rfc9651#section-3.3.3: printable ASCII. */
function structuredString(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

/**
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.txt, section 3: quota, window in seconds, and
 * the unit where it is not the request.
 */
function policyParameters({ measure, amount, windowMs }: Sized): string {
  const window = windowMs === undefined ? '' : `;w=${Math.ceil(windowMs / 1_000)}`;
  return `;q=${amount}${window}${quotaUnits[measure]}`;
}

const quotaUnits = { requests: '', tokens: ';qu="tokens"', concurrent: ';qu="concurrent-requests"' } as const;

const scopeWords = {
  key: ' for this API key',
  user: ' for this user',
  team: ' for this team',
  project: ' for this project',
  model: ' for this model',
  provider: ' for this provider',
  ip: ' for this address',
  global: '',
  custom: '',
} as const;

function amountWords({ measure, amount, windowMs = 0 }: Sized): string {
  if (measure === 'concurrent') return `${amount} ${amount === 1 ? 'request' : 'requests'} at the same time`;
  const what = amount === 1 ? measure.slice(0, -1) : measure;
  return `${amount} ${what} per ${windowWords(windowMs)}`;
}

const windowUnits = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

function windowWords(windowMs: number): string {
  for (const [name, length] of windowUnits) {
    if (windowMs % length !== 0) continue;
    const count = windowMs / length;
    return count === 1 ? name : `${count} ${name}s`;
  }
  return `${windowMs} milliseconds`;
}
