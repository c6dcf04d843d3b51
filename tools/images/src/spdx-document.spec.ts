import { spdxDocument, type ImageParts } from './spdx-document.ts';

const parts: ImageParts = {
  name: 'fairlead-agent',
  version: '0.1.0',
  license: 'Apache-2.0',
  nodeVersion: '24.1.0',
  bundled: [
    { name: '@grpc/grpc-js', version: '1.14.7', license: 'Apache-2.0' },
    { name: 'odd', version: '1.0.0', license: 'SEE LICENSE IN odd.txt' },
  ],
  system: [{ name: 'libc6', version: '2.36-9+deb12u14', architecture: 'amd64' }],
  created: new Date('2026-01-02T03:04:05.678Z'),
};

describe(spdxDocument, () => {
  const document = spdxDocument(parts);
  const find = (name: string) => document.packages.find((one) => one.name === name);

  it('lists the program, what is bundled, Node.js, and the packages of the system', () => {
    expect(document.packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`)).toEqual([
      'fairlead-agent 0.1.0',
      '@grpc/grpc-js 1.14.7',
      'odd 1.0.0',
      'node 24.1.0',
      'libc6 2.36-9+deb12u14',
    ]);
  });

  it('names each package by an URL that scanners know', () => {
    const urls = document.packages.map(({ externalRefs }) => externalRefs[0]?.referenceLocator);

    expect(urls).toEqual([
      'pkg:npm/fairlead-agent@0.1.0',
      'pkg:npm/%40grpc/grpc-js@1.14.7',
      'pkg:npm/odd@1.0.0',
      'pkg:generic/node@24.1.0',
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64',
    ]);
  });

  it('declares a licence only where it is an expression', () => {
    expect(find('@grpc/grpc-js')?.licenseDeclared).toBe('Apache-2.0');
    expect(find('odd')?.licenseDeclared).toBe('NOASSERTION');
  });

  it('relates every package to the program by identifiers that are there and allowed', () => {
    const ids = ['SPDXRef-DOCUMENT', ...document.packages.map(({ SPDXID }) => SPDXID)];
    const related = document.relationships.map((one) => one.relatedSpdxElement);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(id))).toBe(true);
    expect(related).toEqual(ids.slice(1));
    expect(
      document.relationships.map((one) => one.spdxElementId).every((id) => ids.includes(id)),
    ).toBe(true);
  });

  it('has another namespace when anything in it is another', () => {
    const newer = spdxDocument({ ...parts, nodeVersion: '24.2.0' });

    expect(document.documentNamespace).toMatch(/^urn:fairlead:sbom:fairlead-agent:[0-9a-f]{32}$/);
    expect(spdxDocument(parts)).toEqual(document);
    expect(newer.documentNamespace).not.toBe(document.documentNamespace);
  });

  it('is dated to the second', () => {
    expect(document.creationInfo.created).toBe('2026-01-02T03:04:05Z');
  });
});
