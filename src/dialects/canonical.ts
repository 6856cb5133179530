/*
 * The provider-agnostic conversation. Every dialect decodes into it and encodes from it, so N dialects need N codecs.
 * All of it is immutable: a codec never changes what it was given.
 */

export type { ChatAnswer, Choice, FinishReason } from './canonical/answer.ts';
export type { ChatEvent } from './canonical/event.ts';
export type { FaultKind, UpstreamFault } from './canonical/fault.ts';
export type {
  AudioPart,
  ExtensionPart,
  FilePart,
  ImagePart,
  MediaSource,
  Message,
  Part,
  ReasoningPart,
  RefusalPart,
  Role,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from './canonical/message.ts';
export type { Extensions, Opaque } from './canonical/opaque.ts';
export type {
  ChatRequest,
  FunctionTool,
  ProviderTool,
  ReasoningOptions,
  ResponseFormat,
  Tool,
  ToolChoice,
} from './canonical/request.ts';
