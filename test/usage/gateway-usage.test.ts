import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig } from '../../src/index.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ledgerConfig } from '../../verify/harness/ledger-site.ts';
import { type GatewayServer, get, question, refusal, startGateway } from '../gateway/support/gateway-app.ts';
import { checkLedgerFile, checkLedgerInvariants } from '../support/ledger-invariants.ts';
import { chat, until } from '../support/test-app.ts';
import { callEntry } from './support.ts';

const keys = {
  ana: { key: 'key-of-ana-0123456789', id: 'ana-1', user: 'ana', team: 'search', project: 'chat' },
  ben: { key: 'key-of-ben-0123456789', id: 'ben-1', user: 'ben', team: 'search' },
  cleo: { key: 'key-of-cleo-0123456789', id: 'cleo-1', user: 'cleo' },
  nobody: { key: 'key-of-nobody-0123456789', id: '=cmd|calc' },
};

let wall: FakeProvider;
let folder: string;
let server: GatewayServer;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'usage-'));
});
afterEach(async () => {
  await server.close();
  await wall.whenIdle();
  wall.reset();
  await checkLedgerFile(database());
  rmSync(folder, { recursive: true, force: true });
});

const database = () => join(folder, 'gateway.db');
const configAt = (url: string) => ledgerConfig({ storage: { url } }, wall);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function start(part: GatewayConfig = {}): Promise<void> {
  server = await startGateway({ config: { ...configAt(`sqlite:${database()}`), ...part } });
}

async function ask(model: string, headers: Record<string, string> = {}, body: object = {}): Promise<void> {
  await chat(server.url, { model, ...question, ...body }, { headers });
}

/** Goes after the first piece of a stream. */
async function leave(model: string, headers: Record<string, string>): Promise<void> {
  const controller = new AbortController();
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model, stream: true, ...question }),
    signal: controller.signal,
  });
  await response.body?.getReader().read();
  controller.abort();
}

async function usage(search = '', headers: Record<string, string> = {}) {
  const answer = await get(`${server.url}/v1/usage${search}`, headers);
  return { ...answer, body: answer.text.startsWith('{') ? JSON.parse(answer.text) : undefined };
}

async function rows() {
  const engine = openSqlite({ path: database() });
  const read = await checkLedgerInvariants(engine);
  await engine.close();
  return read;
}

describe('GET /usage', () => {
  it('CG-19: adds up calls, attempts, tokens and exact cost, failed attempts included', async () => {
    await start({ models: { chain: { targets: ['openai/e503', 'anthropic/demo-small'] } } });
    await ask('openai/demo-small');
    await ask('chain', {}, { stream: true });
    await ask('openai/e400');
    const { status, headers, body } = await usage('?group_by=provider,model');
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    const { attempts, calls } = await rows();
    expect([calls.length, attempts.length]).toEqual([3, 4]);
    const cost = attempts.reduce((sum, row) => sum + BigInt(String(row.cost_nano_usd ?? 0)), 0n);
    expect(cost).toBeGreaterThan(0n);
    expect(body.total).toMatchObject({ requests: 3, attempts: 4, cost_nano_usd: String(cost), rejected: 1 });
    const input = attempts.reduce((sum, row) => sum + Number(row.input_tokens ?? 0), 0);
    const output = attempts.reduce((sum, row) => sum + Number(row.output_tokens ?? 0), 0);
    expect([body.total.input_tokens, body.total.output_tokens]).toEqual([input, output]);
    expect(BigInt(body.total.cost_nano_usd)).toBe(BigInt(input) * 1000n + BigInt(output) * 2000n);
    expect(body.data.map((line: Record<string, unknown>) => [line.provider, line.model, line.requests])).toEqual(
      expect.arrayContaining([
        ['openai', 'openai/demo-small', 1],
        ['anthropic', 'chain', 1],
        ['openai', 'chain', 0],
      ]),
    );
  });

  it('TE-09: is, group by group, the sums of the ledger after calls of every kind', async () => {
    const callers = [keys.ana, keys.ben, keys.cleo];
    const admin = { key: 'key-of-the-admin-0123456789', id: 'root', admin: true };
    await start({ keys: [...callers, admin], models: { chain: { targets: ['openai/e503', 'anthropic/demo-small'] } } });
    const models = [
      'openai/demo-small',
      'gemini/demo-small',
      'chain',
      'anthropic/e400',
      'openai/cut(2)',
      'nobody/at-all',
    ];
    const count = 120;
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const headers = bearer(callers[index % callers.length]?.key ?? '');
        if (index % 10 === 9) return leave('openai/pace(20)', headers);
        return ask(models[index % models.length] ?? '', headers, { stream: index % 2 === 0 });
      }),
    );
    await until(() => server.lines.filter(({ message }) => message === 'call').length === count);

    const { body } = await usage('?group_by=provider,model,key,day&limit=1000', bearer(admin.key));
    const { attempts, calls: ended } = await rows();
    expect(ended).toHaveLength(count);
    expect(ended.filter(({ status }) => status === 'client_abort')).toHaveLength(count / 10);
    const told = body.data.map((line: Record<string, unknown>) => [
      [line.provider, line.model, line.key, line.day].join(' '),
      [line.requests, line.rejected, line.attempts, line.cost_nano_usd, line.input_tokens, line.output_tokens],
    ]);
    const sums = new Map<string, number[]>();
    const add = (row: Record<string, unknown>, at: unknown, amounts: readonly unknown[]): void => {
      const day = `${new Date(Number(at)).toISOString().slice(0, 10)}T00:00:00+00:00`;
      // Names that no model has are not told apart.
      const model = row.error_code === 'model_not_found' ? '' : row.requested_model;
      const group = [row.provider, model, row.key_id, day].join(' ');
      const sum = sums.get(group) ?? [0, 0, 0, 0, 0, 0];
      sums.set(
        group,
        sum.map((value, index) => value + Number(amounts[index] ?? 0)),
      );
    };
    for (const row of ended) add(row, row.ended_at, [1, row.status === 'rejected' ? 1 : 0]);
    for (const row of attempts) {
      add(row, row.at, [0, 0, 1, row.cost_nano_usd, row.input_tokens, row.output_tokens]);
    }
    const summed = [...sums].map(([group, [requests, rejected, tried, cost, input, output]]) => [
      group,
      [requests, rejected, tried, String(cost), input, output],
    ]);
    expect(told.sort()).toEqual(summed.sort());
  });

  it('shows a caller what belongs to its team, else its user, else its key, and nothing else', async () => {
    await start({ keys: Object.values(keys) });
    for (const { key } of Object.values(keys)) await ask('openai/demo-small', bearer(key));
    await ask('openai/demo-small', bearer('no-such-key-0123456789'));
    const seen = async (key: string, search = '') => {
      const { body } = await usage(`?group_by=key${search}`, bearer(key));
      return body.data.map((line: Record<string, unknown>) => line.key).sort();
    };
    expect(await seen(keys.ana.key)).toEqual(['ana-1', 'ben-1']);
    expect(await seen(keys.ben.key, '&key=ana-1')).toEqual(['ana-1']);
    expect(await seen(keys.cleo.key)).toEqual(['cleo-1']);
    expect(await seen(keys.cleo.key, '&user=ana')).toEqual([]);
    expect(await seen(keys.nobody.key)).toEqual(['=cmd|calc']);
    expect(await seen(keys.nobody.key, '&team=search')).toEqual([]);
    expect((await usage()).status).toBe(401);
    // AU-01: a call that auth refuses leaves no row.
    expect((await rows()).calls).toHaveLength(4);
  });

  it('writes CSV that no spreadsheet takes for a formula', async () => {
    await start({ keys: [keys.nobody] });
    await ask('openai/demo-small', bearer(keys.nobody.key));
    const { text, headers } = await usage('?format=csv&group_by=day,key', bearer(keys.nobody.key));
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const [head, line, end] = text.split('\r\n');
    expect(head).toBe(
      'day,key,requests,errors,rejected,cache_hits,error_rate,cache_hit_rate,average_latency_ms,average_first_token_ms,' +
        'attempts,unpriced_attempts,cost_usd,cost_nano_usd,input_tokens,output_tokens,cache_read_tokens,' +
        'cache_write_tokens,reasoning_tokens',
    );
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\+00:00,"'=cmd\|calc",1,0,0,0,0,0,/);
    expect(end).toBe('');
  });

  it('AD-23: is bounded and paged, takes wildcards for letters, and refuses what it does not know', async () => {
    await start();
    for (const model of ['demo-small', 'demo-large', 'nousage']) await ask(`openai/${model}`);
    const first = await usage('?group_by=model&limit=2');
    expect(first.body).toMatchObject({ groups: 3, has_more: true, next_offset: 2 });
    const second = await usage('?group_by=model&limit=2&offset=2');
    expect(second.body).toMatchObject({ groups: 3, has_more: false, next_offset: null });
    const models = [...first.body.data, ...second.body.data].map((line: Record<string, unknown>) => line.model);
    expect(new Set(models).size).toBe(3);
    expect((await usage('?model=%25')).body.total.requests).toBe(0);
    expect((await usage(`?model=${'%25'.repeat(200)}`)).status).toBe(200);
    const refused = await usage('?groupby=model');
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([
      400,
      'invalid_request',
      'groupby',
    ]);
  });

  it('counts rejections, and times, by hour', async () => {
    await start();
    await ask('openai/demo-small', {}, { stream: true });
    await ask('no-such-provider/model');
    const { body } = await usage('?period=day&group_by=hour,status');
    const of = (status: string) => body.data.find((line: Record<string, unknown>) => line.status === status);
    expect(of('ok')).toMatchObject({ requests: 1, error_rate: 0 });
    expect(of('ok').average_first_token_ms).toBeGreaterThan(0);
    expect(of('rejected')).toMatchObject({ requests: 1, rejected: 1, attempts: 0, cache_hit_rate: null });
  });
});

describe('the storage of a gateway', () => {
  it('is memory without configuration: it answers, and writes no file', async () => {
    const before = readdirSync('.').sort();
    server = await startGateway({ config: withoutStorage() });
    await ask('openai/demo-small');
    expect((await usage()).body.total).toMatchObject({ requests: 1, attempts: 1 });
    expect(readdirSync('.').sort()).toEqual(before);
  });

  it('can come from the environment, and outlives the gateway', async () => {
    const config = withoutStorage();
    const environment = { GATEWAY_STORAGE_URL: `sqlite:${database()}` };
    server = await startGateway({ config, environment });
    await ask('openai/demo-small');
    await server.close();
    server = await startGateway({ config, environment });
    // What a slow disk had not taken in time comes out of the journal.
    await until(async () => (await usage()).body.total.requests === 1);
    expect(server.lines.filter(({ message }) => /GATEWAY_STORAGE_URL/.test(message))).toEqual([]);
  });

  it('keeps two gateways of one process apart', async () => {
    await start();
    const other = await startGateway({ config: configAt(`sqlite:${join(folder, 'other.db')}`) });
    await ask('openai/demo-small');
    expect(JSON.parse((await get(`${other.url}/usage`)).text).total.requests).toBe(0);
    expect((await usage()).body.total.requests).toBe(1);
    await other.close();
  });

  it('forgets what is older than the days it is told to keep', async () => {
    const store = sqlLedgerStore(openSqlite({ path: database() }));
    const days = (count: number) => Date.now() - count * 86_400_000;
    await store.write(
      [1, 3, 5].map((age) => callEntry({ callId: `old-${age}`, attempts: 0, endedAt: days(age), keyId: 'anonymous' })),
    );
    await store.close();
    await start({ storage: { url: `sqlite:${database()}`, retentionDays: 2 } });
    const from = new Date(days(10)).toISOString();
    await until(async () => (await usage(`?from=${from}`)).body.total.requests === 1);
  });

  it.each([
    [{ url: 'mysql://user:secret@host/db' }, 'storage: the address must be "sqlite:'],
    [{ url: 'sqlite:' }, 'storage: the address must be'],
    [{ url: 'sqlite:./a.db', retentionDays: 0.5 }, '"retentionDays" must be a whole number of days'],
    [{ url: 'sqlite:./a.db', spool: 'package.json/none' }, '"storage.spool": the folder package.json/none cannot'],
    [{ url: 'sqlite:./a.db', retentionDay: 3 }, 'unknown option "retentionDay" (did you mean "retentionDays"?)'],
    [{}, 'must hold a "url"'],
  ])('refuses %j and never repeats a password', async (storage, why) => {
    await start();
    const config = { ...configAt(''), storage } as GatewayConfig;
    const message = refusal(() => void startGatewaySync(config));
    expect(message).toContain(why);
    expect(message).not.toContain('secret');
  });

  it('serves calls while the database cannot be opened, says so, and answers 503 to GET /usage', async () => {
    await start({
      storage: { url: `sqlite:${join(folder, 'no', 'such', 'folder.db')}`, spool: join(folder, 'spool') },
    });
    const answer = await chat(server.url, { model: 'openai/demo-small', ...question });
    expect(answer.status).toBe(200);
    const refused = await usage();
    expect([refused.status, refused.body.error.code]).toEqual([503, 'ledger_unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await until(() => server.lines.some(({ message }) => message.startsWith('The usage ledger cannot be written')));
  });
});

function withoutStorage(): GatewayConfig {
  const { storage: _, ...config } = configAt('');
  return config;
}

function startGatewaySync(config: GatewayConfig): unknown {
  return createGateway(config, { environment: {}, logger: { log: () => {} } });
}
