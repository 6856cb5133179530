import { describe, expect, it } from '@jest/globals';
import { Call } from '../../src/core/call.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { RunningCalls } from '../../src/gateway/running-calls.ts';

function newCall(): Call {
  return new Call({
    head: { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders: [] },
    dialect: 'openai-chat',
    operation: 'chat',
    runtime: systemRuntime,
    readBody: () => Promise.reject(new Error('Nobody reads the body.')),
  });
}

describe('running calls', () => {
  it('keeps those that have been added and not deleted, whichever goes first', () => {
    const calls = Array.from({ length: 5 }, newCall);
    const running = new RunningCalls();
    for (const call of calls) running.add(call);
    const left = new Set(calls);
    for (const index of [1, 4, 0, 3, 2]) {
      const gone = calls[index];
      if (gone === undefined) throw new Error('There are five.');
      running.delete(gone);
      left.delete(gone);
      expect(new Set(running.all())).toEqual(left);
      expect(running.size).toBe(left.size);
    }
  });

  it('leaves the others alone when one is deleted that is not there', () => {
    const [gone, stays, strange] = [newCall(), newCall(), newCall()];
    const running = new RunningCalls();
    running.add(gone);
    running.add(stays);
    running.delete(gone);
    running.delete(gone);
    running.delete(strange);
    expect(running.all()).toEqual([stays]);
  });
});
