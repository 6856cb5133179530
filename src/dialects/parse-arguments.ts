import { type JsonObject, parseObject } from '../core/json.ts';
import { hasText } from './has-text.ts';

/**
 * The arguments of a tool call as an object, for APIs that take no text. Nothing for those that broke off or are no object:
 * completing them would show the model, or make a caller run, a call that was never written (a path or a command cut
 * short).
 */
export function parseArguments(text: string): JsonObject | undefined {
  return hasText(text) ? parseObject(text) : {};
}

/** As `parseArguments`, for requests: lost arguments become `{}` and are reported as dropped. */
export function encodeArguments(text: string, dropped: Set<string>): JsonObject {
  const parsed = parseArguments(text);
  if (parsed === undefined) dropped.add('tool_calls.function.arguments');
  return parsed ?? {};
}
