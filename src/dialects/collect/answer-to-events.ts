import type { DialectName } from '../../core/dialect-name.ts';
import { isJsonObject } from '../../core/json.ts';
import type { ChatAnswer, ChatEvent, Choice, Extensions, Part } from '../canonical.ts';

const dialectNames: readonly DialectName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere-chat',
  'ollama-chat',
  'plain-chat',
];

/**
 * A whole answer as the stream it could have been: one delta per part, choices one after another. Inverse of
 * `collectEvents`, except for what no event carries: `extensions` of single parts, and logprobs that are no object.
 */
export function answerToEvents(answer: ChatAnswer): ChatEvent[] {
  const { id, model, created, usage } = answer;
  return [
    created === undefined ? { type: 'start', id, model } : { type: 'start', id, model, created },
    ...answer.choices.flatMap(choiceToEvents),
    ...extensionEvents(answer.extensions),
    ...(usage === undefined ? [] : [{ type: 'usage', usage } satisfies ChatEvent]),
    { type: 'done' },
  ];
}

function choiceToEvents(choice: Choice): ChatEvent[] {
  let calls = 0;
  const parts = choice.parts.flatMap((part) =>
    part.type === 'tool-call' ? toolCallEvents(part, choice.index, calls++) : partEvents(part, choice.index),
  );
  return [
    // Before the parts they may be about: what begins with an id of its own has to know it.
    ...extensionEvents(choice.extensions, choice.index),
    ...parts,
    ...(isJsonObject(choice.logprobs)
      ? [{ type: 'logprobs', choice: choice.index, logprobs: choice.logprobs } satisfies ChatEvent]
      : []),
    {
      type: 'finish',
      choice: choice.index,
      reason: choice.finishReason,
      ...(choice.rawFinishReason !== undefined && { rawReason: choice.rawFinishReason }),
      ...(choice.stopSequence !== undefined && { stopSequence: choice.stopSequence }),
    },
  ];
}

function partEvents(part: Part, choice: number): ChatEvent[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text-delta', choice, text: part.text }, partEnd(part, choice)];
    case 'refusal':
      return [{ type: 'refusal-delta', choice, text: part.text }, partEnd(part, choice)];
    case 'reasoning':
      return part.redacted !== undefined
        ? [{ type: 'reasoning-redacted', choice, redacted: part.redacted }]
        : [{ type: 'reasoning-delta', choice, text: part.text }, partEnd(part, choice)];
    case 'extension':
      return [{ type: 'extension-part', choice, part }];
    default:
      // Images, files, audio and tool results stand in requests only.
      return [];
  }
}

function partEnd(part: Part, choice: number): ChatEvent {
  return 'signature' in part && part.signature !== undefined
    ? { type: 'part-end', choice, signature: part.signature }
    : { type: 'part-end', choice };
}

function toolCallEvents(part: Extract<Part, { type: 'tool-call' }>, choice: number, index: number): ChatEvent[] {
  const { id, name, signature } = part;
  return [
    { type: 'tool-call-start', choice, index, id, name, ...(signature !== undefined && { signature }) },
    { type: 'tool-call-delta', choice, index, arguments: part.arguments },
    { type: 'tool-call-end', choice, index },
  ];
}

function extensionEvents(extensions: Extensions | undefined, choice?: number): ChatEvent[] {
  return dialectNames.flatMap((dialect): ChatEvent[] => {
    const data = extensions?.[dialect];
    if (data === undefined) return [];
    return [choice === undefined ? { type: 'extension', dialect, data } : { type: 'extension', choice, dialect, data }];
  });
}
