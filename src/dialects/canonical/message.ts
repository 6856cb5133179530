import type { DialectName } from '../../core/dialect-name.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Extensions, Opaque } from './opaque.ts';

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** One turn. `tool` messages hold `tool-result` parts only; `tool-call` and `reasoning` parts stand in `assistant` ones. */
export interface Message {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly name?: string;
  readonly extensions?: Extensions;
}

export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | ReasoningPart
  | RefusalPart
  | ToolCallPart
  | ToolResultPart
  | ExtensionPart;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Gemini signs text parts too, also empty ones. */
  readonly signature?: Opaque;
  readonly extensions?: Extensions;
}

/** Bytes in the request, or where the provider finds them. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** An id in the provider's own file store. */
  | { readonly kind: 'file-id'; readonly id: string; readonly mediaType?: string };

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: string;
  readonly extensions?: Extensions;
}

/** A document, e.g. a PDF. */
export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource | { readonly kind: 'text'; readonly text: string; readonly mediaType?: string };
  readonly filename?: string;
  readonly extensions?: Extensions;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
  readonly extensions?: Extensions;
}

/** The model's thinking. `redacted` is thinking the provider shows only in encrypted form; `text` is then empty. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: Opaque;
  readonly redacted?: Opaque;
  readonly extensions?: Extensions;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it: may be cut off, never re-serialised. No arguments at all is `{}`. */
  readonly arguments: string;
  readonly signature?: Opaque;
  readonly extensions?: Extensions;
}

export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  /** Known where the dialect names the tool in its results (Gemini); else look the call up by its id. */
  readonly toolName?: string;
  readonly content: readonly (TextPart | ImagePart | FilePart | ExtensionPart)[];
  /** The result as an object where the dialect sends one (Gemini); `content` then holds its JSON text. */
  readonly structured?: JsonObject;
  readonly isError?: boolean;
  readonly extensions?: Extensions;
}

/** A part only one dialect knows (server tools, citations blocks, ...), kept whole under its wire form. */
export interface ExtensionPart {
  readonly type: 'extension';
  readonly dialect: DialectName;
  readonly data: JsonObject;
}
