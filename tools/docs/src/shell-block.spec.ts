import { readBlockRun } from './shell-block.ts';

describe(readBlockRun, () => {
  it.each([
    ['', { kind: 'toTheEnd' }],
    ['until="up( now)?"', { kind: 'until', pattern: 'up( now)?' }],
    ['background until="up"', { kind: 'background', pattern: 'up' }],
    ['elsewhere="needs a cloud"', { kind: 'elsewhere', reason: 'needs a cloud' }],
  ])('understands %p', (meta, run) => {
    expect(readBlockRun(meta)).toEqual(run);
  });

  it.each(['background', 'skip', 'until=""', 'until="a" more'])('refuses %p', (meta) => {
    expect(() => readBlockRun(meta)).toThrow(`cannot be run as "${meta}"`);
  });
});
