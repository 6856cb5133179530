import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { FaultKind, UpstreamFault } from '../canonical.ts';
import { decodeInBandError } from '../openai-chat/error.ts';

/** The API's error answers are those of chat completions: https://platform.openai.com/docs/guides/error-codes */
export { decodeError } from '../openai-chat/error.ts';

/** Codes of failed responses: https://platform.openai.com/docs/api-reference/responses/object#responses/object-error */
const kindOfCode: Readonly<Record<string, FaultKind>> = {
  // The prompt was flagged.
  invalid_prompt: 'content_filter',
  bio_policy: 'content_filter',
  misalignment_policy_violation: 'content_filter',
  image_content_policy_violation: 'content_filter',
  vector_store_timeout: 'timeout',
};

/** The failure a response reports of itself; `undefined` when it reports none. */
export function responseFault(response: JsonObject): UpstreamFault | undefined {
  const reported = reportedFault(asObject(response.error) ?? asString(response.error));
  if (reported !== undefined) return reported;
  const status = asString(response.status) ?? '';
  if (status !== 'failed' && status !== 'cancelled') return undefined;
  return { kind: 'server_error', message: 'The provider broke the answer off.', code: status };
}

/** An `error` event, which holds the error or is one itself, or an error object. */
export function eventFault(event: JsonObject): UpstreamFault {
  const { type: _, ...flat } = event;
  return reportedFault(asObject(event.error) ?? flat) ?? { kind: 'server_error', message: '' };
}

function reportedFault(error: JsonObject | string | undefined): UpstreamFault | undefined {
  const fault = error === undefined ? undefined : decodeInBandError({ error });
  const code = fault?.code ?? '';
  if (fault === undefined) return undefined;
  const kind = Object.hasOwn(kindOfCode, code) ? kindOfCode[code] : isImageCode(code) ? 'invalid_request' : undefined;
  return kind === undefined ? fault : { ...fault, kind };
}

/** `invalid_image_url`, `image_too_large`, `failed_to_download_image`, ... */
function isImageCode(code: string): boolean {
  return /(?:^|_)image(?:_|$)/.test(code);
}
