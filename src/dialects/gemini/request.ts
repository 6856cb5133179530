import { GatewayError } from '../../core/errors.ts';
import { asString, type JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget, RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { forcesCall } from '../forces-call.ts';
import { otherMembers } from '../other-members.ts';
import { dropForeign, type Encoding } from './encoding.ts';
import { decodeGenerationConfig, encodeGenerationConfig } from './generation-config.ts';
import { decodeMessages, decodeSystemInstruction, encodeMessages } from './messages.ts';
import { decodeToolConfig, decodeTools, encodeToolConfig, encodeTools } from './tools.ts';
import { type GeminiVariant, traitsOf } from './variant.ts';
import { geminiExtensions, requestFields, wireObject } from './wire.ts';

const understood: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
]);

/** The path says both; some libraries put the model into the body as well. */
export function envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  const model = origin.model ?? asString(body.model)?.replace(/^models\//, '');
  return { model, stream: origin.stream, includeUsage: true };
}

/**
 * A GenerateContentRequest. The path names the model and says whether the answer is streamed.
 *
 * https://ai.google.dev/api/generate-content#request-body
 */
export function decodeRequest(body: JsonObject, origin: RequestOrigin): ChatRequest {
  const fields = wireObject(body) ?? {};
  const conversation = decodeMessages(fields.contents);
  const tools = decodeTools(fields.tools);
  const toolConfig = decodeToolConfig(fields.toolConfig);
  const config = decodeGenerationConfig(fields.generationConfig);
  const stream = origin.stream ?? false;
  return {
    model: decodeModel(origin.model ?? asString(fields.model)),
    messages: [...decodeSystemInstruction(fields.systemInstruction), ...conversation],
    ...(tools && { tools }),
    ...(toolConfig.toolChoice && { toolChoice: toolConfig.toolChoice }),
    ...config.parameters,
    stream,
    // Gemini counts in every chunk, asked or not.
    includeUsage: stream,
    ...geminiExtensions(
      otherMembers(fields, understood),
      toolConfig.rest && { toolConfig: toolConfig.rest },
      config.rest && { generationConfig: config.rest },
    ),
  };
}

function decodeModel(name: string | undefined): string {
  const model = name?.replace(/^models\//, '') ?? '';
  if (model !== '') return model;
  throw new GatewayError('invalid_request', { message: 'The path must name a model.', param: 'model' });
}

export function encodeRequest(
  request: ChatRequest,
  target: EncodeTarget,
  variant: Required<GeminiVariant>,
): EncodedRequest {
  const encoding: Encoding = { traits: traitsOf(target.model, variant), dropped: new Set() };
  dropForeign(request.extensions, encoding);
  const tools = encodeTools(request, encoding);
  const hasFunctions = tools?.some((tool) => tool.functionDeclarations !== undefined) ?? false;
  const toolConfig = encodeToolConfig(request, hasFunctions ? 'functions' : 'none');
  const generationConfig = encodeGenerationConfig(request, encoding);
  if (request.parallelToolCalls === false) encoding.dropped.add('parallel_tool_calls');
  if (!hasFunctions && forcesCall(request.toolChoice)) encoding.dropped.add('tool_choice');
  if (request.user !== undefined) encoding.dropped.add('user');
  const body: JsonObject = {
    ...encodeMessages(request.messages, encoding),
    ...(tools && { tools }),
    ...(toolConfig && { toolConfig }),
    ...ownFields(request, variant, encoding),
    ...(generationConfig && { generationConfig }),
  };
  return { body, dropped: [...encoding.dropped] };
}

/** Fields only Gemini has, as far as the target takes them. */
function ownFields(request: ChatRequest, variant: Required<GeminiVariant>, encoding: Encoding): JsonObject {
  const entries = Object.entries(request.extensions?.gemini ?? {}).filter(([name]) => {
    if (understood.has(name)) return false;
    const taken = requestFields.includes(name) || variant.requestFields.includes(name);
    if (!taken) encoding.dropped.add(name);
    return taken;
  });
  return Object.fromEntries(entries);
}
