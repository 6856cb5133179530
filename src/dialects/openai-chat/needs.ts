import { asArray, asNumber, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Need, RequestNeeds } from '../request-needs.ts';

/** https://platform.openai.com/docs/api-reference/chat/create: content parts that not every model reads. */
const partNeeds: ReadonlyMap<unknown, Need> = new Map<unknown, Need>([
  ['image_url', 'vision'],
  ['input_audio', 'audioInput'],
  ['file', 'files'],
]);
const formatNeeds: ReadonlyMap<unknown, Need> = new Map<unknown, Need>([
  ['json_schema', 'jsonSchema'],
  ['json_object', 'jsonMode'],
]);

/** What a body needs, read without decoding it. */
export function openaiChatNeeds(body: JsonObject): RequestNeeds {
  const needs = new Set<Need>();
  if (asArray(body.tools).length > 0 || asArray(body.functions).length > 0) needs.add('tools');
  if (forcesCall(body.tool_choice) || isJsonObject(body.function_call)) needs.add('toolChoice');
  const format = formatNeeds.get(asObject(body.response_format)?.type);
  if (format !== undefined) needs.add(format);
  if (typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none') needs.add('reasoning');
  if ((asNumber(body.n) ?? 1) > 1) needs.add('choices');
  for (const message of asArray(body.messages)) {
    if (isJsonObject(message) && Array.isArray(message.content)) addContent(message.content, needs);
  }
  return { needs, maxOutputTokens: asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens) };
}

function forcesCall(choice: JsonValue | undefined): boolean {
  if (!isJsonObject(choice)) return choice === 'required' || choice === 'any';
  return choice.type === 'function' || asObject(choice.allowed_tools)?.mode === 'required';
}

function addContent(parts: readonly JsonValue[], needs: Set<Need>): void {
  for (const part of parts) {
    const need = isJsonObject(part) ? partNeeds.get(part.type) : undefined;
    if (need !== undefined) needs.add(need);
  }
}
