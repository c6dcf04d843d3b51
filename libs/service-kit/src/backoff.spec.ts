import { createBackoff } from './backoff.ts';

describe(createBackoff, () => {
  it('grows by the multiplier up to its bound, and starts over after a reset', () => {
    const backoff = createBackoff(
      { next: () => 0.5 },
      { baseDelayMs: 100, multiplier: 2, jitter: 0.2, maxDelayMs: 500 },
    );

    expect([1, 2, 3, 4, 5].map(() => backoff.nextDelayMs())).toEqual([100, 200, 400, 500, 500]);
    backoff.reset();
    expect(backoff.nextDelayMs()).toBe(100);
  });

  it('spreads delays by the jitter both ways', () => {
    const options = { baseDelayMs: 1000, jitter: 0.2 };

    expect(createBackoff({ next: () => 0 }, options).nextDelayMs()).toBe(800);
    expect(createBackoff({ next: () => 0.999_999 }, options).nextDelayMs()).toBe(1200);
  });
});
