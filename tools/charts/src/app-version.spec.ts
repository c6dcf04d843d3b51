import { withAppVersion } from './app-version.ts';

describe(withAppVersion, () => {
  it('changes one line and nothing else', () => {
    const chart = "# why\nversion: 1.0.0\nappVersion: '0.1.0'\nkubeVersion: '>=1.25.0-0'\n";

    expect(withAppVersion(chart, '0.2.0')).toBe(
      "# why\nversion: 1.0.0\nappVersion: 0.2.0\nkubeVersion: '>=1.25.0-0'\n",
    );
  });
});
