import { type AuthOptions, createAuth, credentialHeaders } from '../auth/index.ts';
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import type { Passage } from './gate.ts';
import { type GateRow, gatePlugin } from './gate-plugin.ts';
import type { FieldDefinition, KongPlugin, SchemaField } from './kong-plugin.ts';

const text: FieldDefinition = { type: 'string', len_min: 1, len_max: 256 };

const ownerFields: readonly SchemaField[] = [
  { id: text },
  { user: text },
  { team: text },
  { project: text },
  { feature: text },
  { tags: { type: 'array', elements: text } },
];

/**
 * `auth` in Kong's access phase. `models` of a key are left out: which model a request asks for is decided where its body
 * is read, and that is not here.
 */
const schema: readonly SchemaField[] = [
  {
    keys: {
      type: 'array',
      len_min: 1,
      elements: {
        type: 'record',
        fields: [
          { key: { type: 'string', required: true, len_min: 16, len_max: 512, referenceable: true, encrypted: true } },
          ...ownerFields,
        ],
      },
    },
  },
  {
    key_hashes: {
      type: 'array',
      len_min: 1,
      elements: {
        type: 'record',
        fields: [{ hash: { type: 'string', required: true, match: `^${'%x'.repeat(64)}$` } }, ...ownerFields],
      },
    },
  },
  { secret: { type: 'string', len_min: 32, referenceable: true, encrypted: true } },
  { hide_credentials: { type: 'boolean', required: true, default: true } },
];

export const aigwAuthRow: GateRow = {
  name: 'aigw-auth',
  priority: 1240,
  schema,
  needs: {},
  create: ({ keys, key_hashes: keyHashes, secret }) => createAuth(authOptions({ keys, keyHashes, secret })),
  passage,
};

export const aigwAuth: KongPlugin = gatePlugin(aigwAuthRow);

/** Kong has checked the shape, and `auth` checks everything again: what goes through here is not trusted. */
function authOptions(given: unknown): AuthOptions {
  return given as AuthOptions;
}

/** Request headers that tell the service who calls. */
const callerHeaders = [
  ['keyId', 'x-gateway-key-id'],
  ['user', 'x-gateway-user'],
  ['team', 'x-gateway-team'],
  ['project', 'x-gateway-project'],
  ['feature', 'x-gateway-feature'],
] as const;

function passage(call: Call, config: JsonObject): Passage {
  const { caller, head } = call;
  const setHeaders: Record<string, string> = {};
  for (const [member, name] of callerHeaders) {
    const value = caller[member];
    if (value !== undefined) setHeaders[name] = headerText(value);
  }
  const hide = config.hide_credentials !== false;
  const rawQuery = hide && call.dialect === 'gemini' ? queryWithoutKey(head.path) : undefined;
  return {
    shared: sharedCaller(call),
    setHeaders,
    clearHeaders: Object.keys(head.headers).filter(
      (name) => (isForged(name) && !(name in setHeaders)) || (hide && isCredential(name, head.headers[name])),
    ),
    ...(rawQuery !== undefined && { rawQuery }),
  };
}

/** Lua cannot tell an empty list from an empty table: empty lists are left out. */
function sharedCaller({ caller }: Call): Passage['shared'] {
  const { keyId, user, team, project, feature, tags } = caller;
  return {
    key_id: keyId,
    ...(user !== undefined && { user }),
    ...(team !== undefined && { team }),
    ...(project !== undefined && { project }),
    ...(feature !== undefined && { feature }),
    ...(tags !== undefined && tags.length > 0 && { tags }),
  };
}

const forgeable: ReadonlySet<string> = new Set(callerHeaders.map(([, name]) => name));

/** Whether a caller has sent a header that is ours to send. Some services take `_` and `-` in names for the same. */
function isForged(name: string): boolean {
  return forgeable.has(name.replaceAll('_', '-'));
}

/** Other schemes of `Authorization` are for the service: no key of ours comes that way. */
function isCredential(name: string, value: string | readonly string[] | undefined): boolean {
  if (name === 'authorization') return /^bearer /i.test(String(value));
  return credentialHeaders.some((known) => known === name);
}

/** Visible ASCII as it is, the rest percent-encoded UTF-8. */
function headerText(value: string): string {
  return value.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);
}

/** `undefined` when there is no key in the query. */
function queryWithoutKey(path: string): string | undefined {
  const start = path.indexOf('?');
  if (start === -1) return undefined;
  const parameters = path.slice(start + 1).split('&');
  const kept = parameters.filter((parameter) => !new URLSearchParams(parameter).has('key'));
  return kept.length === parameters.length ? undefined : kept.join('&');
}
