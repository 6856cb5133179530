import { afterEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { DialectName } from '../../src/core/dialect-name.ts';
import { asObject } from '../../src/core/json.ts';
import { until } from '../support/test-app.ts';
import {
  type ClientApp,
  dialectOf,
  openaiClient,
  providerNames,
  question,
  startClientApp,
} from './support/client-app.ts';
import { errorOf } from './support/error-of.ts';
import { runProgram } from './support/run-program.ts';

let app: ClientApp | undefined;
afterEach(async () => {
  await app?.settled();
  await app?.close();
  app = undefined;
});

async function start(options?: Parameters<typeof startClientApp>[0]): Promise<ClientApp> {
  app = await startClientApp(options);
  return app;
}

const classes = {
  BadRequestError: OpenAI.BadRequestError,
  NotFoundError: OpenAI.NotFoundError,
  UnprocessableEntityError: OpenAI.UnprocessableEntityError,
  RateLimitError: OpenAI.RateLimitError,
  InternalServerError: OpenAI.InternalServerError,
} as const;

const cases = [
  ['e400', 'BadRequestError', 400, 'invalid_request'],
  ['e401', 'InternalServerError', 502, 'upstream_auth_failed'],
  ['e403', 'InternalServerError', 502, 'upstream_auth_failed'],
  ['e404', 'NotFoundError', 404, 'model_not_found'],
  ['e422', 'UnprocessableEntityError', 422, 'unprocessable_request'],
  ['e429', 'RateLimitError', 429, 'rate_limit_exceeded'],
  ['quota', 'InternalServerError', 502, 'insufficient_quota'],
  ['context_window', 'BadRequestError', 400, 'context_length_exceeded'],
  ['e500', 'InternalServerError', 502, 'upstream_error'],
  ['e503', 'InternalServerError', 503, 'upstream_overloaded'],
  ['e529', 'InternalServerError', 503, 'upstream_overloaded'],
  ['e504', 'InternalServerError', 504, 'upstream_timeout'],
  ['html200', 'InternalServerError', 502, 'upstream_invalid_response'],
  ['rst_before_headers', 'InternalServerError', 502, 'upstream_connection'],
] as const;

describe.each(providerNames)('errors the OpenAI SDK throws for %s', (provider) => {
  it.each(cases)('%s is a %s with status %i and code %s, whole and streamed', async (fault, name, status, code) => {
    for (const stream of [false, true]) {
      const client = openaiClient(await start());
      const error = await errorOf(
        client.chat.completions.create({ model: `${provider}/${fault}`, messages: question, stream }),
      );
      expect(error).toBeInstanceOf(classes[name]);
      expect(error).toMatchObject({ status, code, requestID: expect.stringMatching(/.+/) });
      await app?.settled();
      expect(app?.lines).toMatchObject([
        { request_id: error instanceof OpenAI.APIError ? error.requestID : '', error_code: code, http_status: status },
      ]);
      await app?.close();
    }
  });
});

describe('errors of the gateway itself', () => {
  it('are an AuthenticationError for a wrong key and for none', async () => {
    const { baseURL } = await start();
    for (const [defaultHeaders, code] of [
      [{}, 'invalid_api_key'],
      [{ authorization: null }, 'missing_api_key'],
    ] as const) {
      const client = new OpenAI({ baseURL, apiKey: 'sk-wrong-key-0123456789', defaultHeaders, maxRetries: 0 });
      const error = await errorOf(client.chat.completions.create({ model: 'openai/demo-small', messages: question }));
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({ status: 401, code, type: 'authentication_error' });
    }
    expect(app?.wall.calls).toHaveLength(0);
  });

  it('are a PermissionDeniedError for a model the key may not use', async () => {
    const { baseURL, narrowKey, wall } = await start();
    const client = new OpenAI({ baseURL, apiKey: narrowKey, maxRetries: 0 });
    const allowed = await client.chat.completions.create({ model: 'openai/demo-small', messages: question });
    expect(allowed.choices[0]?.message.content).not.toBe('');
    const error = await errorOf(client.chat.completions.create({ model: 'gemini/demo-small', messages: question }));
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'model_not_allowed', param: 'model' });
    expect(wall.calls).toHaveLength(1);
  });

  it('are a NotFoundError for a model nobody serves, with a message that helps', async () => {
    const client = openaiClient(await start());
    const error = await errorOf(client.chat.completions.create({ model: 'openay/gpt-4o', messages: question }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: expect.stringContaining('openai'),
    });
  });

  it('are a BadRequestError that names the parameter', async () => {
    const client = openaiClient(await start());
    const error = await errorOf(client.chat.completions.create({ model: '', messages: question }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'model' });
  });

  it('say when to come back, and the SDK does', async () => {
    const { baseURL, key, wall } = await start();
    wall.script({ status: 429, headers: { 'retry-after': '1' }, body: '{"error":{"message":"slow down"}}' });
    const client = new OpenAI({ baseURL, apiKey: key, maxRetries: 1 });
    const startedAt = performance.now();
    const completion = await client.chat.completions.create({ model: 'openai/demo-small', messages: question });
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(wall.calls).toHaveLength(2);
  });

  it('tell the SDK not to try again where that cannot help', async () => {
    const { baseURL, key, wall } = await start();
    const client = new OpenAI({ baseURL, apiKey: key, maxRetries: 2 });
    const error = await errorOf(client.chat.completions.create({ model: 'openai/quota', messages: question }));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(wall.calls).toHaveLength(1);
    expect(app?.lines).toHaveLength(1);
  });
});

const longQuestion = [{ role: 'user' as const, content: 'write 2000 words' }];

/** Milliseconds from `since` until the provider saw its client go. */
/** The provider was left in the middle of its answer, which would have gone on for seconds or for ever. */
async function providerWasLeft(): Promise<void> {
  await app?.settled();
  expect(app?.wall.calls).toMatchObject([{ outcome: 'aborted' }]);
}

describe.each(providerNames)('an OpenAI SDK that leaves %s', (provider) => {
  it('by breaking out of a stream closes the provider at once', async () => {
    const client = openaiClient(await start());
    const stream = await client.chat.completions.create({
      model: `${provider}/demo-small+pace(5)`,
      messages: longQuestion,
      stream: true,
    });
    let seen = 0;
    for await (const chunk of stream) {
      seen += chunk.choices.length;
      if (seen === 5) break;
    }
    await providerWasLeft();
    expect(app?.lines).toMatchObject([{ status: 'client_abort', stream: true }]);
  });

  it('by its abort signal, in the middle of a stream', async () => {
    const client = openaiClient(await start());
    const controller = new AbortController();
    const stream = await client.chat.completions.create(
      { model: `${provider}/demo-small+pace(5)`, messages: longQuestion, stream: true },
      { signal: controller.signal },
    );
    for await (const chunk of stream) if (chunk.choices.length > 0) controller.abort();
    await providerWasLeft();
  });

  it.each([false, true])('while it waits for an answer (stream: %s)', async (stream) => {
    const client = openaiClient(await start());
    const controller = new AbortController();
    const failing = errorOf(
      client.chat.completions.create(
        { model: `${provider}/nohdr`, messages: question, stream },
        { signal: controller.signal },
      ),
    );
    await until(() => app?.wall.calls.length !== 0);
    controller.abort();
    expect(await failing).toBeInstanceOf(OpenAI.APIUserAbortError);
    await providerWasLeft();
    expect(app?.lines).toMatchObject([{ status: 'client_abort', http_status: 499 }]);
  });
});

it('an OpenAI SDK that leaves by its own timeout closes the provider at once', async () => {
  const { baseURL, key, wall } = await start();
  const models = providerNames.flatMap((provider) => [`${provider}/nohdr`, `${provider}/demo-small+stall(0)`]);
  const lines = await runProgram('openai-timeouts.ts', baseURL, key, ...models);
  await app?.settled();
  expect(lines).toHaveLength(2 * models.length);
  expect(wall.calls.map(({ outcome }) => outcome)).toEqual(lines.map(() => 'aborted'));
  for (const { thrown, at, model } of lines.map((line) => asObject(line) ?? {})) {
    expect(thrown).toBe('APIConnectionTimeoutError');
    const closings = wall.calls
      .filter((call) => model === `${providerOf(call.dialect)}/${call.model}`)
      .map(({ endedAt = 0 }) => Math.abs(performance.timeOrigin + endedAt - Number(at)));
    expect(closings).toHaveLength(2);
    expect(Math.min(...closings)).toBeLessThan(2_000);
  }
  expect(app?.lines.map(({ status }) => status)).toEqual(lines.map(() => 'client_abort'));
});

function providerOf(dialect: DialectName | undefined) {
  return providerNames.find((name) => dialectOf[name] === dialect);
}
