import { describe, expect, it, jest } from '@jest/globals';
import { Cancellation } from '../../src/core/cancellation.ts';

describe('Cancellation', () => {
  it('tells each listener once, with the first reason', () => {
    const cancellation = new Cancellation();
    const listener = jest.fn();
    cancellation.onCancel(listener);
    cancellation.cancel('shutting_down');
    cancellation.cancel('client_gone');
    expect(listener.mock.calls).toEqual([['shutting_down']]);
    expect(cancellation.reason).toBe('shutting_down');
  });

  it('tells late listeners at once', () => {
    const cancellation = new Cancellation();
    cancellation.cancel('client_gone');
    const listener = jest.fn();
    const forget = cancellation.onCancel(listener);
    expect(listener.mock.calls).toEqual([['client_gone']]);
    expect(forget).not.toThrow();
  });

  it('forgets a listener, also while it tells the others', () => {
    const cancellation = new Cancellation();
    const second = jest.fn();
    const first = jest.fn(() => forgetSecond());
    cancellation.onCancel(first);
    const forgetSecond = cancellation.onCancel(second);
    const forgotten = jest.fn();
    cancellation.onCancel(forgotten)();
    cancellation.cancel('client_gone');
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).not.toHaveBeenCalled();
    expect(forgotten).not.toHaveBeenCalled();
  });

  it('is an abort signal for those who need one', () => {
    const cancellation = new Cancellation();
    const before = cancellation.signal();
    expect(before.aborted).toBe(false);
    cancellation.cancel('client_gone');
    const after = cancellation.signal();
    for (const signal of [before, after]) {
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'client_gone' });
    }
  });
});
