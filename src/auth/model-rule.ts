import type { Candidate } from '../core/capability.ts';
import { compileNamePattern } from '../core/name-pattern.ts';

/** Whether a target may be used. */
export type ModelRule = (candidate: Candidate) => boolean;

/** A rule that allows what at least one pattern matches. */
export function compileModelPatterns(patterns: readonly string[]): ModelRule {
  const full = patterns.filter((pattern) => pattern.includes('/')).map(compileNamePattern);
  const bare = patterns.filter((pattern) => !pattern.includes('/')).map(compileNamePattern);
  return ({ provider, model }) =>
    bare.some((matches) => matches(model)) || full.some((matches) => matches(`${provider}/${model}`));
}
