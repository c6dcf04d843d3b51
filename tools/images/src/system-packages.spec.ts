import { parseSystemPackage } from './system-packages.ts';

describe(parseSystemPackage, () => {
  it('reads name, version and architecture of a paragraph', () => {
    const paragraph = [
      'Package: libc6',
      'Status: install ok installed',
      'Architecture: arm64',
      'Version: 2.36-9+deb12u14',
      'Description: GNU C Library',
      ' Package: is a word of it',
    ].join('\n');

    expect(parseSystemPackage(paragraph)).toEqual({
      name: 'libc6',
      version: '2.36-9+deb12u14',
      architecture: 'arm64',
    });
  });

  it('refuses what is no paragraph of dpkg', () => {
    expect(() => parseSystemPackage('Package: libc6')).toThrow('a package without Version');
  });
});
