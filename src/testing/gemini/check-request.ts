import { asArray, asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { ChatRoute, Refusal, WireRequest } from '../personality.ts';
import { checkContents } from './check-contents.ts';
import { checkSchema } from './check-schema.ts';
import { checkTools } from './check-tools.ts';
import { invalid, refuseUnknown } from './invalid.ts';
import { type RequestView, viewRequest } from './request-view.ts';

/** What Google refuses with 400, in its words: https://ai.google.dev/api/generate-content#request-body */
export function checkRequest(request: WireRequest, route: ChatRoute): Refusal | undefined {
  const body = asObject(request.json);
  if (body === undefined) return invalid('Invalid JSON payload received. Unexpected token.');
  const view = viewRequest(body);
  return firstRefusal([
    () => checkFields(body, view),
    () => checkGeneration(view),
    () => checkContents(view, route.model),
    () => checkTools(view),
    () => checkStructuredOutput(view, route.model),
  ]);
}

const fields =
  'contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent model labels store serviceTier ' +
  'modelArmorConfig';

const generationFields =
  'stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount maxOutputTokens ' +
  'temperature topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers ' +
  'speechConfig thinkingConfig imageConfig mediaResolution audioTimestamp routingConfig';

function checkFields(body: JsonObject, view: RequestView): Refusal | undefined {
  return firstRefusal([
    () => refuseUnknown(body, fields),
    () => refuseUnknown(view.generation, generationFields, 'generation_config'),
    () =>
      refuseUnknown(
        view.thinking ?? {},
        'includeThoughts thinkingBudget thinkingLevel',
        'generation_config.thinking_config',
      ),
    () => refuseAny(view.systemParts, checkSystemPart),
  ]);
}

function checkSystemPart(part: JsonObject, index: number): Refusal | undefined {
  if (typeof part.text === 'string') return undefined;
  return invalid(
    `* GenerateContentRequest.system_instruction.parts[${index}].data: required oneof field 'data' must have one initialized field\n`,
  );
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const ranges: Readonly<Record<string, Range>> = {
  temperature: { minimum: 0, maximum: 2 },
  topP: { minimum: 0, maximum: 1 },
  maxOutputTokens: { minimum: 1, maximum: 2_147_483_647 },
  candidateCount: { minimum: 1, maximum: 8 },
  topK: { minimum: 0, maximum: 1_000_000 },
};

function checkGeneration({ generation, thinking }: RequestView): Refusal | undefined {
  for (const [name, { minimum, maximum }] of Object.entries(ranges)) {
    const value = generation[name];
    if (value === undefined) continue;
    const number = asNumber(value);
    if (number === undefined)
      return invalid(`Invalid value at 'generation_config.${name}' (TYPE_FLOAT), ${JSON.stringify(value)}`);
    if (number < minimum || number > maximum) {
      return invalid(
        `* GenerateContentRequest.generation_config.${name}: ${name} must be in the range [${minimum}, ${maximum}].\n`,
      );
    }
  }
  if (asArray(generation.stopSequences).length > 5) {
    return invalid(
      '* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences are allowed.\n',
    );
  }
  if (thinking?.thinkingBudget !== undefined && thinking.thinkingLevel !== undefined) {
    return invalid('You can only set only one of thinking budget and thinking level.');
  }
  return undefined;
}

/** JSON answers beside functions came with Gemini 3. */
function checkStructuredOutput({ generation, functions }: RequestView, model: string): Refusal | undefined {
  const json = generation.responseMimeType === 'application/json';
  if (json && functions.length > 0 && !model.startsWith('gemini-3')) {
    return invalid("Function calling with a response mime type: 'application/json' is unsupported");
  }
  const schema = asObject(generation.responseSchema);
  if (schema === undefined) return undefined;
  if (!json) return invalid("Response schema is only supported with a response mime type: 'application/json'");
  return checkSchema(schema, 'generation_config.response_schema');
}
