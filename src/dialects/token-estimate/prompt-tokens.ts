import type { ChatRequest, Message, Part } from '../canonical.ts';
import { estimateTextTokens } from './text-tokens.ts';
import { tokenizerOf } from './tokenizer.ts';

/** What surrounds each message: role and separators. */
const tokensPerMessage = 4;
/** A picture of middle size; what vendors count depends on its dimensions. */
const tokensPerImage = 800;
/** A page or a few seconds: files are not opened to look. */
const tokensPerFile = 1_500;

/**
 * About how many tokens a request's prompt has for a model, tools and response format included. As near as
 * `estimateTextTokens` and the model's tokenizer come for its texts; media, schemas and what a provider adds of its own (the
 * instructions it puts in front of tools) are guesses. Not for billing.
 */
export function estimatePromptTokens(request: ChatRequest, model: string): number {
  let tokens = 0;
  for (const message of request.messages) tokens += tokensPerMessage + messageTokens(message);
  for (const tool of request.tools ?? [])
    tokens += estimateTextTokens(JSON.stringify(tool.type === 'function' ? tool : tool.data));
  if (request.responseFormat?.type === 'json-schema')
    tokens += estimateTextTokens(JSON.stringify(request.responseFormat.schema));
  const { rate, preamble = 0, toolPreamble = 0 } = tokenizerOf(model);
  return Math.ceil(tokens * rate + preamble + (request.tools?.length ? toolPreamble : 0));
}

function messageTokens({ parts }: Message): number {
  let tokens = 0;
  for (const part of parts) tokens += partTokens(part);
  return tokens;
}

function partTokens(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return estimateTextTokens(part.text);
    case 'tool-call':
      return estimateTextTokens(part.name) + estimateTextTokens(part.arguments);
    case 'tool-result':
      return part.content.reduce((sum, content) => sum + partTokens(content), 0);
    case 'image':
      return tokensPerImage;
    case 'file':
    case 'audio':
      return tokensPerFile;
    case 'extension':
      return estimateTextTokens(JSON.stringify(part.data));
  }
}
