import type { GatewayConfig } from '../gateway/config/schema.ts';
import type { ProviderOptions } from '../providers/options.ts';
import { type DemoProvider, type DemoProviders, startDemoProviders } from '../testing/index.ts';

/** A configuration whose providers are built in and clearly no real ones. */
export interface Demo {
  readonly config: GatewayConfig;
  /** A model to begin with. */
  readonly model: string;
  /** What there is to see. */
  readonly about: string;
  close(): Promise<void>;
}

export async function startDemo(): Promise<Demo> {
  const providers = await startDemoProviders();
  return {
    config: demoConfig(providers),
    model: 'demo',
    about: [
      'No provider is configured, so built-in demo providers answer; nothing leaves this machine.',
      'Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, ... for real ones.',
      '',
      '  demo                      any of the three',
      '  openai/demo-small         the same dialect in and out',
      '  anthropic/demo-haiku      translated to Anthropic Messages',
      '  gemini/demo-flash         translated to Gemini',
      '  demo-failover             the first target fails, the second answers',
      '  openai/cut(3)             a stream that breaks: see how it ends',
    ].join('\n'),
    close: () => providers.close(),
  };
}

function demoConfig(providers: DemoProviders): GatewayConfig {
  return {
    providers: {
      openai: demoProvider(providers.openai),
      anthropic: demoProvider(providers.anthropic),
      gemini: demoProvider(providers.gemini),
    },
    models: {
      demo: {
        strategy: 'weighted',
        targets: ['openai/demo-small', 'anthropic/demo-haiku', 'gemini/demo-flash'],
      },
      'demo-failover': { targets: ['openai/e503', 'anthropic/demo-haiku'] },
    },
  };
}

/** Its own models alone, so that nobody is shown a real one; what they say costs nothing. */
function demoProvider({ baseUrl, models }: DemoProvider): ProviderOptions {
  const apiKey = 'demo-key-for-built-in-providers';
  return { apiKey, baseUrl, models, prices: { '*': { input: 0, output: 0 } } };
}
