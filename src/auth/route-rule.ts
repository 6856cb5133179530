import type { Call } from '../core/call.ts';
import type { Operation } from '../core/inbound.ts';
import { compileNamePattern } from '../core/name-pattern.ts';

/** Whether a key may make this call. */
export type RouteRule = (call: Pick<Call, 'operation' | 'head'>) => boolean;

const operations: ReadonlySet<string> = new Set([
  'chat',
  'count-tokens',
  'embeddings',
  'images',
  'models',
  'health',
] satisfies Operation[]);

/** Whether a text is one entry of a key's `routes`. */
export function isRoute(text: string): boolean {
  return text.startsWith('/') || operations.has(text);
}

/** A rule that allows what at least one entry names. */
export function compileRoutes(routes: readonly string[]): RouteRule {
  const allowed = new Set(routes.filter((route) => !route.startsWith('/')));
  const paths = routes.filter((route) => route.startsWith('/')).map(compileNamePattern);
  return ({ operation, head }) => {
    if (allowed.has(operation)) return true;
    if (paths.length === 0) return false;
    const [path = ''] = head.path.split('?', 1);
    return isPlain(path) && paths.some((matches) => matches(path));
  };
}

/**
 * Whether a path means the same to everybody who reads it. One that has to be decoded or resolved first could be
 * dispatched as another than the one that was compared: https://www.rfc-editor.org/rfc/rfc3986#section-6
 */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !/%2[ef5]|%5c|\\|\/\/|\/\.{1,2}(?:\/|$)|;/i.test(path);
}
