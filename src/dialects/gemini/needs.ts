import { asNumber, asString, type JsonObject } from '../../core/json.ts';
import type { Need, RequestNeeds } from '../request-needs.ts';
import { wireList, wireObject, wireObjects } from './wire.ts';

/** What a body needs, read without decoding it. https://ai.google.dev/api/generate-content */
export function geminiNeeds(body: JsonObject): RequestNeeds {
  const needs = new Set<Need>();
  const request = wireObject(body) ?? body;
  if (wireList(request.tools).length > 0) needs.add('tools');
  const calling = wireObject(wireObject(request.toolConfig)?.functionCallingConfig);
  if (calling?.mode === 'ANY') needs.add('toolChoice');
  const config = wireObject(request.generationConfig);
  if (config !== undefined) addConfig(config, needs);
  for (const content of wireObjects(request.contents)) {
    for (const part of wireObjects(content.parts)) addPart(part, needs);
  }
  return { needs, maxOutputTokens: asNumber(config?.maxOutputTokens) };
}

function addConfig(config: JsonObject, needs: Set<Need>): void {
  const schema = config.responseSchema ?? config.responseJsonSchema;
  if (schema !== undefined) needs.add('jsonSchema');
  else if (config.responseMimeType === 'application/json') needs.add('jsonMode');
  if ((asNumber(config.candidateCount) ?? 1) > 1) needs.add('choices');
  const thinking = wireObject(config.thinkingConfig);
  const budget = asNumber(thinking?.thinkingBudget);
  if (thinking?.thinkingLevel !== undefined || (budget !== undefined && budget !== 0)) needs.add('reasoning');
}

function addPart(written: JsonObject, needs: Set<Need>): void {
  const part = wireObject(written);
  const blob = wireObject(part?.inlineData) ?? wireObject(part?.fileData);
  // A picture the model drew while it thought is no picture of the conversation.
  if (blob === undefined || part?.thought === true) return;
  const need = mediaNeed(asString(blob.mimeType) ?? '');
  if (need !== undefined) needs.add(need);
}

/** No fact says who reads videos. */
function mediaNeed(mediaType: string): Need | undefined {
  if (mediaType.startsWith('image/')) return 'vision';
  if (mediaType.startsWith('audio/')) return 'audioInput';
  return mediaType === 'application/pdf' ? 'files' : undefined;
}
