import type { DialectName } from '../core/dialect-name.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Provider, ProviderInstance } from './provider.ts';

/** One way to ask a provider for a chat answer: a dialect and where it is spoken. Some providers offer several. */
export interface ChatSurface {
  /** The wire format, with this provider's deviations. */
  readonly dialect: Dialect;
  /** Path and query below the base URL. */
  chatPath(model: string, stream: boolean): string;
  /** Tested against the provider's own name of the model. @default all of the provider's models */
  readonly models?: RegExp;
}

/** All surfaces of a provider, the usual one first. */
export function surfacesOf(provider: Provider): readonly ChatSurface[] {
  return [
    {
      dialect: provider.dialect,
      chatPath: (model, stream) => provider.chatPath(model, stream),
      ...(provider.chatModels && { models: provider.chatModels }),
    },
    ...(provider.otherSurfaces ?? []),
  ];
}

/** The surface a call goes to: one that speaks the caller's dialect, so that nothing is lost; else the first that has the model. */
export function surfaceFor(instance: ProviderInstance, model: string, caller: DialectName): ChatSurface | undefined {
  const { surfaces } = instance;
  const [only] = surfaces;
  if (surfaces.length === 1) return only;
  const fitting = surfaces.filter(({ models }) => models?.test(model) ?? true);
  return fitting.find(({ dialect }) => dialect.name === caller) ?? fitting[0] ?? only;
}
