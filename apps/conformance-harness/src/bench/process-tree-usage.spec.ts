import { parseProcessStat, type ProcessStat, sumTreeCpu } from './process-tree-usage.ts';

describe(parseProcessStat, () => {
  it('reads past a command with blanks and parentheses', () => {
    const text = '77 (a (b) c) S 5 77 77 0 -1 4194560 1 2 3 4 150 50 300 100 20 0 1 0 99 5 6';

    expect(parseProcessStat(text)).toEqual({
      pid: 77,
      parentPid: 5,
      cpuSeconds: 2,
      endedChildrenCpuSeconds: 4,
    });
  });
});

describe(sumTreeCpu, () => {
  const process = (pid: number, parentPid: number, ended = 0): ProcessStat => ({
    pid,
    parentPid,
    cpuSeconds: pid,
    endedChildrenCpuSeconds: ended,
  });

  it('sums a process, its descendants and what of them has ended', () => {
    const processes = [process(300, 30), process(30, 3, 7), process(3, 1, 5), process(2, 1)];

    expect(sumTreeCpu(3, processes)).toBe(3 + 5 + 30 + 7 + 300);
  });

  it('is nothing of a process that is not there', () => {
    expect(sumTreeCpu(9, [process(1, 0)])).toBe(0);
  });
});
