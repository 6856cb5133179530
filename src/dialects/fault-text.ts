import type { JsonValue } from '../core/json.ts';
import type { FaultKind } from './canonical.ts';
import type { HeaderReader } from './dialect.ts';

/*
 * What every dialect reads the same way out of an error answer: its status, its waiting time, and what its text gives
 * away. All of it runs once per failure, never on the way of a good answer.
 */

/** What an HTTP status means when the body says nothing more. */
export function faultKindOfStatus(status: number): FaultKind {
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'quota';
    case 404:
      return 'model_not_found';
    case 408:
    case 504:
    // Cloudflare: the origin took too long. https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
    case 522:
    case 524:
      return 'timeout';
    case 429:
      return 'rate_limit';
    default:
      return status >= 500 ? 'server_error' : 'invalid_request';
  }
}

/** An error body: parsed where it is JSON, else as text without markup. */
export interface ErrorContent {
  readonly json: JsonValue | undefined;
  /** Plain text; empty for JSON, HTML and nothing. */
  readonly text: string;
}

const lenientUtf8 = new TextDecoder('utf-8');

/** Never throws: an error answer may be anything. */
export function readErrorContent(body: Uint8Array): ErrorContent {
  const text = lenientUtf8.decode(body).trim();
  try {
    return { json: JSON.parse(text), text: '' };
  } catch {
    // Not JSON. A broken-off JSON text and a gateway's HTML page are no message for people either.
    return { json: undefined, text: '<{['.includes(text.charAt(0)) ? '' : text };
  }
}

const maxMessageLength = 1000;
const mask = '***';

/**
 * Credentials by their public prefixes, then ids of accounts. Quantifiers are not nested and the text is bounded, so
 * that no provider can make this slow.
 */
const secretForms: readonly (readonly [form: RegExp, replacement: string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, mask],
  [/\b(bearer\s+)[^\s"',;]+/gi, `$1${mask}`],
  [/\b(?:sk|pk|rk|gsk|hf|xai|pplx|nvapi|csk|fw|key|r8|sess|ghp|gho|glpat)[-_][\w*.-]{4,}/g, mask],
  [/\bAIza[\w*-]{4,}/g, mask],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{8,}/g, mask],
  [/\bya29\.[\w-]+/g, mask],
  [/\b((?:api[ _-]?key|access[ _-]?token)(?: provided| given)?\s*[:=]\s*)[^\s"',;]+/gi, `$1${mask}`],
  [/\b(?:org|proj|user|team|acct|project)[-_][A-Za-z0-9]{8,}/g, mask],
  [/\b(projects?[ /:=]+)\d{6,}/gi, `$1${mask}`],
  [/[?&](?:key|api[_-]?key|token|project)=[^\s"'&]+/gi, `?${mask}`],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, mask],
  [/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}/g, mask],
  // Whatever else is long, unbroken and holds digits as well as letters.
  [/\b(?=[A-Za-z0-9_]{0,64}\d)(?=[A-Za-z0-9_]{0,64}[A-Za-z])[A-Za-z0-9_]{32,}\b/g, mask],
];

/** A provider's text with everything that looks like a credential or an account id masked, cut to 1,000 characters. */
export function maskSecrets(text: string): string {
  let masked = text.length > maxMessageLength ? text.slice(0, maxMessageLength) : text;
  for (const [form, replacement] of secretForms) masked = masked.replace(form, replacement);
  return masked;
}

/**
 * Milliseconds to wait, from `retry-after-ms`, `retry-after` (seconds, or a date that is read against the answer's own
 * `date`), or the error's text. Only for error answers: Anthropic and others send `retry-after` on good ones, too.
 */
export function readRetryAfter(headers: HeaderReader, text: string): number | undefined {
  return positive(headers('retry-after-ms')) ?? fromRetryAfter(headers) ?? retryHintInText(text);
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? Math.ceil(number) : undefined;
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function fromRetryAfter(headers: HeaderReader): number | undefined {
  const value = headers('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const wait = Date.parse(value) - Date.parse(headers('date') ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

const retryHint =
  /\b(?:try again|retry|wait|available again|reset)\w*(?: after| in| for)?[: ]+(\d[\d.]*\s?[a-z]+(?:\s?\d[\d.]*\s?[a-z]+)*)/i;

/** A waiting time in an error's text, in milliseconds: "Please try again in 1.5s", "retry after 20 seconds", "in 6m0s". */
export function retryHintInText(text: string): number | undefined {
  const match = retryHint.exec(text.slice(0, maxMessageLength));
  return match?.[1] === undefined ? undefined : durationMs(match[1]);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `48s`, `1.5s`, `6m0s`, `644ms`, `2 minutes` in milliseconds. */
export function durationMs(text: string): number | undefined {
  let total: number | undefined;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s?([a-z]+)/gi)) {
    const factor = unitMs[shortUnit(unit.toLowerCase())];
    if (factor === undefined) break;
    total = (total ?? 0) + Number(number) * factor;
  }
  return total === undefined ? undefined : Math.ceil(total);
}

function shortUnit(unit: string): string {
  if (unit.startsWith('ms') || unit.startsWith('milli')) return 'ms';
  if (/^(?:s|secs?|seconds?)$/.test(unit)) return 's';
  if (/^(?:m|mins?|minutes?)$/.test(unit)) return 'm';
  if (/^(?:h|hrs?|hours?)$/.test(unit)) return 'h';
  return /^(?:d|days?)$/.test(unit) ? 'd' : '';
}

const contextOverflow = [
  'maximum context length',
  'context length exceeded',
  'max context length',
  'context_length_exceeded',
  'exceeds the context window',
  'exceed context window',
  'exceeds the available context size',
  'context window exceeded',
  'context window of',
  'prompt is too long',
  'prompt too long',
  'prompt contains too many tokens',
  'input is too long',
  'input too long',
  'input length and `max_tokens` exceed context limit',
  'input tokens exceed',
  'exceeds the maximum number of tokens allowed',
  'exceeds the maximum number of input tokens',
  'exceed_context_size',
  'too many tokens',
  'too large for model with',
  'total length of all messages is too long',
  'maximum prompt length',
  'reduce the length of the messages',
  'reduce the length of either',
];

/** Whether a text says that the prompt is longer than the model can read. Every provider puts it differently. */
export function saysContextOverflow(text: string): boolean {
  return saysAny(text, contextOverflow);
}

const outOfMoney = [
  'insufficient_quota',
  'insufficient quota',
  'insufficient balance',
  'insufficient credit',
  'insufficient funds',
  'credit balance',
  'credit_balance',
  'check your plan and billing',
  'billing_hard_limit',
  'billing hard limit',
  'billing_error',
  'billing_not_active',
  'not enough credits',
  'out of credits',
  'payment required',
  'exceeded your monthly included credits',
  'spending limit',
];

/** Whether a text says that the account has no money left, so that waiting does not help. */
export function saysOutOfMoney(text: string): boolean {
  return saysAny(text, outOfMoney);
}

const invalidCredential = [
  'incorrect api key',
  'invalid api key',
  'invalid x-api-key',
  'api key not valid',
  'api key is invalid',
  'api key expired',
  'invalid_api_key',
  'api_key_invalid',
  'authentication fails',
];

/** Whether a text blames our credential: Gemini and xAI do so with status 400. */
export function saysInvalidCredential(text: string): boolean {
  return saysAny(text, invalidCredential);
}

function saysAny(text: string, wordings: readonly string[]): boolean {
  const lower = text.slice(0, 4 * maxMessageLength).toLowerCase();
  return wordings.some((wording) => lower.includes(wording));
}
