import { asArray, type JsonObject, type JsonValue } from '../core/json.ts';
import type { OutgoingRequest } from './inquiry.ts';

/** One question as one request or several to the same path. */
export function requestParts(
  path: string,
  bodies: readonly JsonObject[],
): Pick<OutgoingRequest, 'path' | 'body' | 'more'> {
  const [body = '', ...rest] = bodies.map((part) => JSON.stringify(part));
  return rest.length === 0 ? { path, body } : { path, body, more: rest.map((more) => ({ path, body: more })) };
}

/** The answers to it: one comes as it is, several as one array. */
export function answersOf(json: JsonValue, requests: number): readonly JsonValue[] {
  return requests > 1 ? asArray(json) : [json];
}
