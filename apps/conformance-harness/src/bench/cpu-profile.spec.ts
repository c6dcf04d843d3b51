import { type CpuProfile, roomOf, summarizeProfile } from './cpu-profile.ts';

const frame = (functionName: string, url = '', lineNumber = -1) => ({
  functionName,
  url,
  lineNumber,
});

describe(summarizeProfile, () => {
  const profile: CpuProfile = {
    startTime: 1_000,
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('push', 'file:///w/libs/secret-scrubber/dist/scanner.js', 9) },
      { id: 3, callFrame: frame('(garbage collector)') },
    ],
    samples: [2, 1, 3, 2, 2],
    timeDeltas: [100, 100, 100, 100, 100],
  };

  it('adds up self time between two moments and leaves out idle time', () => {
    const summary = summarizeProfile(profile, { from: 1_200, to: 1_400 });

    expect(summary.busyMilliseconds).toBe(0.2);
    expect(summary.rooms).toEqual([
      { name: 'garbage collector', milliseconds: 0.1 },
      { name: 'libs/secret-scrubber', milliseconds: 0.1 },
    ]);
  });

  it('names functions with their place, the most expensive first', () => {
    const { functions } = summarizeProfile(profile, { from: 0, to: 9_999 });

    expect(functions.map(({ name }) => name)).toEqual([
      'push  scanner.js:10',
      '(garbage collector)',
    ]);
  });
});

describe(roomOf, () => {
  it.each([
    [frame('x', 'file:///w/node_modules/@grpc/grpc-js/build/x.js'), '@grpc/grpc-js'],
    [frame('x', 'file:///w/node_modules/undici/lib/x.js'), 'undici'],
    [frame('x', 'file:///w/apps/agent/dist/main.js'), 'apps/agent'],
    [frame('x', 'node:internal/http2/core'), 'node:internal/http2/core'],
    [frame('scan', 'wasm://wasm/1234'), 'scanner (WASM)'],
    [frame('writev'), 'native writev'],
    [frame('(program)'), 'native code'],
  ])('%j', (callFrame, room) => {
    expect(roomOf(callFrame)).toBe(room);
  });
});
