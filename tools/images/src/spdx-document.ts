/**
 * The bill of materials of an image as an SPDX 2.3 document
 * (https://spdx.github.io/spdx-spec/v2.3/): the program, every npm package that has code in its
 * bundle, Node.js, and Debian's packages. Pure.
 */
import { createHash } from 'node:crypto';
import type { SystemPackage } from './system-packages.ts';
import type { BundledPackage } from './third-party-notices.ts';

/** What an image is made of. */
export interface ImageParts {
  /** The program's command, such as `fairlead-agent`. */
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Of Node.js, without `v`. */
  readonly nodeVersion: string;
  readonly bundled: readonly Pick<BundledPackage, 'name' | 'version' | 'license'>[];
  readonly system: readonly SystemPackage[];
  /** When, to the second. */
  readonly created: Date;
}

/** The part of SPDX that is written here. */
export interface SpdxDocument {
  readonly spdxVersion: 'SPDX-2.3';
  readonly dataLicense: 'CC0-1.0';
  readonly SPDXID: 'SPDXRef-DOCUMENT';
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly documentDescribes: readonly string[];
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly SpdxRelationship[];
}

/** One package of a document. */
export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly downloadLocation: 'NOASSERTION';
  readonly filesAnalyzed: false;
  readonly licenseConcluded: 'NOASSERTION';
  readonly licenseDeclared: string;
  readonly copyrightText: 'NOASSERTION';
  readonly externalRefs: readonly {
    readonly referenceCategory: 'PACKAGE-MANAGER';
    readonly referenceType: 'purl';
    readonly referenceLocator: string;
  }[];
}

/** How two packages of a document belong together. */
export interface SpdxRelationship {
  readonly spdxElementId: string;
  readonly relationshipType: 'DESCRIBES' | 'CONTAINS' | 'DEPENDS_ON';
  readonly relatedSpdxElement: string;
}

const documentId = 'SPDXRef-DOCUMENT';
/** What `licenseDeclared` says of a package whose licence is not an SPDX expression. */
const unknown = 'NOASSERTION';
/** Identifiers joined by AND, OR, WITH; not free text such as `SEE LICENSE IN x`. */
const expression = /^\(?[\w.+-]+( (AND|OR|WITH) \(?[\w.+-]+\)?)*\)?$/;

/** The document; the same parts make the same one. */
export function spdxDocument(parts: ImageParts): SpdxDocument {
  const program = describe('npm', parts, `pkg:npm/${parts.name}@${parts.version}`);
  const bundled = parts.bundled.map((one) => describe('npm', one, npmUrl(one)));
  const node = { name: 'node', version: parts.nodeVersion, license: 'MIT' };
  const runtime = [
    describe('generic', node, `pkg:generic/node@${node.version}`),
    ...parts.system.map((one) => describe('deb', { ...one, license: undefined }, debianUrl(one))),
  ];
  const packages = [program, ...bundled, ...runtime];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: documentId,
    name: `${parts.name}-${parts.version}`,
    documentNamespace: `urn:fairlead:sbom:${parts.name}:${digestOf(packages, parts.created)}`,
    creationInfo: { created: toSeconds(parts.created), creators: ['Tool: fairlead-images'] },
    documentDescribes: [program.SPDXID],
    packages,
    relationships: [
      relate(documentId, 'DESCRIBES', program),
      ...bundled.map((one) => relate(program.SPDXID, 'CONTAINS', one)),
      ...runtime.map((one) => relate(program.SPDXID, 'DEPENDS_ON', one)),
    ],
  };
}

function describe(
  kind: 'npm' | 'generic' | 'deb',
  one: { readonly name: string; readonly version: string; readonly license: string | undefined },
  purl: string,
): SpdxPackage {
  const id = `${kind}-${one.name}-${one.version}`.replaceAll(/[^A-Za-z0-9.-]/g, '-');
  const declared = one.license ?? unknown;
  return {
    SPDXID: `SPDXRef-${id}`,
    name: one.name,
    versionInfo: one.version,
    downloadLocation: unknown,
    filesAnalyzed: false,
    licenseConcluded: unknown,
    licenseDeclared: expression.test(declared) ? declared : unknown,
    copyrightText: unknown,
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
    ],
  };
}

function relate(
  from: string,
  relationshipType: SpdxRelationship['relationshipType'],
  to: SpdxPackage,
): SpdxRelationship {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: to.SPDXID };
}

/** The scope's @ is escaped (https://github.com/package-url/purl-spec). */
function npmUrl({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function debianUrl({ name, version, architecture }: SystemPackage): string {
  return `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
}

function digestOf(packages: readonly SpdxPackage[], created: Date): string {
  const text = JSON.stringify(packages) + toSeconds(created);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** SPDX has no fractions of a second. */
function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
