import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { Usage } from '../../../src/core/usage.ts';
import type { ChatAnswer, ChatRequest, Choice, Part, UpstreamFault } from '../../../src/dialects/canonical.ts';
import type { ReplyContext, RequestOrigin, WireEvent } from '../../../src/dialects/dialect.ts';

/** What a dialect shows the contract of itself, in its own wire form. */
export interface DialectSamples {
  /** Requests that survive decode and encode unchanged; `encoded` is given where they come out differently on purpose. */
  readonly requests: readonly RequestSample[];
  /** Bodies that cannot mean a request, with the parameter to blame. */
  readonly refusedRequests: readonly { readonly name: string; readonly body: JsonObject; readonly param: string }[];
  /** Whole answers that survive decode and encode unchanged. */
  readonly answers: readonly { readonly name: string; readonly body: JsonObject }[];
  /** The same answers as a stream and as a whole. */
  readonly streams: readonly StreamSample[];
  /** An answer, as a stream and as a whole, with a finish reason nobody knows. */
  readonly unknownFinish: StreamSample & { readonly raw: string };
  /** An event of a type nobody knows: changes nothing wherever it stands in a stream. */
  readonly unknownEvent: WireEvent;
  /** An event that cannot be read. */
  readonly malformedEvent: WireEvent;
  /** A failure reported inside a running stream, as the dialect's providers do it. */
  readonly errorEvent: { readonly event: WireEvent; readonly fault: Partial<UpstreamFault> };
  /** Counts of usage the dialect has no word for. @default none */
  readonly uncountedUsage?: readonly (keyof Usage)[];
  /** Whether answers say which model gave them. @default true */
  readonly namesModel?: boolean;
  /** The body of an error answer that carries this text. */
  errorBody(message: string): JsonValue;
  readonly errors: readonly ErrorSample[];
}

export interface RequestSample {
  readonly name: string;
  readonly body: JsonObject;
  readonly origin?: RequestOrigin;
  readonly encoded?: JsonObject;
}

export interface StreamSample {
  readonly name: string;
  readonly events: readonly WireEvent[];
  readonly whole: JsonObject;
}

export interface ErrorSample {
  readonly name: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: JsonValue | string;
  readonly fault: Partial<UpstreamFault>;
}

// ---- Samples every dialect must be able to express ----

export const plainRequest: ChatRequest = {
  model: 'caller-model',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  stream: false,
  includeUsage: false,
};

/** A conversation with everything that every dialect has. */
export const richRequest: ChatRequest = {
  ...plainRequest,
  messages: [
    { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', parts: [{ type: 'text', text: 'Weather in Paris and Rome?' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Two calls.' },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', id: 'call_a', name: 'weather', arguments: '{"city":"Paris"}' },
        { type: 'tool-call', id: 'call_b', name: 'weather', arguments: '{"city":"Rome"}' },
      ],
    },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'call_a', content: [{ type: 'text', text: 'sunny' }] },
        { type: 'tool-result', toolCallId: 'call_b', content: [{ type: 'text', text: 'rain' }] },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'And now?' }] },
  ],
  tools: [
    {
      type: 'function',
      name: 'weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
};

const answerParts: readonly Part[] = [
  { type: 'reasoning', text: 'Think \u00e9\u4e2d\ud83d\ude00.' },
  { type: 'text', text: 'It is\nsunny "here" \u00e9\u4e2d\ud83d\ude00.' },
];

const toolCallParts: readonly Part[] = [
  { type: 'tool-call', id: 'call_a', name: 'weather', arguments: '{"city":"Paris"}' },
  { type: 'tool-call', id: 'call_b', name: 'now', arguments: '{}' },
];

/** An answer per finish reason. */
export const plainAnswers: readonly ChatAnswer[] = [
  answerWith({ index: 0, parts: answerParts, finishReason: 'stop' }),
  answerWith({ index: 0, parts: answerParts, finishReason: 'length' }),
  answerWith({ index: 0, parts: answerParts, finishReason: 'content_filter' }),
  answerWith({ index: 0, parts: [...answerParts, ...toolCallParts], finishReason: 'tool_calls' }),
  answerWith({ index: 0, parts: toolCallParts, finishReason: 'tool_calls' }),
];

function answerWith(choice: Choice): ChatAnswer {
  return {
    id: 'answer-1',
    model: 'served-model',
    created: 1_750_000_000,
    choices: [choice],
    usage: { inputTokens: 12, outputTokens: 7 },
  };
}

/** How an answer goes to a caller who asked for everything. */
export function replyFor(answer: ChatAnswer): ReplyContext {
  return {
    model: answer.model,
    fallbackId: 'fallback-id',
    created: answer.created ?? 1_750_000_000,
    includeUsage: true,
  };
}
