import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { FinishReason } from '../canonical.ts';

export interface Finish {
  readonly reason: FinishReason;
  /** The status, or why it is `incomplete`. */
  readonly raw: string;
}

/** How an answer ended: https://platform.openai.com/docs/api-reference/responses/object#responses/object-status */
export function decodeFinish(response: JsonObject, hasCall: boolean): Finish {
  const status = asString(response.status) ?? 'completed';
  if (status !== 'incomplete') return { reason: hasCall ? 'tool_calls' : 'stop', raw: status };
  const raw = asString(asObject(response.incomplete_details)?.reason) ?? status;
  return { reason: raw === 'content_filter' ? 'content_filter' : 'length', raw };
}

/** An answer that is still being made: asked for with `background`. */
export function isPending(status: unknown): status is 'queued' | 'in_progress' {
  return status === 'queued' || status === 'in_progress';
}

/** The members of a response that say how it ended. */
export function encodeFinish(reason: FinishReason, raw: string | undefined): JsonObject {
  if (reason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (reason === 'content_filter') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: isPending(raw) ? raw : 'completed', incomplete_details: null };
}
