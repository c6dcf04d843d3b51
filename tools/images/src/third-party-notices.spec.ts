import { thirdPartyNotices } from './third-party-notices.ts';

describe(thirdPartyNotices, () => {
  it('puts the texts of each package below its name, version and licence', () => {
    const text = thirdPartyNotices([
      { name: 'a', version: '1.0.0', license: 'MIT', texts: ['Permission\n', '\nNotice'] },
      { name: '@b/c', version: '2.0.0', license: undefined, texts: [] },
    ]);

    expect(text).toMatch(
      /^a 1\.0\.0 \(MIT\)\n\nPermission\n\nNotice\n\n-{80}\n\n@b\/c 2\.0\.0 \(see below\)\n$/,
    );
  });
});
