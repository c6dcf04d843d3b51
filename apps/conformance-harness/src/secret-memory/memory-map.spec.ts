import { parseMemoryMap, residentBytes } from './memory-map.ts';

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

  it('tells the malloc arenas of other threads from what else has no name', () => {
    const kinds = parseMemoryMap(
      [
        '7fc434000000-7fc434197000 rw-p 00000000 00:00 0',
        '7fc434197000-7fc438000000 ---p 00000000 00:00 0',
        '7fc438000000-7fc43c000000 rw-p 00000000 00:00 0',
        // Reserves more than an arena: WASM memory and its guard.
        '7fc440000000-7fc440040000 rw-p 00000000 00:00 0',
        '7fc440040000-7fc640000000 ---p 00000000 00:00 0',
        // Does not begin at a multiple of 64 MiB.
        '7fc641000000-7fc641040000 rw-p 00000000 00:00 0',
        '7fc641040000-7fc645000000 ---p 00000000 00:00 0',
      ].join('\n'),
    ).map(({ kind }) => kind);

    expect(kinds).toEqual(['malloc heap', 'malloc heap', 'anonymous', 'anonymous']);
  });

  it('reads addresses as the kernel prints them', () => {
    expect(parseMemoryMap(maps)[1]).toEqual({
      from: 0x1a2b3000,
      to: 0x1a2b5000,
      kind: 'malloc heap',
    });
  });
});

describe(residentBytes, () => {
  it('adds up what is resident, by kind', () => {
    const smaps = `00400000-00401000 r-xp 00000000 fe:00 1234        /usr/bin/node
Size:                  4 kB
Rss:                   3 kB
Pss:                   1 kB
1a2b3000-1a2b5000 rw-p 00000000 00:00 0                          [heap]
Rss:                   8 kB
7f0000000000-7f0000002000 rw-p 00000000 00:00 0 
Rss:                   5 kB
7f0000002000-7f0000009000 ---p 00000000 00:00 0 
Rss:                   2 kB
`;

    expect(residentBytes(smaps)).toEqual({
      file: 3 * 1024,
      'malloc heap': 8 * 1024,
      anonymous: 7 * 1024,
      stack: 0,
    });
  });
});
