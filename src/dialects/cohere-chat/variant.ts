/** How a host of Cohere's chat API deviates from Cohere's own, or knows other models. */
export interface CohereVariant {
  /**
   * Models that think, and so take `thinking` and the thinking of earlier turns; the others answer 400 to it.
   * https://docs.cohere.com/docs/reasoning
   * @default Command A Reasoning, Command A+ and what else has "reasoning" in its name
   */
  readonly thinkingModels?: RegExp;
}

const thinkingModels = /reasoning|^(?:cohere[./])?(?:cohere-)?command-a-plus/i;

/** Whether the model thinks. */
export function thinks(model: string, variant: CohereVariant): boolean {
  return (variant.thinkingModels ?? thinkingModels).test(model);
}
