import { asArray, isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Tool } from './canonical.ts';
import { refusal } from './refusal.ts';

/**
 * @param place where the tools stand in the request
 * @param decodeTool nothing for a tool that lacks what its kind needs
 * @throws GatewayError `invalid_request`
 */
export function decodeToolList(
  tools: JsonValue | undefined,
  place: string,
  decodeTool: (tool: JsonObject) => Tool | undefined,
): readonly Tool[] {
  if (!Array.isArray(tools)) throw refusal(place, 'must be an array');
  return asArray(tools).map((value, index) => {
    const tool = isJsonObject(value) ? decodeTool(value) : undefined;
    if (tool === undefined) throw refusal(`${place}.${index}`, 'is not a valid tool');
    return tool;
  });
}
