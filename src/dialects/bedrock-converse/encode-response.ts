import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part } from '../canonical.ts';
import type { ReplyContext } from '../dialect.ts';
import { parseArguments } from '../parse-arguments.ts';
import { encodeStopReason } from './finish-reason.ts';
import { encodeUsage } from './usage.ts';
import { dialect, ownValue } from './wire.ts';

const noUsage = { inputTokens: 0, outputTokens: 0 };

/**
 * The first choice as a message: the API knows no more than one.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax
 */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const choice = answer.choices[0];
  const { usage, ...fields } = answer.extensions?.[dialect] ?? {};
  return {
    output: { message: { role: 'assistant', content: choice === undefined ? [] : encodeContent(choice) } },
    stopReason: encodeEnd(choice),
    usage: { ...encodeUsage(answer.usage ?? noUsage), ...asObject(usage) },
    metrics: { latencyMs: latencyOf(reply) },
    ...fields,
  };
}

/** Milliseconds since the call arrived: clients demand a number. */
export function latencyOf({ served }: ReplyContext): number {
  return served === undefined ? 0 : Math.round(served.elapsed());
}

function encodeEnd(choice: Choice | undefined): string {
  return (
    asString(choice?.extensions?.[dialect]?.stopReason) ??
    encodeStopReason({
      reason: choice?.finishReason ?? 'stop',
      rawReason: choice?.rawFinishReason,
      stopSequence: choice?.stopSequence,
    })
  );
}

function encodeContent({ parts, extensions }: Choice): JsonObject[] {
  const citations = asArray(extensions?.[dialect]?.citations);
  const content: JsonObject[] = [];
  let texts = 0;
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') content.push(textBlock(part.text, asArray(citations[texts++])));
    } else {
      const block = encodePart(part);
      if (block !== undefined) content.push(block);
    }
  }
  return content;
}

function textBlock(text: string, citations: readonly JsonValue[]): JsonObject {
  return citations.length === 0 ? { text } : { citationsContent: { content: [{ text }], citations } };
}

/** Reasoning of other providers is shown without a signature, and without one nobody takes it back. */
function encodePart(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning': {
      const redactedContent = ownValue(part.redacted);
      if (redactedContent !== undefined) return { reasoningContent: { redactedContent } };
      if (part.redacted !== undefined) return undefined;
      const signature = ownValue(part.signature);
      return {
        reasoningContent: { reasoningText: { text: part.text, ...(signature !== undefined && { signature }) } },
      };
    }
    case 'tool-call':
      return { toolUse: { toolUseId: part.id, name: part.name, input: parseArguments(part.arguments) ?? {} } };
    case 'refusal':
      return part.text === '' ? undefined : { text: part.text };
    case 'extension':
      return part.dialect === dialect ? part.data : undefined;
    default:
      // Images, files, audio and tool results stand in requests only.
      return undefined;
  }
}
