import { describe, expect, it } from '@jest/globals';
import { authorizedExchange } from '../../src/attempt/authorized-exchange.ts';
import type { Link } from '../../src/attempt/link.ts';
import type { AuthorizedRequest, Authorizer, CredentialHeaders } from '../../src/providers/provider.ts';
import type { Exchange, ExchangeListener, UpstreamRequest } from '../../src/upstream/http-client.ts';
import { instancesOf } from '../providers/support.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

interface Posted {
  readonly request: UpstreamRequest;
  readonly listener: ExchangeListener;
  aborted: boolean;
  paused: boolean;
}

/** A link that sends nothing, and an exchange over it whose every event is written down. */
function setUp(authorizer: Authorizer) {
  const runtime = manualRuntime();
  const posted: Posted[] = [];
  const events: string[] = [];
  const instance = instancesOf({ openai: { apiKey: 'unused', baseUrl: 'https://provider.example/v1' } }).get('openai');
  if (instance === undefined) throw new Error('There is no instance.');
  const link: Link = {
    instance,
    runtime,
    keys: undefined,
    headers: new Map(),
    client: {
      post(request, listener): Exchange {
        const call: Posted = { request, listener, aborted: false, paused: false };
        posted.push(call);
        return {
          sent: true,
          pause: () => {
            call.paused = true;
          },
          resume: () => {
            call.paused = false;
          },
          abort: () => {
            call.aborted = true;
          },
        };
      },
      probe: () => Promise.reject(new Error('not asked')),
      close: () => Promise.resolve(),
    },
  };
  const exchange = authorizedExchange({
    link,
    authorizer,
    request: { path: '/x?y=1', headers: ['content-type', 'application/json'], body: '{"a":1}' },
    listener: {
      onHead: (status) => void events.push(`head ${status}`),
      onData: (chunk) => void events.push(`data ${chunk.toString()}`),
      onEnd: () => void events.push('end'),
      onFault: ({ kind, code, sent }) => void events.push(`fault ${kind} ${code} ${sent}`),
    },
    onRefused: (code) => void events.push(`refused ${code}`),
  });
  return { exchange, posted, events, runtime };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function giving(...credentials: readonly (CredentialHeaders | Promise<CredentialHeaders>)[]) {
  const asked: AuthorizedRequest[] = [];
  return {
    asked,
    authorizer: {
      authorize(request: AuthorizedRequest) {
        asked.push(request);
        return credentials[asked.length - 1] ?? Promise.reject(new Error('none left'));
      },
      secrets: () => [],
    },
  };
}

const one = { authorization: 'Bearer one' };
const two = { authorization: 'Bearer two' };

describe('an exchange that waits for its credential', () => {
  it('is sent with it, once it is there', async () => {
    const { promise, resolve } = Promise.withResolvers<CredentialHeaders>();
    const { asked, authorizer } = giving(promise);
    const { exchange, posted, events, runtime } = setUp(authorizer);
    await settled();
    expect(posted).toHaveLength(0);
    expect(exchange.sent).toBe(false);
    resolve(one);
    await settled();
    expect(posted[0]?.request).toEqual({
      path: '/x?y=1',
      headers: ['content-type', 'application/json', 'authorization', 'Bearer one'],
      body: '{"a":1}',
    });
    expect(asked[0]).toMatchObject({
      method: 'POST',
      origin: 'https://provider.example',
      path: '/x?y=1',
      body: '{"a":1}',
      wallTime: runtime.wallTime(),
    });
    expect(exchange.sent).toBe(true);
    posted[0]?.listener.onHead(200, {});
    posted[0]?.listener.onData(Buffer.from('hello'));
    posted[0]?.listener.onEnd();
    expect(events).toEqual(['head 200', 'data hello', 'end']);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('tells the name of what kept it from one, never the text', async () => {
    class CredentialsProviderError extends Error {
      override readonly name = 'CredentialsProviderError';
    }
    for (const [thrown, name] of [
      [new CredentialsProviderError('canary'), 'CredentialsProviderError'],
      [new TypeError('canary'), 'TypeError'],
      ['canary', 'no_credential'],
      [undefined, 'no_credential'],
      [{ name: 'canary with spaces' }, 'no_credential'],
      [{ name: 5 }, 'no_credential'],
    ] as const) {
      const { events, posted, runtime } = setUp(giving(Promise.reject(thrown)).authorizer);
      await settled();
      expect(events).toEqual([`refused ${name}`]);
      expect(posted).toHaveLength(0);
      expect(runtime.pendingTimers()).toBe(0);
    }
  });

  it('takes what is thrown for what is rejected', async () => {
    const { events } = setUp({
      authorize: () => {
        throw new RangeError('canary');
      },
      secrets: () => [],
    });
    await settled();
    expect(events).toEqual(['refused RangeError']);
  });

  it('waits ten seconds for one that hangs, and sends nothing when it comes later', async () => {
    const { promise, resolve } = Promise.withResolvers<CredentialHeaders>();
    const { events, posted, runtime } = setUp(giving(promise).authorizer);
    runtime.advance(9_999);
    expect(events).toEqual([]);
    runtime.advance(1);
    expect(events).toEqual(['fault connection CREDENTIAL_TIMEOUT false']);
    resolve(one);
    await settled();
    expect(posted).toHaveLength(0);
    expect(events).toHaveLength(1);
  });

  it('sends nothing after it was aborted', async () => {
    const { promise, resolve } = Promise.withResolvers<CredentialHeaders>();
    const { exchange, events, posted, runtime } = setUp(giving(promise).authorizer);
    exchange.abort();
    resolve(one);
    await settled();
    expect(posted).toHaveLength(0);
    expect(events).toEqual([]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('stays quiet when it was aborted and no credential came', async () => {
    const { promise, reject } = Promise.withResolvers<CredentialHeaders>();
    const { exchange, events } = setUp(giving(promise).authorizer);
    exchange.abort();
    reject(new Error('late'));
    await settled();
    expect(events).toEqual([]);
  });

  it('passes on that nobody reads, also when that was said before it began', async () => {
    const { promise, resolve } = Promise.withResolvers<CredentialHeaders>();
    const { exchange, posted } = setUp(giving(promise).authorizer);
    exchange.pause();
    resolve(one);
    await settled();
    expect(posted[0]?.paused).toBe(true);
    exchange.resume();
    expect(posted[0]?.paused).toBe(false);
    exchange.abort();
    expect(posted[0]?.aborted).toBe(true);
  });
});

describe('a credential that the provider refuses', () => {
  /** An authorizer whose every credential can be replaced. */
  function renewing(...credentials: readonly CredentialHeaders[]) {
    const { asked, authorizer } = giving(...credentials);
    const refusals: { status: number; credential: CredentialHeaders; type: string | undefined }[] = [];
    const renew: Authorizer['renew'] = ({ status, credential, header }) => {
      refusals.push({ status, credential, type: header('x-amzn-errortype') });
      return status === 401;
    };
    return { asked, refusals, authorizer: { ...authorizer, renew } };
  }

  it('is replaced and the request sent again, with the first answer unheard', async () => {
    const { authorizer, refusals, asked } = renewing(one, two);
    const { posted, events, runtime } = setUp(authorizer);
    await settled();
    posted[0]?.listener.onHead(401, { 'x-amzn-errortype': ['Expired', 'x'] });
    await settled();
    expect(refusals).toEqual([{ status: 401, credential: one, type: 'Expired' }]);
    expect(posted[0]?.aborted).toBe(true);
    expect(posted[1]?.request).toEqual({
      path: '/x?y=1',
      headers: ['content-type', 'application/json', 'authorization', 'Bearer two'],
      body: '{"a":1}',
    });
    expect(asked).toHaveLength(2);
    posted[1]?.listener.onHead(200, {});
    posted[1]?.listener.onEnd();
    expect(events).toEqual(['head 200', 'end']);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('is replaced once: the second refusal is the answer', async () => {
    const { authorizer, refusals } = renewing(one, two, { authorization: 'Bearer three' });
    const { posted, events } = setUp(authorizer);
    await settled();
    posted[0]?.listener.onHead(401, {});
    await settled();
    posted[1]?.listener.onHead(401, {});
    expect(events).toEqual(['head 401']);
    expect(refusals).toHaveLength(1);
    expect(posted).toHaveLength(2);
  });

  it.each([200, 302, 403, 429, 500])('is not replaced after %d', async (status) => {
    const { authorizer } = renewing(one, two);
    const { posted, events } = setUp(authorizer);
    await settled();
    posted[0]?.listener.onHead(status, {});
    await settled();
    expect(events).toEqual([`head ${status}`]);
    expect(posted).toHaveLength(1);
  });

  it('is not replaced where there is no other', async () => {
    const { posted, events } = setUp(giving(one).authorizer);
    await settled();
    posted[0]?.listener.onHead(401, {});
    expect(events).toEqual(['head 401']);
  });

  it('ends the call when the next one cannot be had', async () => {
    const { posted, events } = setUp(renewing(one).authorizer);
    await settled();
    posted[0]?.listener.onHead(401, {});
    await settled();
    expect(events).toEqual(['refused Error']);
  });
});
