import type { DialectName } from '../core/dialect-name.ts';
import type { JsonObject } from '../core/json.ts';
import type { Extensions, Opaque } from './canonical.ts';

/** How a dialect marks what it alone understands, and finds it again. */
export interface OwnFields {
  /** `extensions` with this dialect's fields, ready to be spread; nothing when there are none. */
  readonly withExtensions: (own: JsonObject | undefined) => { readonly extensions?: Extensions };
  /** This dialect's own extension fields. The names of all others are reported as dropped. */
  readonly ownExtensions: (extensions: Extensions | undefined, dropped: Set<string>) => JsonObject;
  /** Opaque state of this dialect; nothing for an empty or missing value. */
  readonly opaque: (value: unknown) => Opaque | undefined;
  /** The value of opaque state, if this dialect made it. */
  readonly ownValue: (state: Opaque | undefined) => string | undefined;
}

export function ownFields(dialect: DialectName): OwnFields {
  return {
    withExtensions: (own) => (own === undefined ? {} : { extensions: { [dialect]: own } }),
    ownExtensions(extensions = {}, dropped) {
      for (const [name, fields] of Object.entries(extensions)) {
        if (name === dialect) continue;
        for (const key of Object.keys(fields)) dropped.add(key);
      }
      return extensions[dialect] ?? {};
    },
    opaque: (value) => (typeof value === 'string' && value !== '' ? { dialect, value } : undefined),
    ownValue: (state) => (state?.dialect === dialect ? state.value : undefined),
  };
}

/** Which of a request's own fields go out again. */
export interface PassedKeys {
  readonly passed: ReadonlySet<string>;
  /** Those which the encoder puts in their place itself. */
  readonly placed?: ReadonlySet<string>;
}

/** The fields of a dialect that go out as they came in. The names of those that have no place are reported as dropped. */
export function passedFields(own: JsonObject, { passed, placed }: PassedKeys, dropped: Set<string>): JsonObject {
  const entries = Object.entries(own).filter(([key]) => {
    if (passed.has(key)) return true;
    if (placed?.has(key) !== true) dropped.add(key);
    return false;
  });
  return Object.fromEntries(entries);
}
