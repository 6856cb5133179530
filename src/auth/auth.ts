import type { Call, Slot } from '../core/call.ts';
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
import { readCredential } from './credential.ts';
import { type KeyRecord, keyTable } from './key-table.ts';
import { type AuthOptions, resolveAuthOptions } from './options.ts';

/**
 * Lets in callers who bring a known key and names them on the call; everybody else is refused before the body is read.
 * A key limited to some models loses the targets it may not use, fallbacks included.
 *
 * @param environment where `GATEWAY_API_KEYS` is read when the options name no key
 * @throws ConfigurationError naming the option and the fix
 */
export function createAuth(options: AuthOptions = {}, environment: Environment = process.env): Capability {
  // Resolved in an expression of its own, so that no closure below holds the plain keys.
  return authWith(keyTable(resolveAuthOptions(options, environment)));
}

function authWith(find: (key: string) => KeyRecord | undefined): Capability {
  const recordSlot: Slot<KeyRecord> = { name: 'auth.key' };
  return {
    name: 'auth',

    onHead(call: Call): Decision {
      const reader = call.capabilities.find(({ onRequest }) => onRequest !== undefined);
      if (reader !== undefined) return misplaced(reader);
      const credential = readCredential(call.head, call.dialect);
      if (credential.kind === 'missing') return missingKey;
      if (credential.kind === 'ambiguous') return ambiguousCredentials;
      const record = find(credential.key);
      if (record === undefined) return invalidKey;
      call.setCaller(record.caller);
      call.set(recordSlot, record);
      return pass;
    },

    onPlan(call: Call, candidates: readonly Candidate[]): Plan {
      const record = call.get(recordSlot);
      // A call that never passed `onHead` may use nothing.
      const mayUse = record === undefined ? () => false : record.mayUse;
      if (mayUse === undefined) return { candidates, skipped: [] };
      return {
        candidates: candidates.filter(mayUse),
        skipped: candidates.filter((candidate) => !mayUse(candidate)).map(skip),
      };
    },
  };
}

/** What reads bodies in front of `auth` does so for strangers, and may answer them: a cache, a limit, a check of contents. */
function misplaced({ name }: Capability): Decision {
  const message = `\`auth\` is mounted after \`${name}\`, which reads requests before it is known who sends them. Mount \`auth\` first.`;
  return reject(new GatewayError('wrong_mount', { message }));
}

function skip(candidate: Candidate): Skip {
  return { candidate, reason: 'the key may not use it', error: modelNotAllowed };
}

// Made once: a flood of wrong keys then costs neither an error object nor its stack.
// https://www.rfc-editor.org/rfc/rfc6750#section-3 (a request without a credential gets no error code)
const missingKey = reject(new GatewayError('missing_api_key', { headers: { 'www-authenticate': 'Bearer' } }));
const invalidKey = reject(
  new GatewayError('invalid_api_key', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }),
);
const ambiguousCredentials = reject(new GatewayError('ambiguous_credentials'));
const modelNotAllowed = new GatewayError('model_not_allowed', { param: 'model' });
