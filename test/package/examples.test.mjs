// The examples, run as their first lines say, against fake providers.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { startFakeProvider } from 'ai-gateway-middleware/testing';

const messages = [{ role: 'user', content: 'Hello' }];
let wall;

before(async () => {
  wall = await startFakeProvider();
});
after(() => wall.close());

/** Starts an example on a free port and gives its URL to `use`. */
async function withExample(name, use) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `examples/${name}.ts`], {
    env: {
      ...process.env,
      PORT: String(20_000 + Math.floor(Math.random() * 20_000)),
      TEAM_KEY: 'team-key-0123456789',
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

async function ask(url, path, model, headers = {}) {
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
