import type { Task } from './contenders/contender.ts';

/** How a scenario is measured. */
export type Method =
  /** Processor time per request, many connections that never rest. */
  | 'cpu-per-request'
  /** Processor time per streamed chunk, many paced streams at once. */
  | 'cpu-per-chunk'
  /** Time added to what the provider itself takes, at a rate far from saturation. */
  | 'added-latency'
  /** Growth of the resident set while streams are open. */
  | 'memory-per-stream';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly method: Method;
  readonly task: Task;
  readonly stream: boolean;
  /** How many callers take turns, each with a key of its own; absent where it does not matter who calls. */
  readonly callers?: number;
  /** Part of the quick mode; the others are measured in the full one, or when they are named. */
  readonly quick: boolean;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'json-pass',
    title: 'JSON pass-through: 64 connections, 2 KB request and answer',
    method: 'cpu-per-request',
    task: 'pass',
    stream: false,
    quick: true,
  },
  {
    name: 'json-translated',
    title: 'JSON translated: OpenAI in, Anthropic behind, 64 connections',
    method: 'cpu-per-request',
    task: 'to-anthropic',
    stream: false,
    quick: true,
  },
  {
    name: 'fallback',
    title: 'Fallback: the first link refuses every call, 64 connections',
    method: 'cpu-per-request',
    task: 'fallback',
    stream: false,
    quick: false,
  },
  {
    name: 'stream-pass',
    title: 'Streams passed through: 100 at once, 60 chunks each, one per 20 ms',
    method: 'cpu-per-chunk',
    task: 'pass',
    stream: true,
    quick: true,
  },
  {
    name: 'stream-translated-anthropic',
    title: 'Streams translated: OpenAI in, Anthropic behind, 100 at once',
    method: 'cpu-per-chunk',
    task: 'to-anthropic',
    stream: true,
    quick: true,
  },
  {
    name: 'stream-translated-gemini',
    title: 'Streams translated: OpenAI in, Gemini behind, 100 at once',
    method: 'cpu-per-chunk',
    task: 'to-gemini',
    stream: true,
    quick: false,
  },
  ...[1, 100, 10_000].map(
    (callers): Scenario => ({
      name: `keys-${callers}`,
      title: `JSON pass-through, keys that take turns: ${callers.toLocaleString('en')}`,
      method: 'cpu-per-request',
      task: 'pass',
      stream: false,
      callers,
      quick: false,
    }),
  ),
  {
    name: 'latency',
    title: 'Latency added to a JSON call, 200 calls/s',
    method: 'added-latency',
    task: 'pass',
    stream: false,
    quick: false,
  },
  {
    name: 'ttft',
    title: 'Time to first token added, 50 streams started per second',
    method: 'added-latency',
    task: 'pass',
    stream: true,
    quick: false,
  },
  {
    name: 'memory',
    title: 'Memory per open stream, 1,000 open',
    method: 'memory-per-stream',
    task: 'pass',
    stream: true,
    quick: false,
  },
];
