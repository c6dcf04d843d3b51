import { withNextPatch } from './chart-version.ts';

describe(withNextPatch, () => {
  it('changes the version of the chart, and nothing else', () => {
    const chart = "# why\nversion: '1.2.9'\nappVersion: 0.1.0\nkubeVersion: '>=1.25.0-0'\n";

    expect(withNextPatch(chart)).toBe(
      "# why\nversion: 1.2.10\nappVersion: 0.1.0\nkubeVersion: '>=1.25.0-0'\n",
    );
  });

  it('refuses a chart whose version it cannot read', () => {
    expect(() => withNextPatch('version: next\n')).toThrow('no version of the form 1.2.3');
  });
});
