import { isJsonObject, type JsonValue } from '../core/json.ts';

/** Members that hold media, and the state of providers, in every dialect. */
const notText: ReadonlySet<string> = new Set([
  'data',
  'url',
  'image_url',
  'file_data',
  'fileUri',
  'file_uri',
  'signature',
  'encrypted_content',
  'thoughtSignature',
  'thought_signature',
  'bytes',
  'images',
]);

/** Gives every text of a request body, in order, whatever the dialect. */
export function eachPromptText(value: JsonValue, onText: (text: string) => void): void {
  if (typeof value === 'string') {
    onText(value);
  } else if (Array.isArray(value)) {
    for (const entry of value) eachPromptText(entry, onText);
  } else if (isJsonObject(value)) {
    for (const key in value) {
      const member = value[key];
      if (member !== undefined && !notText.has(key)) eachPromptText(member, onText);
    }
  }
}
