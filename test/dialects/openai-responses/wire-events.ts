import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';

type Step = readonly [type: string, members: JsonObject];

/** A response as OpenAI streams it: every event the API reference lists for its items. */
export function streamOf(response: JsonObject): WireEvent[] {
  const begun = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  const items = asArray(response.output).map((item) => asObject(item) ?? {});
  const last = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  const steps: Step[] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ...items.flatMap(itemSteps),
    [last, { response }],
  ];
  return steps.map(([type, members], index) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number: index, ...members }),
  }));
}

function itemSteps(item: JsonObject, index: number): Step[] {
  const at = { item_id: item.id ?? null, output_index: index };
  return [
    ['response.output_item.added', { output_index: index, item: opening(item) }],
    ...innerSteps(item, at),
    ['response.output_item.done', { output_index: index, item }],
  ];
}

function opening(item: JsonObject): JsonObject {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'reasoning':
      return { ...item, summary: [] };
    default:
      return { ...item, status: 'in_progress' };
  }
}

function innerSteps(item: JsonObject, at: JsonObject): Step[] {
  switch (item.type) {
    case 'message':
      return asArray(item.content).flatMap((part, index) =>
        contentSteps(asObject(part) ?? {}, { ...at, content_index: index }),
      );
    case 'function_call':
      return [
        ...pieces(item.arguments).map((delta): Step => ['response.function_call_arguments.delta', { ...at, delta }]),
        ['response.function_call_arguments.done', { ...at, arguments: item.arguments }],
      ];
    case 'reasoning':
      return [
        ...asArray(item.summary).flatMap((part, index) =>
          summarySteps(asObject(part) ?? {}, { ...at, summary_index: index }),
        ),
        ...asArray(item.content).flatMap((part, index) =>
          pieces(asObject(part)?.text).map(
            (delta): Step => ['response.reasoning_text.delta', { ...at, content_index: index, delta }],
          ),
        ),
      ];
    default:
      return [[`response.${String(item.type)}.in_progress`, at]];
  }
}

function contentSteps(part: JsonObject, at: JsonObject): Step[] {
  const ends: Step[] = [['response.content_part.done', { ...at, part }]];
  if (part.type === 'refusal') {
    return [
      ['response.content_part.added', { ...at, part: { type: 'refusal', refusal: '' } }],
      ...pieces(part.refusal).map((delta): Step => ['response.refusal.delta', { ...at, delta }]),
      ['response.refusal.done', { ...at, refusal: part.refusal }],
      ...ends,
    ];
  }
  const logprobs = asArray(part.logprobs);
  const tokens = logprobs.length > 0 ? logprobs.map((entry) => [asObject(entry)?.token, [entry]] as const) : undefined;
  const deltas = tokens ?? pieces(part.text).map((text) => [text, []] as const);
  return [
    ['response.content_part.added', { ...at, part: { ...part, text: '', annotations: [], logprobs: [] } }],
    ...deltas.map(([delta, entries]): Step => ['response.output_text.delta', { ...at, delta, logprobs: entries }]),
    ['response.output_text.done', { ...at, text: part.text, logprobs }],
    ...ends,
  ];
}

function summarySteps(part: JsonObject, at: JsonObject): Step[] {
  return [
    ['response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }],
    ...pieces(part.text).map((delta): Step => ['response.reasoning_summary_text.delta', { ...at, delta }]),
    ['response.reasoning_summary_text.done', { ...at, text: part.text }],
    ['response.reasoning_summary_part.done', { ...at, part }],
  ];
}

function pieces(text: JsonValue | undefined): string[] {
  return typeof text === 'string' ? (text.match(/[\s\S]{1,7}/g) ?? []) : [];
}
