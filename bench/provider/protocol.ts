/** What the bench asks the fake provider. */
export type ProviderProtocol = {
  /** Milliseconds between the chunks of every stream that starts from now on. */
  readonly pace: { readonly ask: number; readonly answer: undefined };
  readonly counts: { readonly ask: undefined; readonly answer: ProviderCounts };
};

/** Since the provider started. */
export interface ProviderCounts {
  /** Whole answers. */
  readonly answered: number;
  /** Calls to the link that refuses them. */
  readonly refused: number;
  /** Chunks written into streams. */
  readonly chunks: number;
}
