import { estimateTokenCount } from 'tokenx';
import type { ChatRequest, Message, Part } from './canonical.ts';

/** What surrounds each message: role and separators. */
const tokensPerMessage = 4;
/** A picture of middle size; what vendors count depends on its dimensions. */
const tokensPerImage = 800;
/** A page or a few seconds: files are not opened to look. */
const tokensPerFile = 1_500;

/**
 * About how many tokens a request's prompt has, tools and response format included. Within a tenth for English and
 * code; other scripts differ by up to a half. Not for billing.
 */
export function estimatePromptTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) tokens += tokensPerMessage + messageTokens(message);
  for (const tool of request.tools ?? [])
    tokens += textTokens(JSON.stringify(tool.type === 'function' ? tool : tool.data));
  if (request.responseFormat?.type === 'json-schema')
    tokens += textTokens(JSON.stringify(request.responseFormat.schema));
  return tokens;
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
      return textTokens(part.text);
    case 'tool-call':
      return textTokens(part.name) + textTokens(part.arguments);
    case 'tool-result':
      return part.content.reduce((sum, content) => sum + partTokens(content), 0);
    case 'image':
      return tokensPerImage;
    case 'file':
    case 'audio':
      return tokensPerFile;
    case 'extension':
      return textTokens(JSON.stringify(part.data));
  }
}

function textTokens(text: string): number {
  return text === '' ? 0 : estimateTokenCount(text);
}
