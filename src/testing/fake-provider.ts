import { type Runtime, systemRuntime } from '../core/runtime.ts';
import type { ProviderState } from './answer-call.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import type { RecordedCall, WallStats } from './call-log.ts';
import { cohereChat } from './cohere-chat/index.ts';
import { FaultSet, parseFaults } from './faults/parse-faults.ts';
import { gemini } from './gemini/index.ts';
import { ollamaChat } from './ollama-chat/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { Personality, PlayedDialect } from './personality.ts';
import { ProviderServer } from './provider-server.ts';
import { randomId, seededRandom } from './seeded-random.ts';
import type { Prompt } from './speech/prompt.ts';
import type { ScriptedReply } from './speech/script.ts';
import { plainSpeech } from './speech/triggers.ts';

export interface FakeProviderOptions {
  /** Which APIs it offers. @default all of them */
  readonly dialects?: readonly PlayedDialect[];
  /** Everything random (ids, `flaky`) follows from it. @default 1 */
  readonly seed?: number;
  /** Milliseconds between two content chunks of a stream. @default 0 */
  readonly tokenDelay?: number;
  /** Milliseconds before the first content chunk, or before the body of a whole answer. @default 0 */
  readonly firstTokenDelay?: number;
  /** Refuses requests that do not bring one of these keys where the vendor wants it. @default any key or none will do */
  readonly apiKey?: string | readonly string[];
  /** How many calls the books hold; of older ones only the counts remain. @default 10000 */
  readonly remember?: number;
  /** What the lists of models name. @default ['demo-small', 'demo-large'] */
  readonly models?: readonly string[];
  /** The text of a built-in answer. @default the triggers that `docs/testing.md` lists */
  readonly speak?: (prompt: Prompt) => string;
  /** Clock and timers. @default the process's own */
  readonly runtime?: Runtime;
}

/** A provider on 127.0.0.1 that speaks the vendors' wire formats and fails as it is told to. */
export interface FakeProvider {
  /** Scheme, host and port. */
  readonly url: string;
  /** What the vendor's own client takes as its base URL: with `/v1` for OpenAI, without a version for the others. */
  baseUrl(dialect: PlayedDialect): string;
  /** Every request so far, oldest first, up to `remember`. */
  readonly calls: readonly RecordedCall[];
  stats(): WallStats;
  /** Answers the next calls, in this order, with these; what is said or shown there holds for chat alone. */
  script(...replies: readonly ScriptedReply[]): void;
  /**
   * Every call from now on meets these faults, whatever its model: `breakWith('e503')`. They replace earlier ones, and
   * those of the model's name that contradict them.
   *
   * @throws FaultSyntaxError for an unknown expression
   */
  breakWith(faults: string): void;
  /** Ends `breakWith`. */
  heal(): void;
  /** Resolves when no call is under way. @throws after `timeout` milliseconds, naming the calls that hang @default 2000 */
  whenIdle(timeout?: number): Promise<void>;
  /** Forgets ended calls, scripts and `breakWith`, and starts the random numbers over. */
  reset(): void;
  /**
   * Destroys every connection and stops listening.
   *
   * @throws FaultSyntaxError when a model name asked for a fault that does not exist, so that its 400 passes for no test
   */
  close(): Promise<void>;
}

const personalities: Readonly<Record<PlayedDialect, Personality>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  'bedrock-converse': bedrockConverse,
  'ollama-chat': ollamaChat,
  'cohere-chat': cohereChat,
};

/** Anthropic stands first: it shares the path of its list of models with OpenAI, and knows its own by a header. */
const allDialects: readonly PlayedDialect[] = [
  'anthropic-messages',
  'openai-chat',
  'openai-responses',
  'gemini',
  'bedrock-converse',
  'ollama-chat',
  'cohere-chat',
];

/** Starts a fake provider on an ephemeral port of 127.0.0.1. */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const state = new WallState(options);
  const server = new ProviderServer(state, {
    runtime: options.runtime ?? systemRuntime,
    remember: options.remember ?? 10_000,
  });
  const url = await server.listen();
  return {
    url,
    baseUrl: (dialect) => url + personalities[dialect].basePath,
    get calls() {
      return server.log.calls;
    },
    stats: () => server.log.stats(),
    script: (...replies) => void state.scripts.push(...replies),
    breakWith: (faults) => {
      state.faults = parseFaults(faults);
    },
    heal: () => {
      state.faults = healthy;
    },
    whenIdle: (timeout = 2000) => server.whenIdle(timeout),
    reset: () => {
      state.reset();
      server.log.reset();
    },
    close: () => server.close(),
  };
}

const healthy = new FaultSet([]);

class WallState implements ProviderState {
  readonly personalities: ProviderState['personalities'];
  readonly apiKeys: readonly string[] | undefined;
  readonly models: readonly string[];
  readonly speak: (prompt: Prompt) => string;
  readonly tokenDelay: number;
  readonly firstTokenDelay: number;
  readonly wallTime: () => number;
  readonly scripts: ScriptedReply[] = [];
  faults = healthy;
  readonly #seed: number;
  #random: () => number;

  constructor(options: FakeProviderOptions) {
    const wanted = options.dialects ?? allDialects;
    const [first, ...rest] = allDialects.filter((name) => wanted.includes(name)).map((name) => personalities[name]);
    if (first === undefined) throw new TypeError('startFakeProvider: "dialects" must name at least one dialect');
    this.personalities = [first, ...rest];
    this.apiKeys = typeof options.apiKey === 'string' ? [options.apiKey] : options.apiKey;
    this.models = options.models ?? ['demo-small', 'demo-large'];
    this.speak = options.speak ?? plainSpeech;
    this.tokenDelay = options.tokenDelay ?? 0;
    this.firstTokenDelay = options.firstTokenDelay ?? 0;
    const runtime = options.runtime ?? systemRuntime;
    this.wallTime = () => runtime.wallTime();
    this.#seed = options.seed ?? 1;
    this.#random = seededRandom(this.#seed);
  }

  readonly random = (): number => this.#random();

  readonly newId = (): string => randomId(this.#random, 22);

  reset(): void {
    this.scripts.length = 0;
    this.faults = healthy;
    this.#random = seededRandom(this.#seed);
  }
}
