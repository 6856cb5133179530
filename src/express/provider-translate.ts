import { createProviderTranslate, type ProviderTranslateOptions } from '../provider-translate/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type { ProviderTranslateOptions } from '../provider-translate/index.ts';

/**
 * Translates between OpenAI-speaking callers and one provider: sends by itself, or lets the app's own proxy do so.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function providerTranslate(options?: ProviderTranslateOptions): Middleware {
  return mount(createProviderTranslate(options));
}
