import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import winston from 'winston';
import Transport from 'winston-transport';
import { createTelemetry } from '../../src/telemetry/index.ts';
import { chatCall, settled } from './support.ts';

/** A stream that takes what it is given only when told to. */
function gatedStream() {
  const waiting: (() => void)[] = [];
  const rows: string[] = [];
  let open = false;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      rows.push(String(chunk));
      if (open) done();
      else waiting.push(done);
    },
  });
  return {
    stream,
    rows,
    open: () => {
      open = true;
      for (const done of waiting.splice(0)) done();
    },
  };
}

describe('a logger that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
    ['never answers', () => new Promise(() => {})],
  ])('changes nothing for the call when it %s', (_, log) => {
    const telemetry = createTelemetry({ logger: { log } });
    expect(() => telemetry.onSettled?.(chatCall(), settled())).not.toThrow();
    expect(() => telemetry.onEvent({ type: 'target-recovered', target: 'openai/gpt-4o' })).not.toThrow();
  });

  it('does not end the process when a transport of winston fails', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    broken.on('error', () => {});
    const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream: broken })] });
    const telemetry = createTelemetry({ logger });
    telemetry.onSettled?.(chatCall(), settled());
    expect(() => logger.emit('error', new Error('disk full'))).not.toThrow();
    await new Promise(setImmediate);
  });

  it('holds a bounded number of lines while it is stalled, and says how many it lost', async () => {
    let stalled = true;
    const waiting: (() => void)[] = [];
    const messages: unknown[] = [];
    class Stalling extends Transport {
      override log(info: { message?: unknown; count?: unknown }, done: () => void): void {
        messages.push(info.message === 'call' ? 'call' : [info.message, info.count]);
        if (stalled) waiting.push(done);
        else done();
      }
    }
    const logger = winston.createLogger({ transports: [new Stalling()] });
    const telemetry = createTelemetry({ logger });
    for (let index = 0; index < 5_000; index += 1) telemetry.onSettled?.(chatCall(), settled());
    expect(logger.writableLength).toBeLessThan(1_100);
    stalled = false;
    while (waiting.length > 0) {
      waiting.shift()?.();
      await new Promise(setImmediate);
    }
    telemetry.onSettled?.(chatCall(), settled());
    await new Promise(setImmediate);
    const lost = messages.find((message) => Array.isArray(message));
    expect(lost).toEqual(['log-lines-dropped', expect.any(Number)]);
    const kept = messages.filter((message) => message === 'call').length;
    expect(kept + Number(Array.isArray(lost) ? lost[1] : 0)).toBe(5_001);
  });
});

describe('a winston logger of the app', () => {
  it('gets the entry with its own format and metadata', () => {
    const { stream, rows, open } = gatedStream();
    open();
    const logger = winston.createLogger({
      defaultMeta: { service: 'shop' },
      format: winston.format.json(),
      transports: [new winston.transports.Stream({ stream })],
    });
    createTelemetry({ logger }).onSettled?.(chatCall(), settled());
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({
      service: 'shop',
      level: 'info',
      message: 'call',
      http_status: 200,
    });
  });
});

describe('the default logger', () => {
  it('writes one JSON object a line to stdout', async () => {
    const program = `
      import { createTelemetry } from ${JSON.stringify(new URL('../../src/telemetry/index.ts', import.meta.url).href)};
      const telemetry = createTelemetry({ logLevel: 'debug' });
      telemetry.onEvent({ type: 'target-recovered', target: 'openai/gpt-4o' });
      telemetry.onEvent({ type: 'failed-over', callId: 'c', from: 'a/b', to: 'c/d', fault: 'line one\\nline two' });
    `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(stderr).toBe('');
    const rows = stdout.trim().split('\n');
    expect(rows.map((row) => JSON.parse(row))).toMatchObject([
      { level: 'info', message: 'target-recovered', target: 'openai/gpt-4o', time: expect.stringMatching(/Z$/) },
      { level: 'warn', message: 'failed-over', fault: 'line one line two' },
    ]);
  });
});
