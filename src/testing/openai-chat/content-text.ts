import { asString } from '../../core/json.ts';
import { asObjects } from '../json-lists.ts';

/** The text of a message's content: a string, or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asObjects(content)
    .map((part) => asString(part.text) ?? asString(part.refusal) ?? '')
    .join('');
}
