import { asArray, asNumber, asObject, type JsonObject } from '../../src/core/json.ts';
import { awsEventStream } from '../../src/wire/aws-event-stream-framing.ts';
import { wireEvents } from './corpus.ts';

/*
 * What a stream of Converse must be like for the clients of Bedrock.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */

const stopReasons: ReadonlySet<unknown> = new Set([
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'guardrail_intervened',
  'content_filtered',
  'malformed_model_output',
  'malformed_tool_use',
  'model_context_window_exceeded',
]);

/** Members of each union, of which exactly one is given. */
const starts: ReadonlySet<string> = new Set(['toolUse', 'toolResult', 'image']);
const deltas: ReadonlySet<string> = new Set(['text', 'toolUse', 'toolResult', 'reasoningContent', 'citation', 'image']);
const reasoning: ReadonlySet<string> = new Set(['text', 'signature', 'redactedContent']);

/** Everything in a stream that a client may stumble over; empty when it is right. */
export function streamProblems(stream: Uint8Array): string[] {
  return new StreamGrammar().read(stream);
}

class StreamGrammar {
  readonly #problems: string[] = [];
  #place: 'start' | 'blocks' | 'metadata' | 'end' = 'start';
  /** Blocks that have ended. */
  #blocks = 0;
  /** What the open block is made of. */
  #open: string | undefined;
  #started = false;

  read(stream: Uint8Array): string[] {
    for (const { event, data } of wireEvents([stream], awsEventStream)) {
      this.#event(event, asObject(JSON.parse(data)) ?? {});
    }
    this.#expect(this.#place === 'end', 'the last frame is metadata');
    return this.#problems;
  }

  #expect(holds: boolean, rule: string): void {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  }

  #event(event: string | undefined, body: JsonObject): void {
    switch (event) {
      case 'messageStart':
        this.#expect(this.#place === 'start', 'messageStart comes first, and once');
        this.#expect(body.role === 'assistant', 'the role is assistant');
        this.#place = 'blocks';
        return;
      case 'contentBlockStart':
        this.#startBlock(body);
        return;
      case 'contentBlockDelta':
        this.#delta(body);
        return;
      case 'contentBlockStop':
        this.#inBlocks(body);
        this.#expect(this.#started, 'only a block that began ends');
        this.#blocks += 1;
        this.#started = false;
        this.#open = undefined;
        return;
      case 'messageStop':
        this.#expect(this.#place === 'blocks' && !this.#started, 'messageStop follows the last block');
        this.#expect(stopReasons.has(body.stopReason), 'the stop reason is a known one');
        this.#place = 'metadata';
        return;
      case 'metadata':
        this.#expect(this.#place === 'metadata', 'metadata follows messageStop');
        this.#metadata(body);
        this.#place = 'end';
        return;
      default:
        this.#expect(false, `${event} is an event of the API`);
    }
  }

  #inBlocks(body: JsonObject): void {
    this.#expect(this.#place === 'blocks', 'blocks stand between messageStart and messageStop');
    this.#expect(body.contentBlockIndex === this.#blocks, 'blocks come one after another, numbered from 0');
  }

  #startBlock(body: JsonObject): void {
    this.#inBlocks(body);
    const kind = this.#member(asObject(body.start), starts, 'a start');
    this.#expect(!this.#started, 'a block begins when the one before has ended');
    const content = asObject(asObject(body.start)?.[kind]) ?? {};
    if (kind === 'toolUse') {
      this.#expect(typeof content.toolUseId === 'string' && content.toolUseId !== '', 'a call has an id');
      this.#expect(typeof content.name === 'string' && content.name !== '', 'a call has a name');
    }
    this.#started = true;
    this.#open = kind;
  }

  #delta(body: JsonObject): void {
    this.#inBlocks(body);
    const delta = asObject(body.delta) ?? {};
    const kind = this.#member(delta, deltas, 'a delta');
    const made = kind === 'citation' ? 'text' : kind;
    this.#expect(this.#started || !starts.has(kind), 'a block of tools begins with its start');
    this.#expect(this.#open === undefined || this.#open === made, 'the deltas of a block are of one kind');
    this.#open = made;
    this.#started = true;
    if (kind === 'text') this.#expect(typeof delta.text === 'string' && delta.text !== '', 'text says something');
    if (kind === 'toolUse') this.#expect(typeof asObject(delta.toolUse)?.input === 'string', 'input is text');
    if (kind === 'toolResult') this.#expect(asArray(delta.toolResult).length > 0, 'a result says something');
    if (kind === 'reasoningContent') this.#member(asObject(delta.reasoningContent), reasoning, 'reasoning');
  }

  /** The one member of a union. */
  #member(union: JsonObject | undefined, known: ReadonlySet<string>, what: string): string {
    const keys = Object.keys(union ?? {});
    this.#expect(keys.length === 1 && known.has(keys[0] ?? ''), `${what} has exactly one known member`);
    return keys[0] ?? '';
  }

  #metadata({ usage, metrics }: JsonObject): void {
    const counts = asObject(usage) ?? {};
    const number = (key: string): number => asNumber(counts[key]) ?? 0;
    const known = ['inputTokens', 'outputTokens', 'totalTokens'].every((key) => Number.isSafeInteger(counts[key]));
    const sum =
      number('inputTokens') + number('outputTokens') + number('cacheReadInputTokens') + number('cacheWriteInputTokens');
    this.#expect(known && number('totalTokens') === sum, 'usage has counts that add up');
    this.#expect(Number.isSafeInteger(asObject(metrics)?.latencyMs), 'metrics have the latency');
  }
}
