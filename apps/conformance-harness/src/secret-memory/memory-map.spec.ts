import { parseMemoryMap } from './memory-map.ts';

const maps = `00400000-00401000 r-xp 00000000 fe:00 1234                       /usr/bin/node
1a2b3000-1a2b5000 rw-p 00000000 00:00 0                                  [heap]
7f0000000000-7f0000002000 rw-p 00000000 00:00 0 
7f0000002000-7f0000009000 ---p 00000000 00:00 0 
7f0000009000-7f000000a000 rw-p 00000000 00:00 0                          [anon:v8]
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7ffc00021000-7ffc00025000 r--p 00000000 00:00 0                          [vvar]
`;

describe(parseMemoryMap, () => {
  it('gives every range that can be read its kind', () => {
    const kinds = parseMemoryMap(maps).map(({ kind }) => kind);

    expect(kinds).toEqual(['file', 'malloc heap', 'anonymous', 'anonymous', 'stack']);
  });

  it('reads addresses as the kernel prints them', () => {
    expect(parseMemoryMap(maps)[1]).toEqual({
      from: 0x1a2b3000,
      to: 0x1a2b5000,
      kind: 'malloc heap',
    });
  });
});
