import { asObject, asString } from '../../core/json.ts';
import { asObjects } from '../json-lists.ts';

/** The text of a message's content, the data of documents among it. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asObjects(content)
    .map((part) => asString(part.text) ?? documentText(asObject(part.document)?.data))
    .join('');
}

function documentText(data: unknown): string {
  if (data === undefined) return '';
  return typeof data === 'string' ? data : JSON.stringify(data);
}
