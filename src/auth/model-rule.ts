import type { Candidate } from '../core/capability.ts';

/** Whether a target may be used. */
export type ModelRule = (candidate: Candidate) => boolean;

/** A rule that allows what at least one pattern matches. */
export function compileModelPatterns(patterns: readonly string[]): ModelRule {
  const full = patterns.filter((pattern) => pattern.includes('/')).map(compilePattern);
  const bare = patterns.filter((pattern) => !pattern.includes('/')).map(compilePattern);
  return ({ provider, model }) =>
    bare.some((matches) => matches(model)) || full.some((matches) => matches(`${provider}/${model}`));
}

/**
 * A pattern in which `*` stands for any characters. No regular expression: model names come from callers, and this is
 * linear in their length.
 */
function compilePattern(pattern: string): (text: string) => boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
    const limit = text.length - end.length;
    let position = start.length;
    for (const part of rest) {
      const found = text.indexOf(part, position);
      if (found === -1 || found + part.length > limit) return false;
      position = found + part.length;
    }
    return true;
  };
}
