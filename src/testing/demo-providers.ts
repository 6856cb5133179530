import type { Runtime } from '../core/runtime.ts';
import { type FakeProvider, startFakeProvider } from './fake-provider.ts';
import type { PlayedDialect } from './personality.ts';
import type { Prompt } from './speech/prompt.ts';
import { gist, plainSpeech } from './speech/triggers.ts';

/** A built-in provider that stands in for a real one and says so. */
export interface DemoProvider {
  readonly dialect: PlayedDialect;
  /** For people: says that it is a demo. */
  readonly label: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
  /** The provider itself, e.g. to break it in front of an audience: `provider.breakWith('e503')`. */
  readonly provider: FakeProvider;
}

export interface DemoProviders {
  readonly openai: DemoProvider;
  readonly anthropic: DemoProvider;
  readonly gemini: DemoProvider;
  close(): Promise<void>;
}

export interface DemoOptions {
  /** @default 1 */
  readonly seed?: number;
  /** Clock and timers. @default the process's own */
  readonly runtime?: Runtime;
}

/** Starts three built-in providers, one per dialect, at the pace of real ones. They need no key and reach no network. */
export async function startDemoProviders(options: DemoOptions = {}): Promise<DemoProviders> {
  const [openai, anthropic, gemini] = await Promise.all([
    startDemo({ dialect: 'openai-chat', vendor: 'OpenAI', models: ['demo-small', 'demo-large'] }, options),
    startDemo({ dialect: 'anthropic-messages', vendor: 'Anthropic', models: ['demo-haiku', 'demo-sonnet'] }, options),
    startDemo({ dialect: 'gemini', vendor: 'Gemini', models: ['demo-flash', 'demo-pro'] }, options),
  ]);
  const all = [openai, anthropic, gemini];
  return {
    openai,
    anthropic,
    gemini,
    close: async () => {
      // A visitor may have typed any model name; that is no reason to fail the shutdown.
      await Promise.allSettled(all.map((demo) => demo.provider.close()));
    },
  };
}

interface DemoPlan {
  readonly dialect: PlayedDialect;
  readonly vendor: string;
  readonly models: readonly string[];
}

/** About 40 tokens a second after a third of a second: what a small hosted model does. */
const pace = { firstTokenDelay: 350, tokenDelay: 25 };

async function startDemo({ dialect, vendor, models }: DemoPlan, options: DemoOptions): Promise<DemoProvider> {
  const label = `Built-in demo provider (${vendor} wire format)`;
  const provider = await startFakeProvider({
    dialects: [dialect],
    models,
    speak: (prompt) => demoSpeech(prompt, label),
    ...pace,
    ...options,
  });
  return { dialect, label, baseUrl: provider.baseUrl(dialect), models, provider };
}

/** Nobody shall take the demo for a model: the answer says what it is, and proves that the question arrived. */
function demoSpeech(prompt: Prompt, label: string): string {
  const said = plainSpeech(prompt);
  const question = prompt.question === '' ? 'nothing' : `"${gist(prompt.question)}"`;
  const results = prompt.toolResults.length > 0 ? ` ${said}` : '';
  return (
    `[demo] ${label}, model ${prompt.model}: no language model was asked. You said ${question}.${results} ` +
    'Set a provider key, for example OPENAI_API_KEY, and restart to talk to a real one.'
  );
}
