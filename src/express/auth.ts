import { type AppCaller, type AuthOptions as AuthSettings, createAuth } from '../auth/index.ts';
import type { Call } from '../core/call.ts';
import { requestOf } from './exchange.ts';
import type { HttpRequest, Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type {
  AppCaller,
  AuditPage,
  AuditRecord,
  AuthKey,
  AuthKeyHash,
  BlockOptions,
  JwtAlgorithm,
  JwtClaims,
  JwtOptions,
  KeyBudget,
  KeyChanges,
  KeyLimit,
  KeyLimitOptions,
  KeyPage,
  KeyStore,
  KeyTerms,
  StoredKey,
} from '../auth/index.ts';
export { hashKey } from '../auth/index.ts';

/** What `auth` takes; see its documentation. */
export interface AuthOptions extends Omit<AuthSettings, 'user'> {
  /** Who calls, where the app knows it already (`request.user`); `undefined` where it does not. Asked before any credential is read. */
  user?(request: HttpRequest): AppCaller | undefined;
}

/**
 * Lets in callers who bring a known API key or token, or whom the app knows, and refuses everybody else before the body
 * is read.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function auth(options: AuthOptions = {}): Middleware {
  return mount(createAuth(askedOfRequests(options)));
}

/** The same options for the capability, which knows of a request only what every host has. */
export function askedOfRequests({ user, ...settings }: AuthOptions): AuthSettings {
  if (user === undefined) return settings;
  // Anything else but a function goes on as it is: it is refused, by name, with the other options.
  return { ...settings, user: typeof user === 'function' ? userOfRequest(user) : user };
}

function userOfRequest(user: (request: HttpRequest) => AppCaller | undefined): (call: Call) => AppCaller | undefined {
  return (call) => {
    const request = requestOf(call);
    return request && user(request);
  };
}
