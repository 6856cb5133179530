import type { JsonObject } from '../../core/json.ts';

/** What changes about a response object while it is being made. */
export interface ResponseState {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  /** Members the provider's own answer had beyond these, where it spoke this dialect. */
  readonly own: JsonObject | undefined;
}

export interface ResponseOutcome {
  /** `status` and what belongs to it. */
  readonly status: JsonObject;
  readonly output: readonly JsonObject[];
  readonly usage?: JsonObject | undefined;
}

/**
 * Members every response has. What the request asked for is not known here, so they tell the API's defaults; nothing is
 * ever stored. https://platform.openai.com/docs/api-reference/responses/object
 */
const defaults: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: false,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  user: null,
};

export function responseObject(state: ResponseState, outcome: ResponseOutcome): JsonObject {
  const { id, created, model, own } = state;
  return {
    ...(own ?? defaults),
    id,
    object: 'response',
    created_at: created,
    error: null,
    incomplete_details: null,
    ...outcome.status,
    model,
    output: outcome.output,
    ...(outcome.usage !== undefined && { usage: outcome.usage }),
  };
}

export const inProgress: JsonObject = { status: 'in_progress' };
