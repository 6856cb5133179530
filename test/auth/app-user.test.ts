import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { auth, callOf, type HttpRequest } from '../../src/index.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';

interface SignedIn extends HttpRequest {
  user?: { readonly name: string; readonly team: string };
}

let server: ListeningServer;

beforeAll(async () => {
  const app = express();
  app.use((request: SignedIn, _response: unknown, next: () => void) => {
    const { 'x-session': session } = request.headers;
    if (typeof session === 'string') request.user = { name: session, team: 'search' };
    next();
  });
  const guard = auth({
    keys: [{ key: 'sk-gateway-0123456789abcdef', id: 'ops' }],
    user: (request: SignedIn) => request.user && { user: request.user.name, team: request.user.team },
  });
  // Once for the app and once for the route: a call is looked at once.
  app.use(guard);
  app.use('/v1', guard, (request, response) => void response.json(callOf(request)?.caller));
  server = await listen(app);
});
afterAll(() => server.close());

describe("the app's own users", () => {
  it.each<[Record<string, string>, number, object]>([
    [{ 'x-session': 'ana' }, 200, { keyId: 'user:ana', user: 'ana', team: 'search' }],
    [{ 'x-api-key': 'sk-gateway-0123456789abcdef' }, 200, { keyId: 'ops' }],
    [{}, 401, { error: expect.objectContaining({ code: 'missing_api_key' }) }],
    [{ 'x-user': 'ana' }, 401, { error: expect.objectContaining({ code: 'missing_api_key' }) }],
  ])('%j: %d', async (headers, status, body) => {
    const response = await fetch(`${server.url}/v1/anything`, { headers });
    expect([response.status, await response.json()]).toEqual([status, body]);
  });

  it('are asked for by a middleware of the name auth, which takes nothing but a function', () => {
    expect(auth({ user: () => undefined }).name).toBe('auth');
    expect(() => auth(JSON.parse('{ "user": "ana" }'))).toThrow('auth(): "user" must be a function');
  });
});
