// The examples, run as their first lines say, against fake providers.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startFakeProvider } from 'ai-gateway-middleware/testing';

let wall;

before(async () => {
  wall = await startFakeProvider();
});
after(() => wall.close());

/** A port nobody has: an example takes a number, not "any". */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

/** Starts an example on a free port and gives its URL to `use`. */
async function withExample(name, use) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `examples/${name}.ts`], {
    env: {
      ...process.env,
      PORT: await freePort(),
      TEAM_KEY: 'team-key-0123456789',
      LAB_KEY: 'lab-key-0123456789',
      OPENAI_API_KEY: 'openai-key-0123456789',
      OPENAI_BASE_URL: wall.baseUrl('openai-chat'),
      ANTHROPIC_API_KEY: 'anthropic-key-0123456789',
      ANTHROPIC_BASE_URL: wall.baseUrl('anthropic-messages'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    await use(line.trim().split('\n').at(-1));
  } finally {
    child.kill('SIGKILL');
  }
}

async function ask(url, path, model, headers = {}, content = 'Hello') {
  const messages = [{ role: 'user', content }];
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify({ model, messages }) });
  return { status: response.status, body: await response.json(), provider: response.headers.get('x-provider') };
}

describe('the examples', () => {
  it('minimal answers from the providers of the environment', () =>
    withExample('minimal', async (url) => {
      const answer = await ask(url, '/v1/chat/completions', 'openai/demo-small');
      assert.deepEqual([answer.status, answer.provider, answer.body.object], [200, 'openai', 'chat.completion']);
    }));

  it('existing-app keeps its login and translates through its own proxy', () =>
    withExample('existing-app', async (url) => {
      assert.equal((await ask(url, '/v1/chat/completions', 'anthropic/demo-small')).status, 401);
      const answer = await ask(url, '/v1/chat/completions', 'anthropic/demo-small', { 'x-session': 'ana' });
      assert.deepEqual([answer.status, answer.provider, answer.body.object], [200, 'anthropic', 'chat.completion']);
    }));

  it('per-route gives each route its own key and models', () =>
    withExample('per-route', async (url) => {
      const pageKey = { authorization: 'Bearer public-key-of-the-web-page' };
      const teamKey = { authorization: 'Bearer team-key-0123456789' };
      assert.equal((await ask(url, '/public/chat/completions', 'assistant', pageKey)).status, 200);
      assert.equal((await ask(url, '/public/chat/completions', 'openai/gpt-4o', pageKey)).status, 403);
      assert.equal((await ask(url, '/internal/chat/completions', 'assistant', pageKey)).status, 401);
      assert.equal((await ask(url, '/internal/chat/completions', 'assistant', teamKey)).status, 200);
    }));

  it('own-middleware keeps what is confidential with one provider', () =>
    withExample('own-middleware', async (url) => {
      const website = { authorization: 'Bearer team-key-0123456789' };
      const lab = { authorization: 'Bearer lab-key-0123456789' };
      const providers = [website, lab].map(
        async (key) => (await ask(url, '/v1/chat/completions', 'assistant', key)).provider,
      );
      assert.deepEqual(await Promise.all(providers), ['openai', 'anthropic']);
      const elsewhere = await ask(url, '/v1/chat/completions', 'openai/gpt-4o', lab);
      assert.deepEqual([elsewhere.status, elsewhere.body.error.code], [403, 'model_not_allowed']);
      const spoken = await ask(url, '/v1/chat/completions', 'assistant', lab, 'When does bluebird ship?');
      assert.deepEqual([spoken.status, spoken.body.error.code], [403, 'permission_denied']);
    }));

  it('failover shows one fallback nobody sees and one broken stream everybody does', () => {
    const output = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'examples/failover.ts'], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.match(output, /200 from gemini, attempt 3/);
    assert.match(output, /ended complete/);
    assert.match(output, /upstream_truncated/);
    assert.match(output, /ended broken, as it should/);
  });
});
