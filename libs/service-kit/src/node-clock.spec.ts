import { getEventListeners } from 'node:events';
import { jest } from '@jest/globals';
import { nodeClock } from './node-clock.ts';

describe('nodeClock.sleep', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('resolves when the time has passed, and leaves nothing on the signal', async () => {
    const { signal } = new AbortController();
    let isOver = false;
    const sleeping = nodeClock.sleep(1_000, signal).then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(999);
    const before = isOver;
    await jest.advanceTimersByTimeAsync(1);
    await sleeping;

    expect([before, isOver, getEventListeners(signal, 'abort').length]).toEqual([false, true, 0]);
  });

  it("rejects with the signal's reason as soon as it is aborted, and leaves no timer", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const sleeping = nodeClock.sleep(1_000, controller.signal);
    controller.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin when the signal was aborted before', async () => {
    const reason = new Error('enough');

    await expect(nodeClock.sleep(1_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });
});
