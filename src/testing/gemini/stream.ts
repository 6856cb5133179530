import type { JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer, AnswerChoice } from '../speech/prompt.ts';
import { finishReason, functionCall, identity, noTokens, signature, signsCalls, usage } from './answer.ts';

/**
 * Every event is a whole response that holds the next parts. Usage stands in each, counting up; the last one with a
 * finish reason has the final counts and, after thinking, an empty text part with a signature.
 *
 * https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function streamEvents(answer: Answer): readonly StreamEvent[] {
  const steps = answer.choices.flatMap((choice, index) => choiceSteps(choice, { answer, index }));
  const events = steps.map((step, index) =>
    stepEvent(step, { answer, spoken: index + 1, last: index === steps.length - 1 }),
  );
  return answer.usageMode === 'dupusage' ? [...events, usageAlone(answer)] : events;
}

interface Step {
  readonly kind: 'content' | 'finish';
  readonly candidate: JsonObject;
}

function choiceSteps(choice: AnswerChoice, at: { readonly answer: Answer; readonly index: number }): readonly Step[] {
  const { answer, index } = at;
  const signs = signsCalls(choice, answer);
  const content = (part: JsonObject): Step => ({
    kind: 'content',
    candidate: { content: { parts: [part], role: 'model' }, index },
  });
  const closing: JsonObject = {
    text: '',
    ...(signs && choice.toolCalls.length === 0 && { thoughtSignature: signature('text') }),
  };
  return [
    ...choice.reasoning.map((text) => content({ text, thought: true })),
    ...choice.text.map((text) => content({ text })),
    ...choice.toolCalls.map((call, position) =>
      content(functionCall(call, answer, position === 0 && signs ? 'signed' : 'plain')),
    ),
    {
      kind: 'finish',
      candidate: { content: { parts: [closing], role: 'model' }, finishReason: finishReason(choice.finish), index },
    },
  ];
}

interface StepPlace {
  readonly answer: Answer;
  /** Steps so far, this one included. */
  readonly spoken: number;
  readonly last: boolean;
}

function stepEvent(step: Step, place: StepPlace): StreamEvent {
  const data = { candidates: [step.candidate], ...stepUsage(place), ...identity(place.answer) };
  return { kind: step.kind, data };
}

function stepUsage({ answer, spoken, last }: StepPlace): JsonObject {
  const { usage: counts, usageMode } = answer;
  switch (usageMode) {
    case 'nousage':
      return {};
    case 'zerousage':
      return { usageMetadata: usage(noTokens) };
    case 'usage_on_choice':
      return last ? { usageMetadata: usage(counts) } : {};
    default:
      return {
        usageMetadata: usage(last ? counts : { ...counts, output: Math.min(spoken, counts.output), reasoning: 0 }),
      };
  }
}

function usageAlone(answer: Answer): StreamEvent {
  return { kind: 'usage', data: { usageMetadata: usage(answer.usage), ...identity(answer) } };
}
