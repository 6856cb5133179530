import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part } from '../canonical.ts';
import type { ReplyContext } from '../dialect.ts';
import { parseArguments } from '../parse-arguments.ts';
import { encodeStopReason } from './finish-reason.ts';
import { encodeUsage } from './usage.ts';
import { dialect, ownValue } from './wire.ts';

const noUsage = { inputTokens: 0, outputTokens: 0 };

/**
 * The first choice as a message: the API knows no more than one.
 * https://platform.claude.com/docs/en/api/messages/create
 */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const choice = answer.choices[0];
  const { usage, ...fields } = answer.extensions?.[dialect] ?? {};
  const refusal = choice === undefined ? '' : refusalOf(choice);
  return {
    id: answer.id === '' ? reply.fallbackId : answer.id,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: choice === undefined ? [] : encodeContent(choice),
    ...encodeEnd(choice, refusal),
    ...(refusal !== '' && { stop_details: refusalDetails(refusal) }),
    ...fields,
    usage: { ...encodeUsage(answer.usage ?? noUsage), ...asObject(usage) },
  };
}

function encodeEnd(choice: Choice | undefined, refusal: string): JsonObject {
  const unknown = asString(choice?.extensions?.[dialect]?.stop_reason);
  return {
    stop_reason:
      unknown ??
      encodeStopReason({
        reason: choice?.finishReason ?? 'stop',
        rawReason: choice?.rawFinishReason,
        stopSequence: choice?.stopSequence,
        refusal,
      }),
    stop_sequence: choice?.stopSequence ?? null,
  };
}

/** The API's own place for the text of a refusal; a `stop_details` that came from the API wins over it. */
export function refusalDetails(explanation: string): JsonObject {
  return { type: 'refusal', category: null, explanation };
}

function refusalOf({ parts }: Choice): string {
  return parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
}

function encodeContent({ parts, extensions }: Choice): JsonObject[] {
  const own = extensions?.[dialect];
  const citations = asArray(own?.citations);
  const callers = asObject(own?.callers);
  const content: JsonObject[] = [];
  let texts = 0;
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') content.push(textBlock(part.text, asArray(citations[texts++])));
    } else {
      const block = encodePart(part, callers);
      if (block !== undefined) content.push(block);
    }
  }
  return content;
}

function textBlock(text: string, citations: readonly unknown[]): JsonObject {
  return citations.length === 0 ? { type: 'text', text } : { type: 'text', text, citations: asArray(citations) };
}

/** Thinking of other providers is shown without a signature; the API does not take it back. */
function encodePart(part: Part, callers: JsonObject | undefined): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning': {
      const data = ownValue(part.redacted);
      if (data !== undefined) return { type: 'redacted_thinking', data };
      if (part.redacted !== undefined) return undefined;
      return { type: 'thinking', thinking: part.text, signature: ownValue(part.signature) ?? '' };
    }
    case 'tool-call': {
      const caller = callers?.[part.id];
      const input = parseArguments(part.arguments) ?? {};
      return { type: 'tool_use', id: part.id, name: part.name, input, ...(caller !== undefined && { caller }) };
    }
    case 'extension':
      return part.dialect === dialect ? part.data : undefined;
    default:
      // Refusals go into stop_details; images, files, audio and tool results stand in requests only.
      return undefined;
  }
}
