import { asArray, asObject, type JsonObject } from '../../core/json.ts';

/** A block as the stream has it: what its start says, and what comes after. */
export interface StreamedBlock {
  readonly start?: JsonObject;
  readonly deltas: readonly JsonObject[];
}

/**
 * A block of a whole answer that only this dialect knows, as its stream.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockStart.html
 */
export function wholeBlock(data: JsonObject): StreamedBlock {
  const [name = ''] = Object.keys(data);
  const content = asObject(data[name]) ?? {};
  switch (name) {
    case 'toolUse': {
      const { input, ...start } = content;
      return { start: { toolUse: start }, deltas: [{ toolUse: { input: JSON.stringify(input ?? {}) } }] };
    }
    case 'toolResult': {
      const { content: result, ...start } = content;
      return { start: { toolResult: start }, deltas: [{ toolResult: asArray(result) }] };
    }
    case 'citationsContent':
      return { deltas: asArray(content.citations).map((citation) => ({ citation })) };
    case 'image': {
      const { format, ...rest } = content;
      return { start: { image: { format } }, deltas: [{ image: rest }] };
    }
    default:
      return { deltas: [data] };
  }
}
