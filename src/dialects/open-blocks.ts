import type { JsonValue } from '../core/json.ts';
import type { ChatEvent, Opaque } from './canonical.ts';

/*
 * Content blocks under way in a stream that numbers its blocks. What is no text, or none of it, adds nothing to them.
 */

/** A text, or a reasoning, which opens with its first words. */
export interface OpenText {
  isOpen: boolean;
}

export interface OpenReasoning extends OpenText {
  readonly signature: Opaque | undefined;
}

export interface OpenCall {
  /** Place among the tool calls. */
  readonly call: number;
  hasArguments: boolean;
}

export function pushText(block: OpenText, text: JsonValue | undefined, out: ChatEvent[]): void {
  if (typeof text !== 'string' || text === '') return;
  block.isOpen = true;
  out.push({ type: 'text-delta', choice: 0, text });
}

export function pushReasoning(block: OpenReasoning, text: JsonValue | undefined, out: ChatEvent[]): void {
  if (typeof text !== 'string' || text === '') return;
  block.isOpen = true;
  out.push({ type: 'reasoning-delta', choice: 0, text });
}

/** Reasoning that is not shown is an empty text with a signature. */
export function closeReasoning({ isOpen, signature }: OpenReasoning, out: ChatEvent[]): void {
  if (!isOpen && signature === undefined) return;
  if (!isOpen) out.push({ type: 'reasoning-delta', choice: 0, text: '' });
  out.push(signature === undefined ? { type: 'part-end', choice: 0 } : { type: 'part-end', choice: 0, signature });
}

export function pushArguments(block: OpenCall, text: JsonValue | undefined, out: ChatEvent[]): void {
  if (typeof text !== 'string' || text === '') return;
  block.hasArguments = true;
  out.push({ type: 'tool-call-delta', choice: 0, index: block.call, arguments: text });
}

/** @param placeholder the arguments of a call without any, which has only empty fragments */
export function closeToolCall({ call, hasArguments }: OpenCall, placeholder: string, out: ChatEvent[]): void {
  if (!hasArguments) out.push({ type: 'tool-call-delta', choice: 0, index: call, arguments: placeholder });
  out.push({ type: 'tool-call-end', choice: 0, index: call });
}
