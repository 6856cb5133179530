import { asArray, asNumber, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Need, RequestNeeds } from '../request-needs.ts';

/** https://platform.openai.com/docs/api-reference/responses/create: content parts that not every model reads. */
const partNeeds: ReadonlyMap<unknown, Need> = new Map<unknown, Need>([
  ['input_image', 'vision'],
  ['input_audio', 'audioInput'],
  ['input_file', 'files'],
]);
const formatNeeds: ReadonlyMap<unknown, Need> = new Map<unknown, Need>([
  ['json_schema', 'jsonSchema'],
  ['json_object', 'jsonMode'],
]);

/** What a body needs, read without decoding it. */
export function openaiResponsesNeeds(body: JsonObject): RequestNeeds {
  const needs = new Set<Need>();
  if (asArray(body.tools).length > 0) needs.add('tools');
  if (forcesCall(body.tool_choice)) needs.add('toolChoice');
  const format = formatNeeds.get(asObject(asObject(body.text)?.format)?.type);
  if (format !== undefined) needs.add(format);
  const effort = asObject(body.reasoning)?.effort;
  if (typeof effort === 'string' && effort !== 'none') needs.add('reasoning');
  for (const item of asArray(body.input)) {
    if (!isJsonObject(item)) continue;
    addContent(asArray(item.content), needs);
    addContent(asArray(item.output), needs);
  }
  return { needs, maxOutputTokens: asNumber(body.max_output_tokens) };
}

function forcesCall(choice: JsonValue | undefined): boolean {
  if (!isJsonObject(choice)) return choice === 'required';
  return choice.type === 'function' || choice.mode === 'required';
}

function addContent(parts: readonly JsonValue[], needs: Set<Need>): void {
  for (const part of parts) {
    const need = isJsonObject(part) ? partNeeds.get(part.type) : undefined;
    if (need !== undefined) needs.add(need);
  }
}
