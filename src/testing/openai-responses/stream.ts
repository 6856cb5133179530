import { asArray, asObject, type JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer } from '../speech/prompt.ts';
import { logprobs, noTokens, outcome, outputItems, responseObject, usageObject } from './answer.ts';

interface Step {
  readonly kind: StreamEvent['kind'];
  readonly type: string;
  readonly members: JsonObject;
}

function step(kind: Step['kind'], type: string, members: JsonObject): Step {
  return { kind, type, members };
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export function streamEvents(answer: Answer, body: JsonObject): readonly StreamEvent[] {
  const begun = responseObject(answer, body);
  const output = outputItems(answer, body);
  const said = output.flatMap((item, index) => itemSteps({ answer, body, item, index }));
  const steps = [
    step('opening', 'response.created', { response: begun }),
    step('opening', 'response.in_progress', { response: begun }),
    ...withUsage(said, answer, begun),
    lastStep(answer, { ...begun, ...outcome(answer), output }),
  ];
  return steps.map(({ kind, type, members }, index) => ({
    kind,
    event: type,
    data: { type, sequence_number: index, ...members },
  }));
}

function lastStep(answer: Answer, response: JsonObject): Step {
  const { usageMode } = answer;
  const usage = usageMode === 'nousage' ? null : usageObject(usageMode === 'zerousage' ? noTokens : answer.usage);
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  return step('finish', type, { response: { ...response, usage } });
}

/** Usage before its time, where a fault wants it: in further events about the response. */
function withUsage(steps: readonly Step[], answer: Answer, begun: JsonObject): readonly Step[] {
  const report = (output: number): Step => {
    const counts = { ...answer.usage, output: Math.min(output, answer.usage.output), reasoning: 0 };
    return step('usage', 'response.in_progress', { response: { ...begun, usage: usageObject(counts) } });
  };
  switch (answer.usageMode) {
    case 'dupusage':
      return [
        ...steps,
        step('usage', 'response.in_progress', { response: { ...begun, usage: usageObject(answer.usage) } }),
      ];
    case 'cumulative': {
      let output = 0;
      return steps.flatMap((one) => {
        if (one.kind !== 'content') return [one];
        output += 1;
        return [one, report(output)];
      });
    }
    default:
      return steps;
  }
}

interface Place {
  readonly answer: Answer;
  readonly body: JsonObject;
  readonly item: JsonObject;
  readonly index: number;
}

function itemSteps(place: Place): readonly Step[] {
  const { item, index } = place;
  return [
    step('opening', 'response.output_item.added', { output_index: index, item: opening(item) }),
    ...innerSteps(place),
    step('other', 'response.output_item.done', { output_index: index, item }),
  ];
}

function opening(item: JsonObject): JsonObject {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    default:
      return { ...item, summary: [] };
  }
}

function innerSteps(place: Place): readonly Step[] {
  switch (place.item.type) {
    case 'message':
      return messageSteps(place);
    case 'function_call':
      return callSteps(place);
    default:
      return summarySteps(place);
  }
}

function messageSteps({ answer, body, item, index }: Place): readonly Step[] {
  const at = { item_id: item.id, output_index: index, content_index: 0 };
  const part = asObject(asArray(item.content)[0]) ?? {};
  return [
    step('opening', 'response.content_part.added', { ...at, part: { ...part, logprobs: [], text: '' } }),
    ...(answer.choices[0]?.text ?? []).map((delta) =>
      step('content', 'response.output_text.delta', { ...at, delta, logprobs: logprobs(delta, body) }),
    ),
    step('other', 'response.output_text.done', { ...at, text: part.text, logprobs: part.logprobs }),
    step('other', 'response.content_part.done', { ...at, part }),
  ];
}

function callSteps({ answer, item, index }: Place): readonly Step[] {
  const at = { item_id: item.id, output_index: index };
  const call = answer.choices[0]?.toolCalls.find(({ id }) => `fc_${id}` === item.id);
  return [
    ...(call?.arguments ?? []).map((delta) =>
      step('content', 'response.function_call_arguments.delta', { ...at, delta }),
    ),
    step('other', 'response.function_call_arguments.done', { ...at, arguments: item.arguments }),
  ];
}

function summarySteps({ answer, item, index }: Place): readonly Step[] {
  const [part] = asArray(item.summary);
  if (part === undefined) return [];
  const at = { item_id: item.id, output_index: index, summary_index: 0 };
  const text = asObject(part)?.text;
  return [
    step('opening', 'response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }),
    ...(answer.choices[0]?.reasoning ?? []).map((delta) =>
      step('content', 'response.reasoning_summary_text.delta', { ...at, delta }),
    ),
    step('other', 'response.reasoning_summary_text.done', { ...at, text }),
    step('other', 'response.reasoning_summary_part.done', { ...at, part }),
  ];
}
