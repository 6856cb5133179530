import { traitsOf } from '../../dialects/anthropic-messages/models.ts';
import type { ModelFacts } from './model-facts.ts';

/**
 * A Claude, wherever it is served: what the encoder of its dialect knows, and the rest from
 * https://platform.claude.com/docs/en/about-claude/models/overview and
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support
 */
export function claudeFacts(model: string): ModelFacts {
  const traits = traitsOf(model);
  const beforeClaude3 = /claude-(?:instant|v?2)/.test(model);
  const readsDocuments = !beforeClaude3 && !/claude-3-(?:opus|sonnet|haiku)/.test(model);
  return {
    tools: !beforeClaude3,
    parallelTools: !beforeClaude3,
    toolChoice: !beforeClaude3 && traits.forcedToolChoice === 'accepted',
    vision: !beforeClaude3,
    // The Messages API has no part for sound.
    audioInput: false,
    files: readsDocuments,
    jsonSchema: traits.structuredOutput === 'accepted',
    jsonMode: false,
    reasoning: traits.thinking !== 'none',
    choices: false,
    streaming: true,
    embeddings: false,
    images: false,
    maxOutputTokens: traits.maxOutputTokens,
  };
}
