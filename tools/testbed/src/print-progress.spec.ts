import { printProgress } from './print-progress.ts';

function aStream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe(printProgress, () => {
  it('rewrites its line on a terminal, and clears it at the end', () => {
    const stream = aStream(true);
    const progress = printProgress(stream);

    progress.show('one');
    progress.end();

    expect(stream.written).toEqual(['\r\u001b[2Kone', '\r\u001b[2K']);
  });

  it('writes a line every half minute elsewhere', () => {
    const stream = aStream(false);
    const timesMs = [0, 0, 29_999, 30_001, 30_001];
    const progress = printProgress(stream, () => timesMs.shift() ?? 0);

    for (const line of ['first', 'too soon', 'due']) progress.show(line);

    expect(stream.written).toEqual(['first\n', 'due\n']);
  });
});
