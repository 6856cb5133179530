import {
  asArray,
  asNumber,
  asObject,
  asString,
  type JsonObject,
  type JsonValue,
  parseObject,
} from '../../core/json.ts';
import type { ChatEvent, Opaque, UpstreamFault } from '../canonical.ts';
import { malformed } from '../malformed-event.ts';
import { closeReasoning, closeToolCall, pushArguments, pushReasoning, pushText } from '../open-blocks.ts';
import { isRunByProvider, kept } from './blocks.ts';
import { structuredAnswerTool } from './structured-answer.ts';
import { dialect, opaque } from './wire.ts';

/** The content blocks under way, by their index on the wire. */
type Block =
  | { readonly kind: 'text'; readonly citations: JsonValue[]; isOpen: boolean }
  | { readonly kind: 'reasoning'; signature: Opaque | undefined; redacted: Buffer[]; isOpen: boolean }
  | { readonly kind: 'tool'; readonly call: number; hasArguments: boolean }
  | { readonly kind: 'answer'; isOpen: boolean }
  /** A block only this dialect knows, as it grows. */
  | { readonly kind: 'kept'; readonly name: string; data: JsonObject; inputText: string };

type BlockOf<Kind extends Block['kind']> = Extract<Block, { readonly kind: Kind }>;

/**
 * Reads `contentBlock...` events. Blocks of text and of reasoning have no start: their first delta opens them. Each method
 * returns the fault of an event that cannot be read.
 */
export class BlockReader {
  readonly #blocks = new Map<number, Block>();
  /** Citations of each text part so far. */
  readonly #citations: (readonly JsonValue[])[] = [];
  #toolCalls = 0;

  /** Tool calls so far: they are numbered apart from the other blocks. */
  get toolCallCount(): number {
    return this.#toolCalls;
  }

  start(body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    const index = asNumber(body.contentBlockIndex);
    if (index === undefined) return malformed('contentBlockStart has no index');
    const start = asObject(body.start) ?? {};
    const [name] = Object.keys(start);
    const content = name === undefined ? undefined : asObject(start[name]);
    if (name === undefined || content === undefined) return undefined;
    const block = this.#open(name, content, out);
    if (block === undefined) return malformed('contentBlockStart lacks what its kind needs');
    this.#blocks.set(index, block);
    return undefined;
  }

  continue(body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    const index = asNumber(body.contentBlockIndex);
    const delta = asObject(body.delta);
    if (index === undefined || delta === undefined) return malformed('a delta belongs to no block');
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = opened(delta);
      this.#blocks.set(index, block);
    }
    extend(block, delta, out);
    return undefined;
  }

  stop(body: JsonObject, out: ChatEvent[]): void {
    const index = asNumber(body.contentBlockIndex) ?? -1;
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    switch (block?.kind) {
      case 'text':
        this.#closeText(block, out);
        return;
      case 'reasoning':
        closeWithRedacted(block, out);
        return;
      case 'tool':
        closeToolCall(block, '{}', out);
        return;
      case 'answer':
        if (block.isOpen) out.push({ type: 'part-end', choice: 0 });
        return;
      case 'kept':
        out.push({ type: 'extension-part', choice: 0, part: kept({ [block.name]: keptWhole(block) }) });
        return;
      default:
        return;
    }
  }

  /** The message is over, and with it whatever was left open. */
  end(out: ChatEvent[]): void {
    for (const index of [...this.#blocks.keys()]) this.stop({ contentBlockIndex: index }, out);
  }

  #open(name: string, content: JsonObject, out: ChatEvent[]): Block | undefined {
    if (name !== 'toolUse' || isRunByProvider(content)) return { kind: 'kept', name, data: content, inputText: '' };
    const id = asString(content.toolUseId);
    const tool = asString(content.name);
    if (id === undefined || tool === undefined) return undefined;
    if (tool === structuredAnswerTool) return { kind: 'answer', isOpen: false };
    const call = this.#toolCalls++;
    out.push({ type: 'tool-call-start', choice: 0, index: call, id, name: tool });
    return { kind: 'tool', call, hasArguments: false };
  }

  /** Sources without a text are a part of their own. */
  #closeText({ isOpen, citations }: BlockOf<'text'>, out: ChatEvent[]): void {
    if (!isOpen) {
      if (citations.length > 0)
        out.push({ type: 'extension-part', choice: 0, part: kept({ citationsContent: { citations } }) });
      return;
    }
    this.#citations.push(citations);
    if (citations.length > 0) {
      out.push({ type: 'extension', choice: 0, dialect, data: { citations: [...this.#citations] } });
    }
    out.push({ type: 'part-end', choice: 0 });
  }
}

function opened(delta: JsonObject): Block {
  if (delta.reasoningContent !== undefined)
    return { kind: 'reasoning', signature: undefined, redacted: [], isOpen: false };
  const [name = ''] = Object.keys(delta);
  return name === 'text' || name === 'citation'
    ? { kind: 'text', citations: [], isOpen: false }
    : { kind: 'kept', name, data: {}, inputText: '' };
}

function extend(block: Block, delta: JsonObject, out: ChatEvent[]): void {
  switch (block.kind) {
    case 'text':
      if (delta.citation != null) block.citations.push(delta.citation);
      pushText(block, delta.text, out);
      return;
    case 'reasoning':
      extendReasoning(block, asObject(delta.reasoningContent) ?? {}, out);
      return;
    case 'tool':
      pushArguments(block, asObject(delta.toolUse)?.input, out);
      return;
    case 'answer':
      pushText(block, asObject(delta.toolUse)?.input, out);
      return;
    case 'kept':
      grow(block, delta);
  }
}

function extendReasoning(block: BlockOf<'reasoning'>, content: JsonObject, out: ChatEvent[]): void {
  const { text, redactedContent } = content;
  block.signature = opaque(content.signature) ?? block.signature;
  if (typeof redactedContent === 'string') block.redacted.push(Buffer.from(redactedContent, 'base64'));
  pushReasoning(block, text, out);
}

/** Beside the text there may be bytes nobody but the model's vendor can read. */
function closeWithRedacted(block: BlockOf<'reasoning'>, out: ChatEvent[]): void {
  closeReasoning(block, out);
  const redacted = opaque(Buffer.concat(block.redacted).toString('base64'));
  if (redacted !== undefined) out.push({ type: 'reasoning-redacted', choice: 0, redacted });
}

/** Input arrives as fragments of JSON, results as pieces of their content, everything else replaces what was. */
function grow(block: BlockOf<'kept'>, delta: JsonObject): void {
  const value = delta[block.name];
  if (Array.isArray(value)) {
    block.data = { ...block.data, content: [...asArray(block.data.content), ...asArray(value)] };
    return;
  }
  const { input, ...rest } = asObject(value) ?? {};
  if (typeof input === 'string') block.inputText += input;
  block.data = { ...block.data, ...rest };
}

/** The block as the whole answer would have it. */
function keptWhole({ name, data, inputText }: BlockOf<'kept'>): JsonObject {
  return name === 'toolUse' ? { ...data, input: parseObject(inputText) ?? {} } : data;
}
