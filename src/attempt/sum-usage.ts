import type { Usage } from '../core/usage.ts';

/** What several answers took together; `undefined` when one of them does not say. */
export function sumUsage(usages: readonly (Usage | undefined)[]): Usage | undefined {
  let sum: Usage | undefined = { inputTokens: 0, outputTokens: 0 };
  for (const usage of usages) {
    if (usage === undefined) return undefined;
    sum = { inputTokens: sum.inputTokens + usage.inputTokens, outputTokens: sum.outputTokens + usage.outputTokens };
  }
  return usages.length === 0 ? undefined : sum;
}
