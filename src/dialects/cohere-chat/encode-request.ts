import { asArray, type JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { passedFields } from '../own-fields.ts';
import { reportUnsupported } from '../report-unsupported.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeThinking } from './reasoning.ts';
import { encodeResponseFormat } from './response-format.ts';
import { encodeSampling } from './sampling.ts';
import { encodeTools } from './tools.ts';
import { type CohereVariant, thinks } from './variant.ts';
import { ownExtensions, passedExtensionKeys } from './wire.ts';

/**
 * A request as the API takes it, built from what it knows and nothing else.
 * https://docs.cohere.com/reference/chat
 *
 * @throws GatewayError `invalid_request` when there is no message to send
 */
export function encodeRequest(request: ChatRequest, target: EncodeTarget, variant: CohereVariant): EncodedRequest {
  const dropped = new Set<string>();
  const canThink = thinks(target.model, variant);
  const own = passedFields(ownExtensions(request.extensions, dropped), { passed: passedExtensionKeys }, dropped);
  const tools = encodeTools(request, dropped);
  const hasContext = tools.tools !== undefined || asArray(own.documents).length > 0;
  const format = encodeResponseFormat(request, hasContext ? 'tools or documents' : 'nothing', dropped);
  const thinking = encodeThinking(request, canThink ? 'thinks' : 'does not think', dropped);
  const { maxOutputTokens, logprobs } = request;
  reportUnsupported(request, ['n', 'top_logprobs', 'user'], dropped);
  const body: JsonObject = {
    model: target.model,
    messages: encodeMessages(request.messages, { thinking: canThink ? 'accepted' : 'refused', dropped }),
    ...tools,
    ...(format !== undefined && { response_format: format }),
    ...(maxOutputTokens !== undefined && { max_tokens: maxOutputTokens }),
    ...encodeSampling(request, dropped),
    ...(logprobs === true && { logprobs: true }),
    ...(thinking !== undefined && { thinking }),
    ...own,
    ...(request.stream && { stream: true }),
  };
  return { body, dropped: [...dropped] };
}
