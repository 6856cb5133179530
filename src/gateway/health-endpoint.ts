import type { Capability } from '../core/capability.ts';
import { runGate } from '../core/gate.ts';
import type { JsonObject } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import type { Engine } from '../failover/engine.ts';
import type { TargetSnapshot } from '../routing/health.ts';
import type { Drain } from './drain.ts';

export interface HealthSources {
  readonly engine: Engine;
  readonly drain: Pick<Drain, 'draining'>;
  /** Who is no stranger; without it everybody is one. */
  readonly auth: Capability | undefined;
}

/**
 * `GET /health`. To strangers one word: `ok`, `degraded` (a target is out of rotation), `down` (all that have been used
 * are) or `shutting_down`; with the last two the status is 503. To callers with a key also each target's standing, error
 * rate and latency.
 */
export function healthEndpoint({ engine, drain, auth }: HealthSources): Capability {
  return {
    name: 'health',
    async answer(call) {
      const targets = engine.health.snapshot();
      const status = drain.draining ? 'shutting_down' : overall(targets);
      const known = auth !== undefined && (await runGate(call, auth)).kind === 'pass';
      const body: JsonObject = known ? { status, targets: targets.map(describe) } : { status };
      const reply: Reply = {
        kind: 'whole',
        status: status === 'down' || status === 'shutting_down' ? 503 : 200,
        headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
        body: JSON.stringify(body),
      };
      call.finish({ status: 'ok', httpStatus: reply.status });
      return reply;
    },
  };
}

function overall(targets: readonly TargetSnapshot[]): 'ok' | 'degraded' | 'down' {
  const out = targets.filter(({ status }) => status === 'ejected' || status === 'probing').length;
  if (out === 0) return 'ok';
  return out === targets.length ? 'down' : 'degraded';
}

function describe(target: TargetSnapshot): JsonObject {
  return {
    target: target.target,
    status: target.status,
    error_rate: Math.round(target.errorRate * 1000) / 1000,
    consecutive_failures: target.consecutiveFailures,
    ...(target.latencyMs !== undefined && { latency_ms: Math.round(target.latencyMs) }),
    ...(target.ejectedUntil !== undefined && { ejected_until: new Date(target.ejectedUntil).toISOString() }),
  };
}
