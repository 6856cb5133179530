import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerUsage } from '../speech/prompt.ts';
import { encryptedContent } from './encrypted-content.ts';

/** https://platform.openai.com/docs/api-reference/responses/object */
export function wholeAnswer(answer: Answer, body: JsonObject): JsonObject {
  const { usageMode } = answer;
  const usage = usageMode === 'nousage' ? null : usageObject(usageMode === 'zerousage' ? noTokens : answer.usage);
  return { ...responseObject(answer, body), ...outcome(answer), output: outputItems(answer, body), usage };
}

/** How the answer ended. */
export function outcome(answer: Answer): JsonObject {
  const finish = answer.choices[0]?.finish;
  if (finish === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (finish === 'content_filter') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed', incomplete_details: null };
}

/** The response while it is being made: it repeats what the request asked for. */
export function responseObject(answer: Answer, body: JsonObject): JsonObject {
  const reasoning = asObject(body.reasoning);
  return {
    id: `resp_${answer.id}`,
    object: 'response',
    created_at: answer.created,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: answer.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    safety_identifier: null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: body.metadata ?? {},
  };
}

export function outputItems(answer: Answer, body: JsonObject): readonly JsonObject[] {
  const [choice] = answer.choices;
  if (choice === undefined) return [];
  const cut = choice.finish === 'length' || choice.finish === 'content_filter';
  const calls = choice.toolCalls.map((call) => ({
    id: `fc_${call.id}`,
    type: 'function_call',
    status: 'completed',
    arguments: call.arguments.join(''),
    call_id: `call_${call.id}`,
    name: call.name,
  }));
  const message = messageItem(answer, choice, body);
  const said = choice.text.length > 0 || calls.length === 0;
  return [
    ...reasoningItems(answer, choice, body),
    ...(said ? [{ ...message, status: cut ? 'incomplete' : 'completed' }] : []),
    ...calls,
  ];
}

function messageItem(answer: Answer, choice: AnswerChoice, body: JsonObject): JsonObject {
  return {
    id: `msg_${answer.id}`,
    type: 'message',
    content: [
      {
        type: 'output_text',
        annotations: [],
        logprobs: choice.text.flatMap((piece) => logprobs(piece, body)),
        text: choice.text.join(''),
      },
    ],
    role: 'assistant',
  };
}

/** Whoever asks for effort gets an item for it, also where nothing of it is shown. */
function reasoningItems(answer: Answer, choice: AnswerChoice, body: JsonObject): JsonObject[] {
  if (choice.reasoning.length === 0 && answer.usage.reasoning === 0) return [];
  const id = `rs_${answer.id}`;
  const text = choice.reasoning.join('');
  return [
    {
      id,
      type: 'reasoning',
      ...(asArray(body.include).includes('reasoning.encrypted_content') && {
        encrypted_content: encryptedContent(id),
      }),
      summary: text === '' ? [] : [{ type: 'summary_text', text }],
    },
  ];
}

export function logprobs(token: string, body: JsonObject): readonly JsonValue[] {
  if (!asArray(body.include).includes('message.output_text.logprobs')) return [];
  return [{ token, bytes: [...Buffer.from(token)], logprob: -0.1, top_logprobs: [] }];
}

/** https://platform.openai.com/docs/api-reference/responses/object#responses/object-usage */
export function usageObject({ input, output, reasoning, cacheRead }: AnswerUsage): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

export const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };
