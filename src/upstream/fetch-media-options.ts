import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration, type Size, size } from '../core/units.ts';

/** The `media` section: what happens to pictures and documents by URL when the provider fetches none itself. */
export interface MediaOptions {
  /**
   * `on` lets the gateway fetch them, from public addresses only. It then connects to hosts that callers choose; `off`
   * refuses such a request with 400 unless the provider fetches by itself.
   * @default 'off'
   */
  readonly fetch?: 'off' | 'on';
  /**
   * The only hosts anything is fetched from: `images.example.com`, `*.example.com`. An address that is not public stays
   * out of reach whatever stands here.
   * @default every public host
   */
  readonly allowHosts?: readonly string[];
  /**
   * Most bytes of all media of one request together.
   * @default '20mb'
   */
  readonly maxBytes?: Size;
  /**
   * Until the last byte of one URL, redirects included.
   * @default '10s'
   */
  readonly timeout?: Duration;
}

const hostPattern = z
  .string('must be a text')
  .regex(/^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'must be a host such as "example.com" or "*.example.com"');

/** The schema of the `media` section; part of the one configuration schema. */
export const mediaOptionsSchema = z.strictObject({
  fetch: z.enum(['off', 'on'], 'must be "off" or "on"').default('off'),
  allowHosts: z.array(hostPattern).min(1, 'is empty: nothing could be fetched; say "fetch: off" instead').optional(),
  maxBytes: size.refine((bytes) => bytes > 0, 'must be more than nothing').default(20 * 1024 ** 2),
  timeout: duration.refine((milliseconds) => milliseconds > 0, 'must be longer than nothing').default(10_000),
});

export interface MediaLimits {
  readonly allowHosts: readonly string[] | undefined;
  /** Bytes. */
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * The limits under which media are fetched; `undefined` when none are.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function resolveMediaOptions(options: MediaOptions | undefined, where: string): MediaLimits | undefined {
  const { fetch, allowHosts, maxBytes, timeout } = parseOptions(mediaOptionsSchema, options ?? {}, where);
  return fetch === 'off' ? undefined : { allowHosts, maxBytes, timeout };
}
