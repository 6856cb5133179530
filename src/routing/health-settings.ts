import { z } from 'zod';
import { type Duration, duration } from '../core/units.ts';
import { defaultHealth, type HealthOptions } from './health.ts';

/** When a target leaves rotation and for how long, as an operator writes it: for all targets, or for those of a provider. */
export interface HealthSettings {
  /**
   * Failures in a row that take a target out of rotation; up to four times as many where it usually fails often.
   * @default 5; for one provider, what holds for all
   */
  readonly errorThreshold?: number;
  /**
   * How long it then stays out before one request probes it. Grows with each ejection, up to five minutes.
   * @default '30s'; for one provider, what holds for all
   */
  readonly cooldown?: Duration;
}

/** What of a target's health can be set. */
export type OwnHealth = Pick<HealthOptions, 'consecutiveFailures' | 'cooldown'>;

const errorThreshold = z.int('must be a whole number').min(1, 'must be 1 or more').max(1_000, 'must be 1000 or less');

/** Of all targets. */
export const healthShape = {
  errorThreshold: errorThreshold.default(defaultHealth.consecutiveFailures),
  cooldown: duration.default(defaultHealth.cooldown),
};

/** Of one provider's targets: what is not written is as for all. */
export const ownHealthShape = { errorThreshold: errorThreshold.optional(), cooldown: duration.optional() };

export function readHealth(parsed: {
  readonly errorThreshold?: number | undefined;
  readonly cooldown?: number | undefined;
}): Partial<OwnHealth> {
  return {
    ...(parsed.errorThreshold !== undefined && { consecutiveFailures: parsed.errorThreshold }),
    ...(parsed.cooldown !== undefined && { cooldown: parsed.cooldown }),
  };
}
