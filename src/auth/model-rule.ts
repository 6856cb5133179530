import type { Candidate } from '../core/capability.ts';
import { compileNamePattern } from '../core/name-pattern.ts';

/** Whether a target may be used. */
export type ModelRule = (candidate: Candidate) => boolean;

/** A rule that allows what at least one pattern matches. */
export function compileModelPatterns(patterns: readonly string[]): ModelRule {
  const full = patterns.filter((pattern) => pattern.includes('/')).map(compileNamePattern);
  const bare = patterns.filter((pattern) => !pattern.includes('/')).map(compileNamePattern);
  const allows = (provider: string, model: string) => full.some((matches) => matches(`${provider}/${model}`));
  return ({ provider, aliases, model }) =>
    bare.some((matches) => matches(model)) ||
    allows(provider, model) ||
    (aliases?.some((alias) => allows(alias, model)) ?? false);
}
