/** The wire formats the fake provider speaks. */
export type UpstreamName = 'openai' | 'anthropic' | 'gemini';

/** What is said in one wire format: a request as a client of that provider sends it, and the provider's answers. */
export interface Upstream {
  readonly name: UpstreamName;
  readonly model: string;
  /** Path of the call. */
  path(stream: boolean): string;
  request(stream: boolean): string;
  /** The answer of a call that is no stream. */
  readonly whole: string;
  /** Text of the whole answer. */
  readonly wholeText: string;
  /** The streamed answer in the pieces in which it is written, one per interval. */
  readonly frames: readonly string[];
}
