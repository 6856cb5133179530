import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { wireEvents } from './corpus.ts';
import { isCount, tryParse } from './grammar-values.ts';

/*
 * What a stream of messages must be like for Anthropic's clients, by its reference:
 * https://platform.claude.com/docs/en/build-with-claude/streaming, https://platform.claude.com/docs/en/api/messages,
 * https://platform.claude.com/docs/en/agents-and-tools/mcp-connector
 */

const stopReasons: ReadonlySet<unknown> = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]);

/** Which deltas a block takes. Those that are not here come whole. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  mcp_tool_use: ['input_json_delta'],
};

/** What a delta carries, and that it is a text. */
const textOf: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
};

/** Everything in a stream of messages that a client may stumble over; empty when it is right. */
export function messageStreamProblems(stream: string): string[] {
  return new MessageReader().read(stream);
}

interface OpenBlock {
  readonly type: string;
  json: string;
  isSigned: boolean;
}

class MessageReader {
  readonly #problems: string[] = [];
  #place: 'start' | 'blocks' | 'ending' | 'end' = 'start';
  #blocks = 0;
  #open: OpenBlock | undefined;
  #inputs: string[] = [];
  #stopReason: JsonValue | undefined;

  read(stream: string): string[] {
    for (const { event, data } of wireEvents([Buffer.from(stream)])) {
      const body = asObject(tryParse(data));
      this.#expect(body !== undefined, 'every event has a JSON object');
      this.#expect(body?.type === event, 'an event is called by its type');
      this.#event(body ?? {});
    }
    this.#expect(this.#place === 'end', 'the last event is message_stop');
    this.#expect(this.#stopReason !== 'tool_use' || this.#inputs.length > 0, 'tool_use ends a message with a call');
    return this.#problems;
  }

  #expect(holds: boolean, rule: string): void {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  }

  #event(body: JsonObject): void {
    this.#expect(this.#place !== 'end', 'nothing follows message_stop');
    switch (body.type) {
      case 'message_start':
        this.#expect(this.#place === 'start', 'message_start comes first, and once');
        this.#start(asObject(body.message) ?? {});
        this.#place = 'blocks';
        return;
      case 'content_block_start':
        this.#startBlock(body);
        return;
      case 'content_block_delta':
        this.#delta(body);
        return;
      case 'content_block_stop':
        this.#inBlock(body);
        this.#stopBlock();
        return;
      case 'message_delta':
        this.#expect(this.#place === 'blocks' || this.#place === 'ending', 'message_delta follows the blocks');
        this.#expect(this.#open === undefined, 'blocks end before their message');
        this.#end(body);
        this.#place = 'ending';
        return;
      case 'message_stop':
        this.#expect(this.#place === 'ending', 'message_stop follows message_delta');
        this.#expect(stopReasons.has(this.#stopReason), 'the stop reason is a known one');
        this.#place = 'end';
        return;
      case 'ping':
        this.#expect(this.#place !== 'start', 'pings come after the start');
        return;
      default:
        this.#expect(false, `there is no event called ${String(body.type)}`);
    }
  }

  #start(message: JsonObject): void {
    const { id, type, role, model, content, usage } = message;
    this.#expect(Boolean(asString(id)) && Boolean(asString(model)), 'the message has an id and a model');
    this.#expect(type === 'message' && role === 'assistant', 'the message is the assistant\u0027s');
    this.#expect(Array.isArray(content) && asArray(content).length === 0, 'a message begins empty');
    this.#expect(message.stop_reason === null && message.stop_sequence === null, 'a message begins without an end');
    const { input_tokens: input, output_tokens: output } = asObject(usage) ?? {};
    this.#expect(isCount(input) && isCount(output), 'a message begins with counts');
  }

  #startBlock({ index, content_block: given }: JsonObject): void {
    const block = asObject(given) ?? {};
    const type = asString(block.type) ?? '';
    this.#expect(this.#place === 'blocks' && this.#open === undefined, 'blocks come one after another');
    this.#expect(index === this.#blocks, 'blocks are numbered from 0');
    this.#expect(this.#beginsRight(type, block), `a block of ${type} has what it needs, and no content yet`);
    this.#open = { type, json: '', isSigned: false };
  }

  #beginsRight(type: string, block: JsonObject): boolean {
    switch (type) {
      case 'text':
        return block.text === '';
      case 'thinking':
        return block.thinking === '' && block.signature === '';
      case 'redacted_thinking':
        return Boolean(asString(block.data));
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        return Boolean(asString(block.id)) && Boolean(asString(block.name)) && JSON.stringify(block.input) === '{}';
      case 'container_upload':
        return Boolean(asString(block.file_id));
      default:
        return type.endsWith('_tool_result') && Boolean(asString(block.tool_use_id)) && block.content !== undefined;
    }
  }

  #inBlock({ index }: JsonObject): void {
    this.#expect(this.#open !== undefined && index === this.#blocks, 'deltas and stops belong to the open block');
  }

  #delta(body: JsonObject): void {
    this.#inBlock(body);
    const delta = asObject(body.delta) ?? {};
    const type = asString(delta.type) ?? '';
    const text = delta[textOf[type] ?? ''];
    const open = this.#open;
    if (open === undefined) return;
    this.#expect(deltasOf[open.type]?.includes(type) === true, `${type} is a delta of ${open.type}`);
    if (type === 'citations_delta') this.#expect(asObject(delta.citation) !== undefined, 'a citation is an object');
    else this.#expect(typeof text === 'string', `${type} carries a text`);
    this.#expect(!open.isSigned, 'the signature comes last in its block');
    if (type === 'input_json_delta') open.json += String(text);
    if (type === 'signature_delta') {
      this.#expect(text !== '', 'a signature says something');
      open.isSigned = true;
    }
  }

  #stopBlock(): void {
    if (this.#open?.type === 'tool_use') this.#inputs.push(this.#open.json);
    this.#open = undefined;
    this.#blocks += 1;
  }

  #end({ delta, usage }: JsonObject): void {
    const { stop_reason: reason, stop_sequence: sequence } = asObject(delta) ?? {};
    const counts = asObject(usage) ?? {};
    this.#expect(reason === null || stopReasons.has(reason), 'the stop reason is a known one');
    this.#expect(sequence === null || typeof sequence === 'string', 'the stop sequence is a text or null');
    this.#expect(typeof sequence !== 'string' || reason === 'stop_sequence', 'only stop_sequence names one');
    this.#expect(isCount(counts.output_tokens), 'usage counts the output');
    for (const key of ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens']) {
      this.#expect(counts[key] === undefined || counts[key] === null || isCount(counts[key]), `${key} is a count`);
    }
    this.#stopReason = reason ?? this.#stopReason;
    if (reason !== 'tool_use') return;
    // An answer that was cut short may break off inside.
    const whole = this.#inputs.every((input) => input === '' || asObject(tryParse(input)) !== undefined);
    this.#expect(whole, 'the input of a call adds up to a JSON object');
  }
}
