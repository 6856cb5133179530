import { EventStreamCodec } from '@smithy/core/event-streams';
import { asArray, asObject, asString, type JsonObject } from '../../../src/core/json.ts';
import type { Seen } from './ask.ts';

/** The meaning of an answer, read without any code of the package. */
export interface Read {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly id: string | undefined; readonly name: string; readonly arguments: string }[];
  /** The vendor's own word. */
  readonly finish: string | undefined;
  /** Events with visible output. */
  readonly contentEvents: number;
  /** Whether the end marker came. */
  readonly done: boolean;
  /** Every usage object that came, in order. */
  readonly usages: readonly JsonObject[];
  readonly error: JsonObject | undefined;
  readonly events: readonly JsonObject[];
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Draft = Omit<Mutable<Read>, 'toolCalls' | 'usages' | 'events'> & {
  toolCalls: { id: string | undefined; name: string; arguments: string }[];
  usages: JsonObject[];
  events: JsonObject[];
};

export function readStream(seen: Seen, bytes: Buffer = seen.bytes): Read {
  const draft = emptyDraft();
  if (seen.dialect === 'ollama-chat') {
    for (const line of bytes.toString('utf8').split('\n')) {
      const event = parse(line);
      if (event !== undefined) readEvent(event, seen, draft);
    }
    return draft;
  }
  if (seen.dialect === 'bedrock-converse') {
    for (const text of framePayloads(bytes)) {
      const event = parse(text);
      if (event !== undefined) readEvent(event, seen, draft);
    }
    return draft;
  }
  for (const block of bytes.toString('utf8').split(/\r?\n\r?\n/)) {
    const data = /(?:^|\n)data: ([^\r\n]*)/.exec(block)?.[1];
    if (data === '[DONE]') draft.done = true;
    const event = data === undefined ? undefined : parse(data);
    if (event !== undefined) readEvent(event, seen, draft);
  }
  return draft;
}

export function readWhole(seen: Seen, bytes: Buffer = seen.bytes): Read {
  const draft = emptyDraft();
  const body = parse(bytes.toString('utf8'));
  if (body === undefined) return draft;
  draft.events.push(body);
  readError(body, draft);
  switch (seen.dialect) {
    case 'openai-chat':
      readOpenaiMessage(asObject(asObject(asArray(body.choices)[0])?.message) ?? {}, draft);
      draft.finish = asString(asObject(asArray(body.choices)[0])?.finish_reason);
      pushUsage(body.usage, draft);
      break;
    case 'anthropic-messages':
      for (const block of asArray(body.content)) readAnthropicBlock(asObject(block) ?? {}, draft);
      draft.finish = asString(body.stop_reason);
      pushUsage(body.usage, draft);
      break;
    case 'openai-responses':
      readResponse(body, draft);
      break;
    case 'gemini':
      readGemini(body, draft);
      break;
    case 'bedrock-converse':
      for (const block of asArray(asObject(asObject(body.output)?.message)?.content)) {
        readBedrockBlock(asObject(block) ?? {}, draft);
      }
      draft.finish = asString(body.stopReason);
      pushUsage(body.usage, draft);
      break;
    case 'ollama-chat':
      readOllama(body, draft);
      break;
    case 'cohere-chat':
      readCohereMessage(asObject(body.message) ?? {}, draft);
      draft.finish = asString(body.finish_reason);
      pushUsage(body.usage, draft);
      break;
  }
  return draft;
}

function emptyDraft(): Draft {
  return {
    text: '',
    reasoning: '',
    toolCalls: [],
    finish: undefined,
    contentEvents: 0,
    done: false,
    usages: [],
    error: undefined,
    events: [],
  };
}

function parse(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readEvent(event: JsonObject, seen: Seen, draft: Draft): void {
  draft.events.push(event);
  readError(event, draft);
  const before = draft.text.length + draft.reasoning.length + JSON.stringify(draft.toolCalls).length;
  switch (seen.dialect) {
    case 'openai-chat':
      readOpenaiChunk(event, draft);
      break;
    case 'anthropic-messages':
      readAnthropicEvent(event, draft);
      break;
    case 'openai-responses':
      readResponseEvent(event, draft);
      break;
    case 'gemini':
      readGemini(event, draft);
      break;
    case 'bedrock-converse':
      readBedrockEvent(event, draft);
      break;
    case 'ollama-chat':
      readOllama(event, draft);
      break;
    case 'cohere-chat':
      readCohereEvent(event, draft);
      break;
  }
  const opensBlock =
    event.start !== undefined ||
    /^(?:content_block_start|tool-call-start|response\.output_item\.added)$/.test(String(event.type));
  const after = draft.text.length + draft.reasoning.length + JSON.stringify(draft.toolCalls).length;
  if (after > before && !opensBlock) draft.contentEvents += 1;
}

function readError(body: JsonObject, draft: Draft): void {
  const { error } = body;
  if (asObject(error) !== undefined) draft.error = asObject(error);
  // Cohere's end of a message that failed.
  const failed = asString(asObject(body.delta)?.error);
  if (failed !== undefined) draft.error = { message: failed };
  // Bedrock's are a message and nothing else.
  if (typeof body.message === 'string') draft.error = { message: body.message };
  // Ollama's errors are their text.
  if (typeof error === 'string') draft.error = { message: error };
}

function pushUsage(usage: unknown, draft: Draft): void {
  const object = asObject(usage);
  if (object !== undefined) draft.usages.push(object);
}

function readOpenaiChunk(chunk: JsonObject, draft: Draft): void {
  pushUsage(chunk.usage, draft);
  const choice = asObject(asArray(chunk.choices)[0]);
  if (choice === undefined) return;
  draft.finish = asString(choice.finish_reason) ?? draft.finish;
  readOpenaiMessage(asObject(choice.delta) ?? {}, draft);
}

function readOpenaiMessage(message: JsonObject, draft: Draft): void {
  draft.text += asString(message.content) ?? '';
  draft.reasoning += asString(message.reasoning_content) ?? '';
  for (const [position, call] of asArray(message.tool_calls)
    .map((one) => asObject(one) ?? {})
    .entries()) {
    const index = typeof call.index === 'number' ? call.index : position;
    const called = asObject(call.function) ?? {};
    draft.toolCalls[index] ??= { id: asString(call.id), name: asString(called.name) ?? '', arguments: '' };
    draft.toolCalls[index].arguments += asString(called.arguments) ?? '';
  }
}

function readCohereEvent(event: JsonObject, draft: Draft): void {
  const delta = asObject(event.delta) ?? {};
  if (event.type === 'message-end') {
    if (delta.finish_reason !== 'ERROR') draft.finish = asString(delta.finish_reason) ?? draft.finish;
    if (Object.keys(asObject(delta.usage) ?? {}).length > 0) pushUsage(delta.usage, draft);
    return;
  }
  const message = asObject(delta.message) ?? {};
  const content = asObject(message.content) ?? {};
  draft.text += asString(content.text) ?? '';
  draft.reasoning += (asString(content.thinking) ?? '') + (asString(message.tool_plan) ?? '');
  const call = asObject(message.tool_calls);
  const called = asObject(call?.function) ?? {};
  if (event.type === 'tool-call-start') {
    draft.toolCalls.push({ id: asString(call?.id), name: asString(called.name) ?? '', arguments: '' });
  }
  const last = draft.toolCalls.at(-1);
  if (last !== undefined) last.arguments += asString(called.arguments) ?? '';
}

function readCohereMessage(message: JsonObject, draft: Draft): void {
  for (const part of asArray(message.content).map((one) => asObject(one) ?? {})) {
    draft.text += asString(part.text) ?? '';
    draft.reasoning += asString(part.thinking) ?? '';
  }
  draft.reasoning += asString(message.tool_plan) ?? '';
  for (const call of asArray(message.tool_calls).map((one) => asObject(one) ?? {})) {
    const called = asObject(call.function) ?? {};
    draft.toolCalls.push({
      id: asString(call.id),
      name: asString(called.name) ?? '',
      arguments: asString(called.arguments) ?? '',
    });
  }
}

function readResponse(response: JsonObject, draft: Draft): void {
  pushUsage(response.usage, draft);
  draft.finish = asString(asObject(response.incomplete_details)?.reason) ?? asString(response.status);
  for (const item of asArray(response.output).map((one) => asObject(one) ?? {})) {
    for (const part of asArray(item.content)) draft.text += asString(asObject(part)?.text) ?? '';
    for (const part of asArray(item.summary)) draft.reasoning += asString(asObject(part)?.text) ?? '';
    if (item.type === 'function_call') draft.toolCalls.push(responseCall(item));
  }
}

function responseCall(item: JsonObject): Draft['toolCalls'][number] {
  return { id: asString(item.call_id), name: asString(item.name) ?? '', arguments: asString(item.arguments) ?? '' };
}

/** The last event is the end marker as well. */
function readResponseEvent(event: JsonObject, draft: Draft): void {
  const response = asObject(event.response);
  if (response !== undefined) pushUsage(response.usage, draft);
  const item = asObject(event.item) ?? {};
  const delta = asString(event.delta) ?? '';
  switch (event.type) {
    case 'response.completed':
    case 'response.incomplete':
      draft.finish = asString(asObject(response?.incomplete_details)?.reason) ?? asString(response?.status);
      break;
    case 'response.output_item.added':
      if (item.type === 'function_call') draft.toolCalls.push(responseCall(item));
      break;
    case 'response.output_text.delta':
      draft.text += delta;
      break;
    case 'response.reasoning_summary_text.delta':
      draft.reasoning += delta;
      break;
    case 'response.function_call_arguments.delta': {
      const last = draft.toolCalls.at(-1);
      if (last !== undefined) last.arguments += delta;
    }
  }
}

function readAnthropicEvent(event: JsonObject, draft: Draft): void {
  if (event.type === 'message_stop') draft.done = true;
  if (event.type === 'message_start') pushUsage(asObject(event.message)?.usage, draft);
  if (event.type === 'content_block_start') {
    const block = asObject(event.content_block) ?? {};
    if (block.type === 'tool_use') {
      draft.toolCalls.push({ id: asString(block.id), name: asString(block.name) ?? '', arguments: '' });
    }
  }
  const delta = asObject(event.delta) ?? {};
  if (event.type === 'message_delta') {
    draft.finish = asString(delta.stop_reason) ?? draft.finish;
    pushUsage(event.usage, draft);
  }
  draft.text += asString(delta.text) ?? '';
  draft.reasoning += asString(delta.thinking) ?? '';
  const last = draft.toolCalls.at(-1);
  if (last !== undefined) last.arguments += asString(delta.partial_json) ?? '';
}

function readAnthropicBlock(block: JsonObject, draft: Draft): void {
  draft.text += asString(block.text) ?? '';
  draft.reasoning += asString(block.thinking) ?? '';
  if (block.type === 'tool_use') {
    draft.toolCalls.push({
      id: asString(block.id),
      name: asString(block.name) ?? '',
      arguments: JSON.stringify(block.input),
    });
  }
}

function readGemini(body: JsonObject, draft: Draft): void {
  pushUsage(body.usageMetadata, draft);
  const candidate = asObject(asArray(body.candidates)[0]);
  draft.finish = asString(candidate?.finishReason) ?? draft.finish;
  for (const part of asArray(asObject(candidate?.content)?.parts).map((one) => asObject(one) ?? {})) {
    if (part.thought === true) draft.reasoning += asString(part.text) ?? '';
    else draft.text += asString(part.text) ?? '';
    const call = asObject(part.functionCall);
    if (call !== undefined) {
      draft.toolCalls.push({
        id: asString(call.id),
        name: asString(call.name) ?? '',
        arguments: JSON.stringify(call.args),
      });
    }
  }
}

function readOllama(line: JsonObject, draft: Draft): void {
  const { prompt_eval_count: input, eval_count: output } = line;
  if (input !== undefined) draft.usages.push({ prompt_eval_count: input, eval_count: output });
  draft.finish = asString(line.done_reason) ?? draft.finish;
  const message = asObject(line.message) ?? {};
  draft.text += asString(message.content) ?? '';
  draft.reasoning += asString(message.thinking) ?? '';
  for (const call of asArray(message.tool_calls).map((one) => asObject(one) ?? {})) {
    const called = asObject(call.function) ?? {};
    draft.toolCalls.push({
      id: asString(call.id),
      name: asString(called.name) ?? '',
      arguments: JSON.stringify(called.arguments),
    });
  }
}

/** The payloads of all whole frames, read by AWS's own codec. */
function framePayloads(bytes: Buffer): readonly string[] {
  const codec = new EventStreamCodec((part) => Buffer.from(part).toString('utf8'), Buffer.from);
  const payloads: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    payloads.push(Buffer.from(codec.decode(bytes.subarray(at, end)).body).toString('utf8'));
    at = end;
  }
  return payloads;
}

function readBedrockEvent(event: JsonObject, draft: Draft): void {
  draft.finish = asString(event.stopReason) ?? draft.finish;
  pushUsage(event.usage, draft);
  const started = asObject(asObject(event.start)?.toolUse);
  if (started !== undefined) {
    draft.toolCalls.push({ id: asString(started.toolUseId), name: asString(started.name) ?? '', arguments: '' });
  }
  const delta = asObject(event.delta) ?? {};
  draft.text += asString(delta.text) ?? '';
  draft.reasoning += asString(asObject(delta.reasoningContent)?.text) ?? '';
  const last = draft.toolCalls.at(-1);
  if (last !== undefined) last.arguments += asString(asObject(delta.toolUse)?.input) ?? '';
}

function readBedrockBlock(block: JsonObject, draft: Draft): void {
  draft.text += asString(block.text) ?? '';
  draft.reasoning += asString(asObject(asObject(block.reasoningContent)?.reasoningText)?.text) ?? '';
  const call = asObject(block.toolUse);
  if (call === undefined) return;
  draft.toolCalls.push({
    id: asString(call.toolUseId),
    name: asString(call.name) ?? '',
    arguments: JSON.stringify(call.input),
  });
}
