import { isJsonObject } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerFinish, AnswerToolCall, Prompt, UsageMode } from './prompt.ts';
import { words } from './prompt.ts';
import { sampleSchema } from './sample-schema.ts';
import type { ScriptedAnswer } from './script.ts';
import { findToolCalls, type PlannedToolCall } from './triggers.ts';

/** Private-use character that the transport replaces by three bytes of invalid UTF-8 (it has three itself). */
export const invalidUtf8Marker = '\ue0ff';

export interface Composition {
  readonly prompt: Prompt;
  /** What to say in place of the built-in answer. */
  readonly script?: ScriptedAnswer | undefined;
  /** The built-in text for a question. */
  readonly speak: (prompt: Prompt) => string;
  /** Words a built-in text has at least. */
  readonly minimumWords: number;
  /** What `max_tokens` means to this provider: a limit, or nothing. */
  readonly limit: 'obeyed' | 'ignored';
  readonly usageMode: UsageMode;
  /** Whether the text holds a place of invalid UTF-8. */
  readonly text: 'valid' | 'invalid-utf8';
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** What a healthy provider says to a prompt. */
export function composeAnswer(composition: Composition): Answer {
  const { prompt, script } = composition;
  const count = script === undefined ? prompt.choiceCount : 1;
  const choices = Array.from({ length: count }, () => composeChoice(composition));
  const reasoning = sum(choices.map((choice) => choice.reasoning.length)) + hiddenReasoning(prompt);
  return {
    id: composition.newId(),
    model: prompt.model,
    created: Math.floor(composition.wallTime / 1000),
    choices,
    usage: {
      input: script?.usage?.input ?? prompt.inputTokens,
      output: script?.usage?.output ?? sum(choices.map(visibleTokens)) + reasoning,
      reasoning: script?.usage?.reasoning ?? reasoning,
      cacheRead: script?.usage?.cacheRead ?? 0,
    },
    usageMode: composition.usageMode,
  };
}

function composeChoice(composition: Composition): AnswerChoice {
  const { prompt, script } = composition;
  const planned = script === undefined ? findToolCalls(prompt) : (script.toolCalls ?? []);
  const toolCalls = planned.map((call) => toolCall(call, composition));
  const reasoning = words(script === undefined ? builtInReasoning(prompt) : (script.reasoning ?? ''));
  const said = script === undefined ? builtInText(composition, planned) : scriptedText(script);
  const text = composition.text === 'valid' ? said : damage(said);
  const natural = script?.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
  const whole = stopAtSequence({ reasoning, text, toolCalls, finish: natural, stopSequence: undefined }, prompt.stop);
  return limitTokens(whole, composition);
}

function builtInText(composition: Composition, planned: readonly PlannedToolCall[]): readonly string[] {
  return planned.length > 0 ? [] : words(formattedText(composition));
}

function damage([first = '', ...rest]: readonly string[]): readonly string[] {
  return [`${first}${invalidUtf8Marker}`, ...rest];
}

function formattedText(composition: Composition): string {
  const { prompt } = composition;
  const { format } = prompt;
  switch (format.type) {
    case 'json':
      return JSON.stringify({ answer: composition.speak(prompt) });
    case 'schema':
      return JSON.stringify(sampleSchema(format.schema, 'example'));
    case 'text':
      return lengthen(composition.speak(prompt), minimumWords(composition));
  }
}

function minimumWords({ prompt, minimumWords, limit }: Composition): number {
  return limit === 'ignored' ? Math.max(minimumWords, (prompt.maxTokens ?? 0) + 50) : minimumWords;
}

const filler = words(' And so it goes on, word by word, until there are as many of them as were asked for.');

function lengthen(text: string, minimum: number): string {
  const missing = minimum - words(text).length;
  const more = Array.from({ length: Math.max(0, missing) }, (_, index) => filler[index % filler.length] ?? '');
  return text + more.join('');
}

function builtInReasoning(prompt: Prompt): string {
  return prompt.reasoning === 'visible' ? 'The question is short, so the answer can be short as well.' : '';
}

function hiddenReasoning(prompt: Prompt): number {
  return prompt.reasoning === 'hidden' ? 12 : 0;
}

function scriptedText(script: ScriptedAnswer): readonly string[] {
  return typeof script.text === 'string' ? words(script.text) : (script.text ?? []);
}

function toolCall(planned: PlannedToolCall, composition: Composition): AnswerToolCall {
  const text = isJsonObject(planned.arguments) ? JSON.stringify(planned.arguments) : planned.arguments;
  return { id: composition.newId(), name: planned.name, arguments: text.match(/[\s\S]{1,6}/g) ?? [] };
}

/** Ends the text before the first stop sequence, as vendors do: the sequence itself is not part of the answer. */
function stopAtSequence(choice: AnswerChoice, stop: readonly string[]): AnswerChoice {
  const text = choice.text.join('');
  const found = stop
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  if (found === undefined) return choice;
  return {
    ...choice,
    text: words(text.slice(0, found.at)),
    toolCalls: [],
    finish: 'stop',
    stopSequence: found.sequence,
  };
}

/** Reasoning, text and tool arguments draw on one limit, in this order. */
function limitTokens(choice: AnswerChoice, { prompt, limit }: Composition): AnswerChoice {
  const maximum = limit === 'ignored' ? undefined : prompt.maxTokens;
  if (maximum === undefined || choice.reasoning.length + visibleTokens(choice) <= maximum) return choice;
  let left = maximum;
  const take = (pieces: readonly string[]): readonly string[] => {
    const taken = pieces.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const reasoning = take(choice.reasoning);
  const text = take(choice.text);
  const toolCalls = choice.toolCalls.flatMap((call) => {
    if (left < 1) return [];
    left -= 1;
    return [{ ...call, arguments: take(call.arguments) }];
  });
  const finish: AnswerFinish = 'length';
  return { reasoning, text, toolCalls, finish, stopSequence: undefined };
}

/** A tool call's name is one token. */
function visibleTokens(choice: AnswerChoice): number {
  return choice.text.length + sum(choice.toolCalls.map((call) => 1 + call.arguments.length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
