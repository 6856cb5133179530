import type { DialectName } from '../../core/dialect-name.ts';
import type { JsonObject } from '../../core/json.ts';

/**
 * What a dialect has and the canonical form has not, under the dialect's own wire names. It comes back when the target
 * speaks the same dialect; otherwise the encoder reports it as dropped.
 */
export type Extensions = { readonly [Name in DialectName]?: JsonObject };

/** Opaque provider state (signatures, encrypted reasoning): passed back byte for byte, and only to whom it came from. */
export interface Opaque {
  readonly dialect: DialectName;
  readonly value: string;
}
