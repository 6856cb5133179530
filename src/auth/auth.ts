import { randomBytes } from 'node:crypto';
import type { Call, Caller, Slot } from '../core/call.ts';
import {
  type Candidate,
  type Capability,
  type Decision,
  type Plan,
  pass,
  reject,
  type Skip,
} from '../core/capability.ts';
import type { Environment } from '../core/environment.ts';
import { GatewayError } from '../core/errors.ts';
import { namedModels } from '../core/named-models.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { appRecord } from './app-caller.ts';
import { readCredential } from './credential.ts';
import { failureGuard } from './failure-guard.ts';
import { isToken, tokenReader } from './jwt.ts';
import { digestLength, keyDigest } from './key-digest.ts';
import { KeyDirectory } from './key-directory.ts';
import { keyFinder, type Recognition } from './key-finder.ts';
import type { KeyRecord } from './key-record.ts';
import { createKeyService, type KeyService } from './key-service.ts';
import { keyTable } from './key-table.ts';
import { nameUser } from './named-user.ts';
import { type AuthOptions, type ResolvedAuthOptions, resolveAuthOptions } from './options.ts';
import { ofOneProvider, takeProviderKey } from './provider-key.ts';

/** What `auth` takes from its surroundings. */
export interface AuthContext {
  /** Where `GATEWAY_API_KEYS` is read when the options name nobody. @default process.env */
  readonly environment?: Environment;
  readonly runtime?: Runtime;
  /** How the keys of an identity provider are fetched. @default the platform's */
  readonly fetch?: typeof globalThis.fetch;
  /** A store or an identity provider has stopped answering. */
  readonly onFault?: (thrown: unknown) => void;
}

/** The capability, and the keys of its store where it has one. */
export interface AuthCapability extends Capability {
  readonly keys: KeyService | undefined;
}

/**
 * Lets in callers who bring a known key or token, or whom the app knows, and names them on the call; everybody else is
 * refused before the body is read. A key limited to some models loses the targets it may not use, fallbacks included.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createAuth(options: AuthOptions = {}, context: AuthContext = {}): AuthCapability {
  // Resolved in an expression of its own, so that no closure below holds the plain keys.
  return authWith(recognizers(resolveAuthOptions(options, context.environment ?? process.env), context));
}

interface Recognizers {
  readonly findKey: (key: string, call: Call) => Recognition | Promise<Recognition>;
  readonly readToken: ((token: string) => Promise<Recognition>) | undefined;
  readonly user: AuthOptions['user'];
  readonly keys: KeyService | undefined;
}

function recognizers(settings: ResolvedAuthOptions, context: AuthContext): Recognizers {
  const { runtime = systemRuntime, fetch = globalThis.fetch, onFault = () => {} } = context;
  const { keys, secret, keyStore: store, jwt, user, block } = settings;
  const digestOf = keyDigest(secret ?? randomBytes(digestLength));
  const directory =
    store &&
    new KeyDirectory({ store, timeoutMs: settings.storeTimeoutMs, graceMs: settings.graceMs, runtime, onFault });
  return {
    findKey: keyFinder({
      digestOf,
      configured: keyTable(keys, digestOf),
      directory,
      guard: block && failureGuard(block, runtime),
    }),
    readToken: jwt && tokenReader(jwt, { fetch, runtime, onFault }),
    user,
    keys:
      store && directory
        ? createKeyService({ store, directory, digestOf, runtime, reserved: keys.map(({ id }) => id) })
        : undefined,
  };
}

function authWith({ findKey, readToken, user, keys }: Recognizers): AuthCapability {
  const recordSlot: Slot<KeyRecord> = { name: 'auth.key' };

  function decide(call: Call, recognition: Recognition): Decision | Promise<Decision> {
    switch (recognition.kind) {
      case 'known':
        return admit(call, recognition.record);
      case 'unknown':
        return invalidKey;
      case 'unavailable':
        return unavailable;
      case 'blocked':
        return blocked(recognition.forMs);
    }
  }

  function admit(call: Call, record: KeyRecord): Decision | Promise<Decision> {
    const now = call.runtime.wallTime();
    if (now >= record.validUntil) return expiredKey;
    if (now < record.validFrom) return earlyKey;
    if (record.mayCall !== undefined && !record.mayCall(call)) return routeNotAllowed;
    const refused = takeProviderKey(call, record);
    if (refused !== undefined) return reject(refused);
    call.set(recordSlot, record);
    if (record.namedModels !== undefined) call.set(namedModels, record.namedModels);
    if (record.caller.mayNameUser !== true) return named(call, record.caller);
    const caller = nameUser(call, record.caller);
    return isPromiseLike(caller) ? caller.then((known) => named(call, known)) : named(call, caller);
  }

  return {
    name: 'auth',
    keys,

    onHead(call: Call): Decision | Promise<Decision> {
      const reader = call.capabilities.find(({ onRequest }) => onRequest !== undefined);
      if (reader !== undefined) return misplaced(reader);
      const vouchedFor = user?.(call);
      if (vouchedFor !== undefined) return admit(call, appRecord(vouchedFor));
      const credential = readCredential(call.head, call.dialect);
      if (credential.kind === 'missing') return missingKey;
      if (credential.kind === 'ambiguous') return ambiguousCredentials;
      const { key } = credential;
      const found = readToken !== undefined && isToken(key) ? readToken(key) : findKey(key, call);
      return isPromiseLike(found) ? found.then((recognition) => decide(call, recognition)) : decide(call, found);
    },

    onPlan(call: Call, candidates: readonly Candidate[]): Plan {
      const record = call.get(recordSlot);
      // A call that never passed `onHead` may use nothing.
      const mayUse = record === undefined ? () => false : record.mayUse;
      const allowed = mayUse === undefined ? candidates : candidates.filter(mayUse);
      const skipped = mayUse === undefined ? [] : candidates.filter((candidate) => !mayUse(candidate)).map(skip);
      if (call.get(ownProviderKey) === undefined) return { candidates: allowed, skipped };
      const plan = ofOneProvider(allowed);
      return { candidates: plan.candidates, skipped: [...skipped, ...plan.skipped] };
    },
  };
}

function named(call: Call, caller: Caller): Decision {
  call.setCaller(caller);
  return pass;
}

/** What reads bodies in front of `auth` does so for strangers, and may answer them: a cache, a limit, a check of contents. */
function misplaced({ name }: Capability): Decision {
  const message = `\`auth\` is mounted after \`${name}\`, which reads requests before it is known who sends them. Mount \`auth\` first.`;
  return reject(new GatewayError('wrong_mount', { message }));
}

function skip(candidate: Candidate): Skip {
  return { candidate, reason: 'the key may not use it', error: modelNotAllowed };
}

function blocked(forMs: number): Decision {
  const message = 'Too many wrong API keys have come from this address. Try again later.';
  return reject(new GatewayError('rate_limit_exceeded', { message, retryAfter: forMs / 1000 }));
}

// Made once: a flood of wrong keys then costs neither an error object nor its stack.
// https://www.rfc-editor.org/rfc/rfc6750#section-3 (a request without a credential gets no error code)
const missingKey = reject(new GatewayError('missing_api_key', { headers: { 'www-authenticate': 'Bearer' } }));
const invalidToken = { 'www-authenticate': 'Bearer error="invalid_token"' };
const invalidKey = reject(new GatewayError('invalid_api_key', { headers: invalidToken }));
const expiredKey = reject(
  new GatewayError('invalid_api_key', { headers: invalidToken, message: 'The API key has expired.' }),
);
const earlyKey = reject(
  new GatewayError('invalid_api_key', { headers: invalidToken, message: 'The API key is not valid yet.' }),
);
const routeNotAllowed = reject(
  new GatewayError('permission_denied', { message: 'This API key may not use this route.' }),
);
const unavailable = reject(new GatewayError('auth_unavailable', { retryAfter: 1 }));
const ambiguousCredentials = reject(new GatewayError('ambiguous_credentials'));
const modelNotAllowed = new GatewayError('model_not_allowed', { param: 'model' });
