import { readRefusal } from './read-refusal.ts';
import { wholeResponse } from './testing/index.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

describe(readRefusal, () => {
  it('reads the Status', async () => {
    const body = { kind: 'Status', reason: 'Expired', message: 'too old' };

    expect(await readRefusal(wholeResponse(410, body), NOW_MS)).toEqual({
      status: 410,
      reason: 'Expired',
      message: 'too old',
      retryAfterMs: 0,
    });
  });

  it.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['a date that is over', 'Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['nonsense', 'soon', 0],
  ])('reads Retry-After as %s', async (_, header, retryAfterMs) => {
    const response = wholeResponse(429, '', { 'retry-after': header });

    expect(await readRefusal(response, NOW_MS)).toMatchObject({ retryAfterMs });
  });

  it('reads the seconds of the Status when there is no header', async () => {
    const body = { kind: 'Status', details: { retryAfterSeconds: 3 } };

    expect(await readRefusal(wholeResponse(429, body), NOW_MS)).toMatchObject({
      retryAfterMs: 3_000,
    });
  });

  it.each([
    ['HTML', '<html>502</html>'],
    ['nothing', ''],
    ['other JSON', { reason: 'x' }],
  ])('tells only the number when the body is %s', async (_, body) => {
    expect(await readRefusal(wholeResponse(502, body), NOW_MS)).toEqual({
      status: 502,
      reason: '',
      message: '',
      retryAfterMs: 0,
    });
  });
});
