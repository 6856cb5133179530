import { asArray, asNumber, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Need, RequestNeeds } from '../request-needs.ts';

/** What a body needs, read without decoding it. https://docs.anthropic.com/en/api/messages */
export function anthropicNeeds(body: JsonObject): RequestNeeds {
  const needs = new Set<Need>();
  if (asArray(body.tools).length > 0) needs.add('tools');
  const choice = asObject(body.tool_choice)?.type;
  if (choice === 'any' || choice === 'tool') needs.add('toolChoice');
  const thinking = asObject(body.thinking)?.type;
  if (thinking === 'enabled' || thinking === 'adaptive') needs.add('reasoning');
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format);
  if (format?.type === 'json_schema') needs.add('jsonSchema');
  for (const message of asArray(body.messages)) {
    if (isJsonObject(message) && Array.isArray(message.content)) addBlocks(message.content, needs);
  }
  return { needs, maxOutputTokens: asNumber(body.max_tokens) };
}

/** Sources of a document that are text already. */
const textSources: ReadonlySet<unknown> = new Set(['text', 'content']);

function addBlocks(blocks: readonly JsonValue[], needs: Set<Need>): void {
  for (const block of blocks) {
    if (!isJsonObject(block)) continue;
    if (block.type === 'image') needs.add('vision');
    else if (block.type === 'document' && !textSources.has(asObject(block.source)?.type)) needs.add('files');
    // Deeper than one level nothing is nested.
    else if (block.type === 'tool_result' && Array.isArray(block.content)) addBlocks(block.content, needs);
  }
}
