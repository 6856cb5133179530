import type { AttemptStatus } from '../core/settlement.ts';
import type { Usage, UsageSource } from '../core/usage.ts';
import type { OutputMeter } from './output-meter.ts';

/** What is known of an attempt's use when it has ended. */
export interface UsageEvidence {
  readonly status: AttemptStatus;
  /** The provider's own numbers of an answer that is complete. */
  readonly reported: Usage | undefined;
  /** What the provider had said before it broke off. */
  readonly soFar: Usage | undefined;
  /** What was delivered. */
  readonly meter: OutputMeter | undefined;
  /** Estimates the prompt. */
  readonly promptTokens: () => number;
}

/**
 * The tokens an attempt is accounted with. The provider's numbers count where there are some, zeros too; where an answer
 * broke off before they came, or never had any, what was delivered is estimated: it was generated, so it is billed.
 */
export function attemptUsage(evidence: UsageEvidence): { readonly usage?: Usage; readonly source: UsageSource } {
  const { status, reported, soFar, meter } = evidence;
  if (reported !== undefined) return { usage: reported, source: 'provider' };
  const delivered = meter !== undefined && meter.length > 0;
  if (status === 'not_sent' || (!delivered && soFar === undefined)) return { source: 'none' };
  if (soFar !== undefined && delivered && countedShare(soFar, meter) === 1) return { usage: soFar, source: 'provider' };
  const usage: Usage = {
    ...soFar,
    inputTokens: soFar?.inputTokens ?? evidence.promptTokens(),
    outputTokens: Math.max(soFar?.outputTokens ?? 0, delivered ? withUncounted(soFar, meter) : 0),
  };
  return { usage, source: 'estimated' };
}

/** What the provider has counted of the output, and an estimate of what came after. */
function withUncounted(soFar: Usage | undefined, meter: OutputMeter): number {
  if (soFar === undefined) return meter.tokens;
  const counted = countedShare(soFar, meter);
  return (counted === 0 ? 0 : soFar.outputTokens) + Math.ceil(meter.tokens * (1 - counted));
}

/** Some say 0 until they know. */
function countedShare({ outputTokens }: Usage, meter: OutputMeter): number {
  return outputTokens === 0 ? 0 : meter.countedShare;
}
