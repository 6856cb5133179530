import type { RequestOrigin } from '../../src/core/inbound.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';

/** A call as one dialect says it: a request of 2 KB, an answer of 2 KB, and an answer in the chunks of a stream. */
export interface Exchange {
  readonly dialect: PlayedDialect;
  /** The provider's own name of the model. */
  readonly model: string;
  /** What the path says of the request, where the body does not. */
  readonly origin?: RequestOrigin;
  request(stream: boolean): string;
  readonly whole: string;
  /** The streamed answer, one piece per chunk of its text. */
  readonly frames: readonly (string | Uint8Array)[];
}
