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
import { isProgram } from './response.ts';
import { dialect, opaque } from './wire.ts';

/** The content blocks under way, by their index on the wire. */
type Block =
  | { readonly kind: 'text'; readonly citations: JsonValue[]; isOpen: boolean }
  | { readonly kind: 'thinking'; signature: Opaque | undefined; isOpen: boolean }
  | { readonly kind: 'tool'; readonly call: number; readonly input: JsonObject | undefined; hasArguments: boolean }
  | { readonly kind: 'kept'; data: JsonObject; inputText: string }
  | { readonly kind: 'whole' };

type BlockOf<Kind extends Block['kind']> = Extract<Block, { readonly kind: Kind }>;

/** Reads `content_block_*` events. Each method returns the fault of an event that cannot be read. */
export class BlockReader {
  readonly #blocks = new Map<number, Block>();
  /** Citations of each text part so far. */
  readonly #citations: (readonly JsonValue[])[] = [];
  /** The `caller` of tool calls that a program made, by their ids. */
  #callers: JsonObject = {};
  #toolCalls = 0;

  /** Tool calls so far: they are numbered apart from the other blocks. */
  get toolCallCount(): number {
    return this.#toolCalls;
  }

  start(body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    const index = asNumber(body.index);
    const block = asObject(body.content_block);
    const opened = block && this.#open(block, out);
    if (index === undefined || opened === undefined) return malformed('content_block_start lacks what its type needs');
    this.#blocks.set(index, opened);
    return undefined;
  }

  continue(body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    const block = this.#blocks.get(asNumber(body.index) ?? -1);
    const delta = asObject(body.delta);
    if (block === undefined || delta === undefined) return malformed('a delta belongs to no open block');
    switch (block.kind) {
      case 'text':
        if (delta.type === 'citations_delta' && delta.citation != null) block.citations.push(delta.citation);
        else pushText(block, delta.text, out);
        break;
      case 'thinking':
        if (delta.type === 'signature_delta') block.signature = opaque(delta.signature);
        else pushReasoning(block, delta.thinking, out);
        break;
      case 'tool':
        pushArguments(block, delta.partial_json, out);
        break;
      case 'kept':
        if (typeof delta.partial_json === 'string') block.inputText += delta.partial_json;
        else block.data = grown(block.data, delta);
        break;
      case 'whole':
        break;
    }
    return undefined;
  }

  stop(body: JsonObject, out: ChatEvent[]): void {
    const index = asNumber(body.index) ?? -1;
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    switch (block?.kind) {
      case 'text':
        this.#closeText(block, out);
        return;
      case 'thinking':
        closeReasoning(block, out);
        return;
      case 'tool':
        // The `input` of its start stands for arguments that never came.
        closeToolCall(block, JSON.stringify(block.input ?? {}), out);
        return;
      case 'kept':
        out.push({ type: 'extension-part', choice: 0, part: { type: 'extension', dialect, data: keptWhole(block) } });
        return;
      default:
        return;
    }
  }

  #open(block: JsonObject, out: ChatEvent[]): Block | undefined {
    switch (block.type) {
      case 'text': {
        const opened: Block = { kind: 'text', citations: [...asArray(block.citations)], isOpen: false };
        pushText(opened, block.text, out);
        return opened;
      }
      case 'thinking': {
        const opened: Block = { kind: 'thinking', signature: opaque(block.signature), isOpen: false };
        pushReasoning(opened, block.thinking, out);
        return opened;
      }
      case 'redacted_thinking': {
        const redacted = opaque(block.data);
        if (redacted !== undefined) out.push({ type: 'reasoning-redacted', choice: 0, redacted });
        return { kind: 'whole' };
      }
      case 'tool_use':
        return this.#openToolCall(block, out);
      default:
        return typeof block.type === 'string' ? { kind: 'kept', data: block, inputText: '' } : undefined;
    }
  }

  #openToolCall(block: JsonObject, out: ChatEvent[]): Block | undefined {
    const id = asString(block.id);
    const name = asString(block.name);
    if (id === undefined || name === undefined) return undefined;
    const call = this.#toolCalls++;
    if (isProgram(block.caller)) {
      this.#callers = { ...this.#callers, [id]: block.caller };
      out.push({ type: 'extension', choice: 0, dialect, data: { callers: this.#callers } });
    }
    out.push({ type: 'tool-call-start', choice: 0, index: call, id, name });
    return { kind: 'tool', call, input: asObject(block.input), hasArguments: false };
  }

  #closeText(block: BlockOf<'text'>, out: ChatEvent[]): void {
    if (!block.isOpen) return;
    this.#citations.push(block.citations);
    if (block.citations.length > 0) {
      out.push({ type: 'extension', choice: 0, dialect, data: { citations: [...this.#citations] } });
    }
    out.push({ type: 'part-end', choice: 0 });
  }
}

/** A block only this dialect knows, as the whole answer would have it: its input arrives as fragments of JSON. */
function keptWhole({ data, inputText }: BlockOf<'kept'>): JsonObject {
  return inputText === '' ? data : { ...data, input: parseObject(inputText) ?? {} };
}

/** The block with what a delta adds: text is appended, anything else replaced. */
function grown(data: JsonObject, delta: JsonObject): JsonObject {
  const changes = Object.entries(delta).filter(([key]) => key !== 'type');
  const added = changes.map(([key, value]): [string, JsonValue | undefined] => {
    const before = data[key];
    return [key, typeof before === 'string' && typeof value === 'string' ? before + value : value];
  });
  return { ...data, ...Object.fromEntries(added) };
}
