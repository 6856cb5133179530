import { asString, type JsonObject } from '../../core/json.ts';
import { asObjects } from '../json-lists.ts';

/** A message's content as blocks: a string is one text block. */
export function contentBlocks(content: unknown): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : asObjects(content);
}

/** The text of text blocks, joined. */
export function contentText(content: unknown): string {
  return contentBlocks(content)
    .map((block) => asString(block.text) ?? '')
    .join('');
}
