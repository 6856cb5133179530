export type { ProviderTranslateOptions } from './options.ts';
export { createProviderTranslate, type ProviderTranslateContext } from './provider-translate.ts';
