import { type AppCaller, type AuthOptions as AuthSettings, createAuth } from '../auth/index.ts';
import type { Call, Slot } from '../core/call.ts';
import { defaultBodyLimit } from '../core/request-body.ts';
import { systemRuntime } from '../core/runtime.ts';
import { exchangeOf } from './exchange.ts';
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
  const { user, ...settings } = options;
  return user === undefined ? mount(createAuth(settings)) : authOfApp(settings, user);
}

/** The app is asked about the request, of which the capability knows only what every host has. */
function authOfApp(settings: AuthSettings, user: (request: HttpRequest) => AppCaller | undefined): Middleware {
  const requestSlot: Slot<HttpRequest> = { name: 'express.request' };
  const userOf = (call: Call): AppCaller | undefined => {
    const request = call.get(requestSlot);
    return request && user(request);
  };
  const middleware = mount(createAuth({ ...settings, user: userOf }));
  const remembering: Middleware = (request, response, next) => {
    const { call } = exchangeOf(request, response, { runtime: systemRuntime, bodyLimit: defaultBodyLimit });
    if (call.get(requestSlot) === undefined) call.set(requestSlot, request);
    middleware(request, response, next);
  };
  return Object.defineProperty(remembering, 'name', { value: 'auth' });
}
