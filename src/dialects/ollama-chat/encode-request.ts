import { asObject, type JsonObject } from '../../core/json.ts';
import type { ChatRequest, Extensions } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { reportUnsupported } from '../report-unsupported.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeOptions, runnerOptions } from './options.ts';
import { encodeThink } from './reasoning.ts';
import { encodeFormat } from './response-format.ts';
import { encodeTools } from './tools.ts';
import { type MutableJson, ownExtensions, ownMembers } from './wire.ts';

/**
 * A request as the API takes it. https://docs.ollama.com/api/chat
 *
 * @throws GatewayError `unsupported_parameter` when the request holds media the API has no form for
 */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const dropped = new Set<string>();
  const { members, options } = ownParts(request.extensions, dropped);
  const tools = encodeTools(request, dropped);
  const format = encodeFormat(request.responseFormat);
  const think = encodeThink(request.reasoning, dropped);
  const sentOptions = encodeOptions(request, options);
  reportUnsupported(request, ['n', 'user'], dropped);
  const body: JsonObject = {
    model: target.model,
    messages: encodeMessages(request.messages, dropped),
    ...(tools !== undefined && { tools }),
    ...(format !== undefined && { format }),
    ...(think !== undefined && { think }),
    ...(request.logprobs !== undefined && { logprobs: request.logprobs }),
    ...(request.topLogprobs !== undefined && { top_logprobs: request.topLogprobs }),
    ...(sentOptions !== undefined && { options: sentOptions }),
    ...members,
    // Left out, it means a stream.
    stream: request.stream,
  };
  return { body, dropped: [...dropped] };
}

interface OwnParts {
  /** Top-level members. */
  readonly members: JsonObject;
  readonly options: JsonObject;
}

/** What only this dialect has. OpenAI callers write it as top-level members, options such as `num_ctx` among them. */
function ownParts(extensions: Extensions | undefined, dropped: Set<string>): OwnParts {
  const { 'openai-chat': openai = {}, ...others } = extensions ?? {};
  const members: MutableJson = {};
  const options: MutableJson = {};
  for (const [key, value] of Object.entries(openai)) {
    if (ownMembers.has(key)) members[key] = value;
    else if (runnerOptions.has(key)) options[key] = value;
    else dropped.add(key);
  }
  const { options: ownOptions, ...own } = ownExtensions(others, dropped);
  return { members: { ...members, ...own }, options: { ...options, ...asObject(ownOptions) } };
}
