import { describe, expect, it } from '@jest/globals';
import { Codec } from './gen/fairlead/v1/feed.ts';
import { negotiateCodec, negotiateProtocolVersion } from './negotiation.ts';

describe(negotiateProtocolVersion, () => {
  it('takes the best version that both speak', () => {
    expect(negotiateProtocolVersion([1, 2, 3], [4, 2, 1])).toEqual({ kind: 'agreed', version: 2 });
  });

  it("names both sides' versions when there is none", () => {
    expect(negotiateProtocolVersion([7, 8], [2, 1])).toEqual({
      kind: 'refused',
      message: 'the agent speaks protocol version 7, 8, the bridge 2, 1',
    });
  });

  it('survives an agent that names no version', () => {
    expect(negotiateProtocolVersion([])).toMatchObject({ kind: 'refused' });
  });

  it('does not repeat a list without end', () => {
    const refused = negotiateProtocolVersion(Array.from({ length: 9999 }, (_, at) => at + 100));

    expect(refused).toMatchObject({ kind: 'refused', message: expect.not.stringContaining('108') });
  });
});

describe(negotiateCodec, () => {
  it('takes the first of the agent that the bridge has', () => {
    expect(negotiateCodec([Codec.ZSTD, Codec.DEFLATE], ['deflate', 'none'])).toBe('deflate');
  });

  it('passes over codecs it does not know', () => {
    expect(negotiateCodec([99 as Codec, Codec.DEFLATE])).toBe('deflate');
  });

  it('falls back to none', () => {
    expect(negotiateCodec([])).toBe('none');
  });
});
