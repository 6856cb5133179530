import type { DialectName } from '../../src/core/dialect-name.ts';
import { messageStreamProblems } from './anthropic-stream-grammar.ts';
import { streamProblems } from './bedrock-stream-grammar.ts';
import { cohereStreamProblems } from './cohere-stream-grammar.ts';
import { contentStreamProblems } from './gemini-stream-grammar.ts';
import { lineProblems } from './ollama-stream-grammar.ts';
import { chunkProblems } from './openai-chunk-grammar.ts';
import { responseStreamProblems } from './openai-responses-stream-grammar.ts';

/** What the API of a dialect has against a stream in which usage was asked for; empty when it is right. */
export type StreamGrammar = (stream: Buffer) => readonly string[];

/** Of every dialect whose streams a vendor has described. */
export const streamGrammars: Readonly<Record<Exclude<DialectName, 'plain-chat'>, StreamGrammar>> = {
  'openai-chat': (stream) => chunkProblems(stream.toString(), { usage: true }),
  'openai-responses': (stream) => responseStreamProblems(stream.toString()),
  'anthropic-messages': (stream) => messageStreamProblems(stream.toString()),
  gemini: (stream) => contentStreamProblems(stream.toString()),
  'bedrock-converse': streamProblems,
  'cohere-chat': (stream) => cohereStreamProblems(stream.toString()),
  'ollama-chat': (stream) => lineProblems(stream.toString()),
};
