import { cumulativeFields } from './message-fields.ts';

/** Members of an answer, or of a chunk, that the canonical answer holds, and those that mean nothing. */
export const answerMembers: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  // Padding against guessing by length.
  'obfuscation',
  'p',
]);

/** `message` and `delta` because Perplexity sends both, whole and in streams. */
export const choiceMembers: ReadonlySet<string> = new Set([
  'index',
  'message',
  'delta',
  'finish_reason',
  'logprobs',
  // Together's old form of the delta.
  'text',
  'error',
]);

/** Members of an answer's message, or of a delta, that the canonical form holds, and those that mean nothing. */
export const messageMembers: ReadonlySet<string> = new Set([
  ...cumulativeFields,
  'role',
  'content',
  'name',
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'extra_content',
  'thought_signature',
  'channel',
  'token_id',
  'padding',
  'index',
]);
