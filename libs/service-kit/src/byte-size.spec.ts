import { byteSizeSchema, parseByteSize } from './byte-size.ts';

describe(parseByteSize, () => {
  it.each([
    ['64MiB', 67_108_864],
    ['64Mi', 67_108_864],
    ['8 mib', 8_388_608],
    ['500MB', 500_000_000],
    ['1.5KiB', 1536],
    ['4096', 4096],
    [4096, 4096],
    ['10b', 10],
  ])('reads %p as %p bytes', (size, bytes) => {
    expect(parseByteSize(size)).toBe(bytes);
  });

  it.each(['', 'MiB', '-1', '1XB', '1e999GiB', '99999999999GiB'])('refuses %p', (size) => {
    expect(() => parseByteSize(size)).toThrow(RangeError);
  });
});

describe(byteSizeSchema, () => {
  it('refuses a size below its minimum', () => {
    expect(byteSizeSchema(1024).safeParse('1KiB').success).toBe(true);
    expect(byteSizeSchema(1024).safeParse('1000').success).toBe(false);
  });
});
