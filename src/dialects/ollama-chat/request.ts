import type { JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { remainingMembers } from '../request-members.ts';
import { decodeMessages } from './messages.ts';
import { decodeOptions } from './options.ts';
import { decodeThink } from './reasoning.ts';
import { decodeFormat } from './response-format.ts';
import { decodeTools } from './tools.ts';
import { booleanMember, canonicalMembers, invalidRequest, numberMember, stringMember, withExtensions } from './wire.ts';

/** Streams are what comes unasked: https://docs.ollama.com/api/streaming. Their last line always has the usage. */
export function envelope(body: JsonObject, _origin: RequestOrigin): RequestEnvelope {
  return { model: body.model, stream: body.stream ?? true, includeUsage: true };
}

/** @throws GatewayError `invalid_request` with `param` when the body cannot mean a request */
export function decodeRequest(body: JsonObject, _origin: RequestOrigin): ChatRequest {
  const model = stringMember(body, 'model');
  if (model === undefined || model === '') throw invalidRequest('model', 'must name a model');
  const stream = booleanMember(body, 'stream') ?? true;
  const { sampling, others } = decodeOptions(body.options);
  const tools = decodeTools(body.tools);
  const responseFormat = decodeFormat(body.format);
  const reasoning = decodeThink(body.think);
  const logprobs = booleanMember(body, 'logprobs');
  const topLogprobs = numberMember(body, 'top_logprobs');
  const own = { ...remainingMembers(body, canonicalMembers), ...(others !== undefined && { options: others }) };
  return {
    model,
    messages: decodeMessages(body.messages),
    ...sampling,
    ...(tools !== undefined && tools.length > 0 && { tools }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...(logprobs !== undefined && { logprobs }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    stream,
    includeUsage: stream,
    ...(Object.keys(own).length > 0 && withExtensions(own)),
  };
}
