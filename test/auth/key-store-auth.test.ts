import { describe, expect, it } from '@jest/globals';
import { type AuthCapability, type AuthOptions, createAuth, type KeyTerms } from '../../src/auth/index.ts';
import { Call } from '../../src/core/call.ts';
import { runGate } from '../../src/core/gate.ts';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';
import { type SharedStore, sharedStore } from './support-store.ts';

const secret = 'a secret of at least thirty-two characters';
const actor = { id: 'admin' };

interface Replica {
  readonly auth: AuthCapability;
  readonly runtime: ManualRuntime;
  readonly faults: unknown[];
  /** What becomes of a call with this key: `pass`, or the code it is refused with. */
  ask(key: string, peer?: string): Promise<string>;
  /** The same, when it needs nobody else. */
  askAtOnce(key: string): string;
}

function replica(options: AuthOptions, runtime = manualRuntime()): Replica {
  const faults: unknown[] = [];
  const auth = createAuth(
    { secret, ...options },
    { environment: {}, runtime, onFault: (thrown) => faults.push(thrown) },
  );
  const decide = (key: string, peer?: string) => {
    const head = { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders: ['x-api-key', key] };
    const call = new Call({
      head: { ...head, ...(peer !== undefined && { peer }) },
      dialect: 'openai-chat',
      operation: 'chat',
      runtime,
      readBody: () => ({ json: {} }),
    });
    return runGate(call, auth);
  };
  const codeOf = (decision: Awaited<ReturnType<typeof decide>>) =>
    decision.kind === 'reject' ? decision.error.code : decision.kind;
  return {
    auth,
    runtime,
    faults,
    ask: async (key, peer) => codeOf(await decide(key, peer)),
    askAtOnce(key) {
      const decision = decide(key);
      if (decision instanceof Promise) throw new Error('It asked the store.');
      return codeOf(decision);
    },
  };
}

async function makeKey({ auth }: Replica, terms: KeyTerms = {}): Promise<string> {
  const made = await auth.keys?.create({ id: 'ana', terms }, actor);
  if (made === undefined) throw new Error('There is no store.');
  return made.key;
}

/** Two gateways on one store, with clocks that go together. */
function twoReplicas(store: SharedStore): readonly [Replica, Replica] {
  const runtime = manualRuntime();
  return [replica({ keyStore: store }, runtime), replica({ keyStore: store }, runtime)];
}

describe('a key of a shared store', () => {
  it('is let in, looked up once, and then known', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a, { team: 'search' });
    store.asked.length = 0;
    expect(await Promise.all([b.ask(key), b.ask(key), b.ask(key)])).toEqual(['pass', 'pass', 'pass']);
    expect(store.asked).toEqual(['changes', 'find']);
    expect(b.askAtOnce(key)).toBe('pass');
    expect(store.asked).toHaveLength(2);
  });

  it('that is wrong is looked up once, too, until it is made', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    expect(await b.ask('sk-gateway-0123456789abcdef')).toBe('invalid_api_key');
    expect(b.askAtOnce('sk-gateway-0123456789abcdef')).toBe('invalid_api_key');
    expect(store.asked.filter((question) => question === 'find')).toHaveLength(1);
    const key = await makeKey(a);
    expect(await b.ask(key)).toBe('pass');
  });

  it('AU-07: is refused at once where it was revoked, and within a second everywhere else', async () => {
    for (let trial = 0; trial < 50; trial += 1) {
      const store = sharedStore();
      const [a, b] = twoReplicas(store);
      const key = await makeKey(a);
      expect([await a.ask(key), await b.ask(key)]).toEqual(['pass', 'pass']);
      // Traffic goes on, and the key is revoked at some moment between two checks.
      b.runtime.advance(trial * 17);
      await b.ask(key);
      await a.auth.keys?.revoke('ana', actor);
      expect(await a.ask(key)).toBe('invalid_api_key');
      b.runtime.advance(999);
      expect(await b.ask(key)).toBe('invalid_api_key');
    }
  });

  it('asks what has changed with the traffic alone, at most every 400 ms', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    await b.ask(key);
    store.asked.length = 0;
    for (let elapsed = 0; elapsed < 10_000; elapsed += 10) {
      b.runtime.advance(10);
      await b.ask(key);
    }
    expect(store.asked.length).toBeGreaterThan(20);
    expect(store.asked.length).toBeLessThanOrEqual(25);
    await new Promise(setImmediate);
    expect(b.runtime.pendingTimers()).toBe(0);
    b.runtime.advance(60_000);
    expect(store.asked.length).toBeLessThanOrEqual(25);
  });

  it('is not taken for good from a look-up that was overtaken by its end', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    await b.ask('sk-gateway-0123456789abcdef');
    const release = store.hold();
    const early = b.ask(key);
    await new Promise(setImmediate);
    const revoking = a.auth.keys?.revoke('ana', actor);
    release();
    await revoking;
    expect(await early).toBe('pass');
    b.runtime.advance(999);
    expect(await b.ask(key)).toBe('invalid_api_key');
  });

  it('works with both secrets while a rotation overlaps, and with the new one alone afterwards', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const first = await makeKey(a);
    expect(await b.ask(first)).toBe('pass');
    const second = (await a.auth.keys?.rotate('ana', 60_000, actor))?.key ?? '';
    expect([await a.ask(first), await a.ask(second)]).toEqual(['pass', 'pass']);
    b.runtime.advance(59_000);
    expect([await b.ask(first), await b.ask(second)]).toEqual(['pass', 'pass']);
    b.runtime.advance(1_000);
    expect([await b.ask(first), await b.ask(second)]).toEqual(['invalid_api_key', 'pass']);
    const third = (await a.auth.keys?.rotate('ana', 0, actor))?.key ?? '';
    expect([await a.ask(second), await a.ask(third)]).toEqual(['invalid_api_key', 'pass']);
  });

  it('obeys a change of its terms on every replica', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    expect(await b.ask(key)).toBe('pass');
    await a.auth.keys?.update('ana', (terms) => ({ ...terms, routes: ['embeddings'] }), actor);
    b.runtime.advance(999);
    expect([await a.ask(key), await b.ask(key)]).toEqual(['permission_denied', 'permission_denied']);
  });

  it('needs a secret that outlives the process', () => {
    const options = { keyStore: sharedStore() };
    expect(() => createAuth(options, { environment: {} })).toThrow(/"keyStore" needs a "secret"/);
    expect(() => createAuth({ keyStore: memoryKeyStore() }, { environment: {} })).not.toThrow();
  });
});

describe.each(['refusing', 'frozen'] as const)('AU-11: a store of keys that is %s', (state) => {
  async function asked({ runtime, ask }: Replica, key: string) {
    const startedAt = runtime.now();
    const answer = ask(key);
    let settled = false;
    void answer.then(() => {
      settled = true;
    });
    for (let step = 0; step < 100 && !settled; step += 1) {
      if (step > 0) runtime.advance(10);
      await new Promise(setImmediate);
    }
    return { code: await answer, took: runtime.now() - startedAt };
  }

  it('leaves known keys their 30 s, refuses the others with 503, and none with 401', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    expect(await b.ask(key)).toBe('pass');
    store.state = state;
    b.runtime.advance(1_000);
    const first = await asked(b, key);
    expect(first.code).toBe('pass');
    expect(first.took).toBeLessThanOrEqual(210);
    expect(b.faults).toHaveLength(1);
    expect(await asked(b, 'sk-gateway-unseen-0123456789')).toMatchObject({ code: 'auth_unavailable' });
    for (let second = 2; second < 29; second += 1) {
      b.runtime.advance(1_000 - (b.runtime.now() % 1_000));
      expect(await asked(b, key)).toEqual({ code: 'pass', took: 0 });
    }
    b.runtime.advance(3_000);
    for (const sent of [key, 'sk-gateway-unseen-0123456789']) {
      const { code, took } = await asked(b, sent);
      expect(code).toBe('auth_unavailable');
      expect(took).toBeLessThanOrEqual(300);
    }
    expect(b.faults).toHaveLength(1);
  });

  it('is asked once a second, and believed again when it answers', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    await b.ask(key);
    store.state = state;
    b.runtime.advance(40_000);
    await asked(b, key);
    store.asked.length = 0;
    for (let elapsed = 0; elapsed < 10_000; elapsed += 100) {
      b.runtime.advance(100);
      expect((await asked(b, key)).code).toBe('auth_unavailable');
    }
    expect(store.asked.length).toBeLessThanOrEqual(11);
    store.state = 'up';
    b.runtime.advance(1_500);
    await asked(b, key);
    expect((await asked(b, key)).code).toBe('pass');
  });

  it('changes nothing for the keys of the configuration', async () => {
    const store = sharedStore();
    store.state = state;
    const b = replica({ keyStore: store, keys: [{ key: 'sk-gateway-0123456789abcdef' }] });
    expect(b.askAtOnce('sk-gateway-0123456789abcdef')).toBe('pass');
    expect(store.asked).toEqual([]);
  });
});

describe('AU-10: a peer that sends wrong keys', () => {
  const wrong = (index: number) => `sk-gateway-wrong-${String(index).padStart(12, '0')}`;

  it('is blocked after a hundred, and the store is left alone; known keys go on working for it', async () => {
    const store = sharedStore();
    const [a, b] = twoReplicas(store);
    const key = await makeKey(a);
    expect(await b.ask(key, '192.0.2.1')).toBe('pass');
    store.asked.length = 0;
    const codes: string[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      codes.push(await b.ask(wrong(index), '192.0.2.1'));
      b.runtime.advance(1);
      if (index % 100 === 99) expect(await b.ask(key, '192.0.2.1')).toBe('pass');
    }
    expect(codes.slice(0, 100)).toEqual(Array(100).fill('invalid_api_key'));
    expect(new Set(codes.slice(100))).toEqual(new Set(['rate_limit_exceeded']));
    expect(store.asked.filter((question) => question === 'find')).toHaveLength(100);
    expect(await b.ask(wrong(9_999), '192.0.2.2')).toBe('invalid_api_key');
    expect(await b.ask(wrong(0), '192.0.2.1')).toBe('invalid_api_key');
    b.runtime.advance(60_000);
    expect(await b.ask(wrong(9_998), '192.0.2.1')).toBe('invalid_api_key');
  });

  it('is told when to come back', async () => {
    const auth = createAuth(
      { keys: [{ key: 'sk-gateway-0123456789abcdef' }], block: { failures: 2, window: '10s', for: '30s' } },
      { environment: {}, runtime: manualRuntime() },
    );
    const decide = (key: string) =>
      auth.onHead?.(
        new Call({
          head: { method: 'POST', path: '/', headers: {}, rawHeaders: ['x-api-key', key], peer: '2001:db8::1' },
          dialect: 'openai-chat',
          operation: 'chat',
          runtime: manualRuntime(),
          readBody: () => ({ json: {} }),
        }),
      );
    decide(wrong(1));
    decide(wrong(2));
    expect(decide(wrong(3))).toMatchObject({
      error: { status: 429, code: 'rate_limit_exceeded', retryAfter: 30 },
    });
    expect(decide('sk-gateway-0123456789abcdef')).toEqual({ kind: 'pass' });
  });

  it('is one peer with all addresses of its IPv6 network', async () => {
    const b = replica({ keyStore: memoryKeyStore(), block: { failures: 3 } });
    for (const peer of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:0:0:0:3']) await b.ask(wrong(1), peer);
    for (let index = 2; index < 4; index += 1) await b.ask(wrong(index), `2001:db8:1:2::${index}`);
    expect(await b.ask(wrong(4), '2001:db8:1:2:a:b:c:d')).toBe('rate_limit_exceeded');
    expect(await b.ask(wrong(5), '2001:db8:1:3::1')).toBe('invalid_api_key');
    expect(await b.ask(wrong(6), '::ffff:192.0.2.1')).toBe('invalid_api_key');
  });

  it('is not blocked for one wrong key it sends again and again, nor where nobody is to be', async () => {
    const known = replica({ keys: [{ key: 'sk-gateway-0123456789abcdef' }] });
    for (let count = 0; count < 500; count += 1) {
      expect(await known.ask(wrong(1), '192.0.2.1')).toBe('invalid_api_key');
    }
    const open = replica({ keys: [{ key: 'sk-gateway-0123456789abcdef' }], block: false });
    for (let count = 0; count < 500; count += 1) {
      expect(await open.ask(wrong(count), '192.0.2.1')).toBe('invalid_api_key');
    }
  });
});

describe('two gateways in one process', () => {
  it('share no keys, no failures and no store', async () => {
    const a = replica({ keyStore: memoryKeyStore(), block: { failures: 1 } });
    const b = replica({ keyStore: memoryKeyStore(), block: { failures: 1 } });
    const key = await makeKey(a);
    expect(await a.ask('sk-gateway-wrong-0123456789', '192.0.2.1')).toBe('invalid_api_key');
    expect(await a.ask('sk-gateway-other-0123456789', '192.0.2.1')).toBe('rate_limit_exceeded');
    expect(await b.ask(key, '192.0.2.1')).toBe('invalid_api_key');
    expect(await a.ask(key, '192.0.2.1')).toBe('pass');
  });
});
