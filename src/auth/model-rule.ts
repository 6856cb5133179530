import type { Candidate } from '../core/capability.ts';
import { compilePattern } from './pattern.ts';

/** Whether a target may be used. */
export type ModelRule = (candidate: Candidate) => boolean;

/** A rule that allows what at least one pattern matches. */
export function compileModelPatterns(patterns: readonly string[]): ModelRule {
  const full = patterns.filter((pattern) => pattern.includes('/')).map(compilePattern);
  const bare = patterns.filter((pattern) => !pattern.includes('/')).map(compilePattern);
  return ({ provider, model }) =>
    bare.some((matches) => matches(model)) || full.some((matches) => matches(`${provider}/${model}`));
}
