/**
 * What a fault decides. Of each group one expression may hold at a time, so that a combination has one meaning:
 * `chance` draws first and may replace the rest, `answer` stands in place of an answer, `hint` says when to come back,
 * `ending` breaks a good answer off, the others change a good answer on its way.
 */
export type FaultGroup =
  | 'chance'
  | 'answer'
  | 'hint'
  | 'ending'
  | 'usage'
  | 'limit'
  | 'text'
  | 'shape'
  | 'headers'
  | 'encoding'
  | 'pieces'
  | 'start'
  | 'pace';

export interface FaultArgument {
  /** How the documentation writes it: `cut(k)`. */
  readonly placeholder: string;
  readonly kind: 'count' | 'bytes' | 'milliseconds' | 'seconds' | 'percent' | 'megabytes' | 'url';
  /** Used when the expression has no parentheses; without it the argument is required. */
  readonly default?: number;
}

export interface FaultDefinition {
  readonly group: FaultGroup;
  readonly argument?: FaultArgument;
  /** What happens to a streamed answer, and to everything that has no body of its own. */
  readonly stream: string;
  /** What happens to a whole answer, where that differs. */
  readonly whole?: string;
}

const afterContent: FaultArgument = { placeholder: 'k', kind: 'count' };
const waitSeconds: FaultArgument = { placeholder: 's', kind: 'seconds' };

/** Every fault a model name can ask for. The table in `docs/testing.md` is made from this one. */
export const faultTable = {
  e400: status('invalid request'),
  e401: status('invalid credential (Gemini says so with 400)'),
  e402: status('billing problem'),
  e403: status('permission denied'),
  e404: status('unknown model'),
  e408: status('request timeout'),
  e409: status('conflict'),
  e413: status('request too large'),
  e422: status('unprocessable request'),
  e429: status('rate limited, without a hint when to come back'),
  e500: status('internal error'),
  e502: status('bad gateway'),
  e503: status('unavailable'),
  e504: status('gateway timeout'),
  e529: status('overloaded'),
  quota: answer('429 for a spent quota: waiting does not help (Anthropic: 400, credit balance too low)'),
  context_window: answer("400 for a prompt longer than the model's context window"),
  content_filter: answer(
    "the vendor's content policy stops the request (Gemini says so in a 200 without candidates, the others with 400)",
  ),

  retryafter: hint(
    waitSeconds,
    '429 (or the status it is combined with) with a hint: `retry-after` header; Gemini: `RetryInfo` in the body',
  ),
  retryafter_date: hint(waitSeconds, 'the same with an HTTP date in `retry-after`, in every dialect'),
  retryafter_ms: hint({ placeholder: 'ms', kind: 'milliseconds' }, 'the same with `retry-after-ms`, in every dialect'),
  retryafter_text: hint(waitSeconds, 'the same with the hint only in the error text ("try again in 7s")'),

  flaky: {
    group: 'chance',
    argument: { placeholder: '%', kind: 'percent' },
    stream:
      'this share of the calls fails, in equal parts with `e429`, `e500`, `e503`, `rst_before_headers`, `nohdr`; drawn from the seed',
  },

  nohdr: answer('the request is accepted and never answered'),
  rst_before_headers: answer('TCP reset after the request has been read, before any header'),
  html200: answer('200 with an HTML page'),
  empty200: answer('200 with the right content type and no body'),
  redirect: {
    group: 'answer',
    argument: { placeholder: 'url', kind: 'url' },
    stream: '307 to the URL',
  },
  bomb: {
    group: 'answer',
    argument: { placeholder: 'MB', kind: 'megabytes', default: 256 },
    stream: 'gzip that inflates to this many megabytes of one SSE line',
    whole: 'gzip that inflates to this many megabytes of one JSON string',
  },
  longline: answer('256 MB of `text/event-stream` without a line end', '256 MB of one JSON string'),

  rst_after_headers: ending('TCP reset after the response headers'),
  cut: ending(
    'the socket is destroyed after k content chunks',
    'the socket is destroyed after half of the body',
    afterContent,
  ),
  clean_eof: ending(
    'the body ends cleanly after k content chunks: no finish reason, no end marker',
    'the body ends after half of its bytes, with a matching length',
    afterContent,
  ),
  stall: ending(
    'silence after k content chunks, the socket stays open',
    'silence after half of the body',
    afterContent,
  ),
  inband_error: ending(
    "the vendor's own error event after k content chunks, then a clean end",
    'an error object with status 200',
    afterContent,
  ),
  error_first: ending('the error event is the first thing in the stream', 'an error object with status 200'),
  comments_then_cut: ending(
    'headers, comments or pings and the opening event without content, then the socket is destroyed',
    'headers and white space, then the socket is destroyed',
  ),
  json_cut: ending(
    'the JSON of the last content chunk breaks off, then a clean end',
    'the JSON breaks off, with a matching length',
  ),
  no_done: ending(
    'complete but for the end marker (`[DONE]`, `message_stop`; Gemini, Bedrock, Cohere and Ollama have none that is missed)',
    'no effect',
  ),

  dupusage: usage('the usage event comes twice', 'no effect'),
  nousage: usage('no usage at all'),
  zerousage: usage('all counts are 0'),
  usage_on_choice: usage('usage only on the chunk with the finish reason', 'no effect'),
  cumulative: usage('usage on every content chunk, counting up', 'no effect'),

  ignore_max_tokens: {
    group: 'limit',
    stream: 'writes 50 tokens more than the request allows, and calls it a natural stop',
  },
  badutf8: { group: 'text', stream: 'three bytes of invalid UTF-8 after the first word of the text' },
  deep: {
    group: 'shape',
    stream: 'one field of the first content chunk is nested 10,000 deep',
    whole: 'one field is nested 10,000 deep',
  },
  headers_bad: {
    group: 'headers',
    stream: 'headers no gateway may pass on: bytes above 127, cookies, CORS, `Server`, caching and hop-by-hop names',
  },
  headers_crlf: { group: 'headers', stream: 'a bare CR inside a header value: strict HTTP clients refuse the answer' },

  gz: encoding('gzip'),
  br: encoding('brotli'),
  deflate: encoding('deflate'),
  zstd: encoding('zstd'),

  split: {
    group: 'pieces',
    argument: { placeholder: 'n', kind: 'bytes' },
    stream: 'the body is written n bytes at a time',
  },
  trickle: {
    group: 'pieces',
    argument: { placeholder: 'ms', kind: 'milliseconds', default: 20 },
    stream: 'the body is written one byte at a time, with this pause between two of them',
  },
  slow: {
    group: 'start',
    argument: { placeholder: 'ms', kind: 'milliseconds' },
    stream: 'this long before the response headers',
  },
  pace: {
    group: 'pace',
    argument: { placeholder: 'ms', kind: 'milliseconds' },
    stream: 'this long between two content chunks, in place of `tokenDelay`',
    whole: 'no effect',
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

export type FaultName = keyof typeof faultTable;

/** The names of the table, typed. */
export const faultNames = Object.keys(faultTable).filter(isFaultName);

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultTable, name);
}

export function faultDefinition(name: FaultName): FaultDefinition {
  return faultTable[name];
}

function answer(stream: string, whole?: string): FaultDefinition {
  return { group: 'answer', stream, ...(whole !== undefined && { whole }) };
}

function status(meaning: string): FaultDefinition {
  return answer(`this status in the vendor's own error shape: ${meaning}`);
}

function hint(argument: FaultArgument, stream: string): FaultDefinition {
  return { group: 'hint', argument, stream };
}

function ending(stream: string, whole?: string, argument?: FaultArgument): FaultDefinition {
  return {
    group: 'ending',
    stream,
    ...(whole !== undefined && { whole }),
    ...(argument !== undefined && { argument }),
  };
}

function usage(stream: string, whole?: string): FaultDefinition {
  return { group: 'usage', stream, ...(whole !== undefined && { whole }) };
}

function encoding(name: string): FaultDefinition {
  return {
    group: 'encoding',
    stream: `compressed with ${name} though nobody asked for it; a stream can be inflated chunk by chunk`,
  };
}
