import { describe, expect, it } from '@jest/globals';
import { attemptUsage } from '../../src/attempt/attempt-usage.ts';
import { OutputMeter } from '../../src/attempt/output-meter.ts';

const promptTokens = (): number => 12;
const reported = undefined;

/** A meter that heard ten words, of which the provider had counted so many. */
function meterOf({ counted }: { readonly counted: number }): OutputMeter {
  const meter = new OutputMeter('gpt-4o');
  for (let index = 0; index < 10; index += 1) {
    if (index === counted) meter.markCounted();
    meter.event({ type: 'text-delta', choice: 0, text: ' word' });
  }
  if (counted === 10) meter.markCounted();
  return meter;
}

describe('the tokens of an attempt that broke off', () => {
  const soFar = { inputTokens: 40, outputTokens: 25 };

  it('are the provider\u2019s where it had counted all that was delivered', () => {
    const meter = meterOf({ counted: 10 });
    expect(attemptUsage({ status: 'client_abort', reported, soFar, meter, promptTokens })).toEqual({
      usage: soFar,
      source: 'provider',
    });
  });

  it('are the provider\u2019s and an estimate of what came after', () => {
    const meter = meterOf({ counted: 5 });
    expect(attemptUsage({ status: 'client_abort', reported, soFar, meter, promptTokens })).toEqual({
      usage: { inputTokens: 40, outputTokens: 30 },
      source: 'estimated',
    });
  });

  it.each([
    ['before anything was said', { counted: 0 }, { inputTokens: 40, outputTokens: 1 }],
    ['as nothing', { counted: 5 }, { inputTokens: 40, outputTokens: 0 }],
  ])('are an estimate where it had counted the output %s', (_, counted, told) => {
    const meter = meterOf(counted);
    expect(attemptUsage({ status: 'client_abort', reported, soFar: told, meter, promptTokens })).toEqual({
      usage: { inputTokens: 40, outputTokens: 10 },
      source: 'estimated',
    });
  });

  it('are an estimate where it had said nothing', () => {
    const meter = meterOf({ counted: 0 });
    expect(attemptUsage({ status: 'upstream_error', reported, soFar: undefined, meter, promptTokens })).toEqual({
      usage: { inputTokens: 12, outputTokens: 10 },
      source: 'estimated',
    });
  });

  it('are none where nothing was delivered and nothing said', () => {
    const meter = new OutputMeter('gpt-4o');
    expect(attemptUsage({ status: 'timeout', reported, soFar: undefined, meter, promptTokens })).toEqual({
      source: 'none',
    });
  });
});

describe('the meter of an answer', () => {
  it.each([
    ['gpt-4o', 1],
    ['claude-sonnet-4-5', 1.11],
    ['claude-opus-4-7', 1.5],
  ])('counts as the model does: %s', (model, rate) => {
    const meter = new OutputMeter(model);
    meter.part({ type: 'text', text: ' word'.repeat(200) });
    expect(meter.tokens / 200).toBeCloseTo(rate, 1);
  });

  it('is never more than what it is at most', () => {
    const meter = new OutputMeter('claude-opus-4-7');
    meter.event({ type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'now' });
    expect(meter.tokens).toBeGreaterThan(0);
    expect(meter.tokens).toBeLessThanOrEqual(meter.atMost);
  });
});
