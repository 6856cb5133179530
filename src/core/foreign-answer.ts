import type { Reply } from './reply.ts';

/** How the host can slow down or stop the handler it listens to. */
export interface ForeignHandlerControls {
  pause(): void;
  resume(): void;
  abort(): void;
}

/**
 * The app's own handler (usually a proxy) answers in place of our client: a capability says what the handler is to
 * receive, the host shows it that request and feeds its answer back, and the caller gets `reply`.
 */
export interface ForeignAnswer {
  readonly request: {
    /** Path and query the handler sees. */
    readonly path: string;
    /** All headers the handler sees, apart from `host` and `content-length`. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
  };
  readonly reply: Promise<Reply>;
  attach(controls: ForeignHandlerControls): void;
  onHead(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The handler broke its own answer off. */
  onBroken(): void;
}
