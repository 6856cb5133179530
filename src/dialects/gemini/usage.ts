import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { someTokens, tokenCount, type Usage } from '../../core/usage.ts';
import { otherMembers } from '../other-members.ts';

/*
 * https://ai.google.dev/api/generate-content#UsageMetadata
 *
 * `promptTokenCount` includes cached tokens and excludes the results of Google's own tools; thinking is counted beside
 * the candidates. total = prompt + tool use + candidates + thoughts.
 */

const known: ReadonlySet<string> = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
  'totalTokenCount',
]);

/** `undefined` where the prompt is not counted: some chunks hold the traffic type or the output alone. */
export function decodeUsage(metadata: JsonObject): Usage | undefined {
  const thoughts = tokenCount(metadata.thoughtsTokenCount);
  const cached = tokenCount(metadata.cachedContentTokenCount);
  // Counts are absent when zero.
  const outputTokens = (tokenCount(metadata.candidatesTokenCount) ?? 0) + (thoughts ?? 0);
  const inputTokens = decodeInput(metadata, outputTokens);
  if (inputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    ...(cached !== undefined && { cacheReadTokens: cached }),
    ...(thoughts !== undefined && { reasoningTokens: thoughts }),
    ...modalities(metadata),
  };
}

/** Audio and pictures, which have prices of their own. */
function modalities(metadata: JsonObject): Partial<Usage> {
  const inputAudioTokens = ofModality(metadata.promptTokensDetails, 'AUDIO');
  const inputImageTokens = ofModality(metadata.promptTokensDetails, 'IMAGE');
  const outputAudioTokens = ofModality(metadata.candidatesTokensDetails, 'AUDIO');
  const outputImageTokens = ofModality(metadata.candidatesTokensDetails, 'IMAGE');
  return {
    ...(inputAudioTokens !== undefined && { inputAudioTokens }),
    ...(inputImageTokens !== undefined && { inputImageTokens }),
    ...(outputAudioTokens !== undefined && { outputAudioTokens }),
    ...(outputImageTokens !== undefined && { outputImageTokens }),
  };
}

function ofModality(details: JsonValue | undefined, modality: string): number | undefined {
  return someTokens(asObject(asArray(details).find((entry) => asObject(entry)?.modality === modality))?.tokenCount);
}

function decodeInput(metadata: JsonObject, outputTokens: number): number | undefined {
  const prompt = tokenCount(metadata.promptTokenCount);
  if (prompt !== undefined) return prompt + (tokenCount(metadata.toolUsePromptTokenCount) ?? 0);
  const total = tokenCount(metadata.totalTokenCount);
  return total === undefined ? undefined : Math.max(0, total - outputTokens);
}

/** @param rest what `usageRest` kept of the provider's own usage */
export function encodeUsage(usage: Usage, rest?: JsonObject): JsonObject {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens } = usage;
  const toolUse = Math.min(inputTokens, tokenCount(rest?.toolUsePromptTokenCount) ?? 0);
  return {
    ...rest,
    promptTokenCount: inputTokens - toolUse,
    candidatesTokenCount: Math.max(0, outputTokens - (reasoningTokens ?? 0)),
    ...(reasoningTokens !== undefined && { thoughtsTokenCount: reasoningTokens }),
    ...(cacheReadTokens !== undefined && { cachedContentTokenCount: cacheReadTokens }),
    totalTokenCount: inputTokens + outputTokens,
  };
}

/** What the canonical usage has no place for: details by modality, traffic type, tokens of Google's own tools. */
export function usageRest(metadata: JsonObject): JsonObject | undefined {
  return otherMembers(metadata, known);
}
