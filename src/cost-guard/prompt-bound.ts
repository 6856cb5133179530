import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** How much a request can make a model read. */
export interface PromptBound {
  /** Tokens of the prompt, rather too many than too few. */
  readonly tokens: number;
  /** Whether it asks the provider to keep parts of it, which some charge more for than for reading. */
  readonly writesCache: boolean;
}

/**
 * Bytes of UTF-8 per token. No language and no code has as few; only text that was made to be dense (base64 and its
 * like) can have fewer.
 */
const bytesPerToken = 2;
/** What providers add: the frame of each message, and a description of how to call tools. */
const frameTokens = 16;
const toolTokens = 512;
/** A picture or a sound of ordinary size. Large ones count by their bytes. */
const mediaTokens = 2_000;
const mediaBytesPerToken = 500;
/** Documents are read as text and as pictures of their pages. */
const documentBytesPerToken = 4;

/** Members whose text is media, or a place where media stand. */
const mediaMembers: ReadonlySet<string> = new Set(['data', 'url', 'image_url', 'fileUri', 'file_uri', 'bytes']);
const documentMembers: ReadonlySet<string> = new Set(['file_data']);
const cacheMembers: ReadonlySet<string> = new Set(['cache_control', 'cachePoint']);

/** Reads a request in any dialect as it is, without decoding it. Its depth has been checked when it was parsed. */
export function promptBound(body: JsonObject): PromptBound {
  let tokens = body.tools === undefined && body.toolConfig === undefined ? frameTokens : frameTokens + toolTokens;
  let writesCache = false;
  const visit = (value: JsonValue): void => {
    if (typeof value === 'string') {
      tokens += Math.ceil(Buffer.byteLength(value) / bytesPerToken);
    } else if (Array.isArray(value)) {
      for (const entry of value) {
        if (isJsonObject(entry)) tokens += frameTokens;
        visit(entry);
      }
    } else if (isJsonObject(value)) {
      for (const key in value) visitMember(key, value[key]);
    } else {
      tokens += 1;
    }
  };
  const visitMember = (key: string, value: JsonValue | undefined): void => {
    if (value === undefined) return;
    if (cacheMembers.has(key)) writesCache = true;
    tokens += 1 + Math.ceil(key.length / bytesPerToken);
    if (typeof value !== 'string') visit(value);
    else if (mediaMembers.has(key)) tokens += Math.max(mediaTokens, Math.ceil(value.length / mediaBytesPerToken));
    else if (documentMembers.has(key)) tokens += Math.max(mediaTokens, Math.ceil(value.length / documentBytesPerToken));
    else visit(value);
  };
  visit(body);
  return { tokens, writesCache };
}
