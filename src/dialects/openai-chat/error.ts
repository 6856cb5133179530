import type { JsonObject } from '../../core/json.ts';
import type { FaultKind, UpstreamFault } from '../canonical.ts';
import type { HeaderReader } from '../dialect.ts';
import {
  faultKindOfStatus,
  maskSecrets,
  readErrorContent,
  readRetryAfter,
  retryHintInText,
  saysContextOverflow,
  saysInvalidCredential,
  saysOutOfMoney,
} from '../fault-text.ts';
import { type ErrorReport, readInBandReport, readReport } from './error-report.ts';

/** Reads any error answer of a provider that speaks this dialect, however loosely. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  const report = json === undefined ? { message: text } : (readReport(json) ?? { message: '' });
  const retryAfterMs = readRetryAfter(headers, report.message);
  return { ...toFault(report, status), status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** The failure in the body of a 200, or in a frame of a stream; `undefined` when the body reports none. */
export function decodeInBandError(body: JsonObject): UpstreamFault | undefined {
  const report = readInBandReport(body);
  if (report === undefined) return undefined;
  const retryAfterMs = retryHintInText(report.message);
  return {
    ...toFault(report, report.status),
    ...(report.status !== undefined && { status: report.status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function toFault(report: ErrorReport, status: number | undefined): UpstreamFault {
  const code = report.code ?? report.type;
  return {
    kind: kindOf(report, status),
    message: maskSecrets(report.message),
    ...(code !== undefined && { code: maskSecrets(code) }),
    ...(report.param !== undefined && { param: report.param }),
  };
}

/** Codes and types that mean the same whatever the status. */
const kindOfCode: Readonly<Record<string, FaultKind>> = {
  context_length_exceeded: 'context_window',
  context_window_exceeded: 'context_window',
  // llama.cpp: https://github.com/ggml-org/llama.cpp/tree/master/tools/server
  exceed_context_size_error: 'context_window',
  // Perplexity
  too_many_prompt_tokens: 'context_window',
  content_filter: 'content_filter',
  content_policy_violation: 'content_filter',
  moderation_blocked: 'content_filter',
  insufficient_quota: 'quota',
  credit_balance_exhausted: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  invalid_api_key: 'auth',
  model_not_found: 'model_not_found',
  // Mistral
  invalid_model: 'model_not_found',
  // Azure: https://learn.microsoft.com/azure/ai-services/openai/
  DeploymentNotFound: 'model_not_found',
  // Groq: the model wrote a call its tool does not take. https://console.groq.com/docs/tool-use
  tool_use_failed: 'invalid_response',
  rate_limited: 'rate_limit',
  overloaded_error: 'server_error',
};

/** Words that say what a status would say, asked where there is none: inside a 200. */
const kindOfType: Readonly<Record<string, FaultKind>> = {
  rate_limit_exceeded: 'rate_limit',
  rate_limit_error: 'rate_limit',
  authentication_error: 'auth',
  permission_error: 'auth',
  not_found_error: 'model_not_found',
  timeout_error: 'timeout',
  invalid_request_error: 'invalid_request',
};

function kindOf(report: ErrorReport, status: number | undefined): FaultKind {
  const { code, type, message } = report;
  const known = lookUp(kindOfCode, code) ?? lookUp(kindOfCode, type) ?? kindOfMessage(message, status);
  if (known !== undefined) return known;
  // Groq: one request above the whole allowance per minute. Waiting does not help, a shorter prompt does.
  if (status === 413 && code === 'rate_limit_exceeded') return 'context_window';
  if (status !== undefined) return faultKindOfStatus(status);
  return lookUp(kindOfType, code) ?? lookUp(kindOfType, type) ?? 'server_error';
}

/** What only the wording tells, asked for the statuses under which providers are known to use it. */
function kindOfMessage(message: string, status = 400): FaultKind | undefined {
  if (mayBeMoney(status) && saysOutOfMoney(message)) return 'quota';
  if (status < 500 && saysPolicy(message)) return 'content_filter';
  if (status === 400 && saysInvalidCredential(message)) return 'auth';
  if (mayBeOverflow(status) && saysContextOverflow(message)) return 'context_window';
  // OpenRouter
  return status === 400 && message.includes('is not a valid model ID') ? 'model_not_found' : undefined;
}

function lookUp(kinds: Readonly<Record<string, FaultKind>>, word: string | undefined): FaultKind | undefined {
  return word !== undefined && Object.hasOwn(kinds, word) ? kinds[word] : undefined;
}

function mayBeMoney(status: number): boolean {
  return status === 400 || status === 402 || status === 403 || status === 429;
}

function mayBeOverflow(status: number): boolean {
  return status === 400 || status === 413 || status === 422 || status === 500;
}

const policyWordings = [
  'content management policy',
  'content policy',
  'content filter',
  'violates usage guidelines',
  'flagged by moderation',
  'requires moderation',
];

function saysPolicy(message: string): boolean {
  const lower = message.toLowerCase();
  return policyWordings.some((wording) => lower.includes(wording));
}
