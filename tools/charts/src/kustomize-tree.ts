/**
 * Kustomize's tree for a chart: a base from one set of objects, and for each other set an overlay
 * that makes exactly that set of the base. ConfigMaps are generated from files, so that who builds
 * upon the tree can replace one file. Pure; `kubectl kustomize` has the last word in the tests.
 */
import { diffJson } from './json-patch.ts';
import { manifestKey, printYaml, type Manifest } from './manifest.ts';

/** Paths within the tree to contents. */
export type FileTree = ReadonlyMap<string, string>;

/** The sets of objects of one chart. */
export interface KustomizeInput {
  readonly base: readonly Manifest[];
  /** Name of the overlay to its objects. */
  readonly overlays: ReadonlyMap<string, readonly Manifest[]>;
}

type Fields = Readonly<Record<string, unknown>>;

/** What one kustomization.yaml says, and the files beside it. */
interface Kustomization {
  readonly resources: string[];
  readonly configMapGenerator: Fields[];
  readonly patches: Fields[];
  readonly files: Map<string, string>;
}

/** The tree: `base/…` and `overlays/NAME/…`. */
export function kustomizeTree({ base, overlays }: KustomizeInput): FileTree {
  const tree = new Map<string, string>();
  place(tree, 'base', baseOf(base));
  for (const [name, objects] of overlays) {
    place(tree, `overlays/${name}`, overlayOf(base, objects));
  }
  return tree;
}

function baseOf(objects: readonly Manifest[]): Kustomization {
  const kustomization = empty();
  for (const object of objects) addObject(kustomization, object);
  return kustomization;
}

function overlayOf(base: readonly Manifest[], objects: readonly Manifest[]): Kustomization {
  const kustomization = empty();
  kustomization.resources.push('../../base');
  const before = new Map(base.map((object) => [manifestKey(object), object]));
  const after = new Set(objects.map(manifestKey));
  for (const object of objects) {
    const known = before.get(manifestKey(object));
    if (known === undefined) addObject(kustomization, object);
    else changeObject(kustomization, known, object);
  }
  for (const object of base) {
    if (!after.has(manifestKey(object))) removeObject(kustomization, object);
  }
  return kustomization;
}

function addObject(kustomization: Kustomization, object: Manifest): void {
  if (isTextConfigMap(object)) {
    kustomization.configMapGenerator.push(generatorOf(kustomization, object));
    return;
  }
  const file = fileName(object);
  kustomization.files.set(file, printYaml(object));
  kustomization.resources.push(file);
}

function changeObject(kustomization: Kustomization, from: Manifest, to: Manifest): void {
  const operations = diffJson(from, to);
  if (operations.length === 0) return;
  if (isTextConfigMap(to)) {
    const generator = generatorOf(kustomization, to);
    kustomization.configMapGenerator.push({ ...generator, behavior: 'replace' });
    return;
  }
  const file = `patch-${fileName(to)}`;
  kustomization.files.set(file, printYaml(operations));
  kustomization.patches.push({ path: file, target: targetOf(to) });
}

function removeObject(kustomization: Kustomization, object: Manifest): void {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  const patch = {
    ...{ $patch: 'delete', apiVersion, kind },
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
  const file = `remove-${fileName(object)}`;
  kustomization.files.set(file, printYaml(patch));
  kustomization.patches.push({ path: file });
}

/** Files and generator of a ConfigMap; its name is kept, since its changes are followed in place. */
function generatorOf(kustomization: Kustomization, { metadata, data }: Manifest): Fields {
  const { name, namespace, labels, annotations } = metadata;
  const files = Object.entries(data as Record<string, string>).map(([key, text]) => {
    const file = `${name}/${key}`;
    kustomization.files.set(file, text);
    return file;
  });
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    files,
    options: {
      disableNameSuffixHash: true,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

function isTextConfigMap({ apiVersion, kind, data, binaryData }: Manifest): boolean {
  const isConfigMap = apiVersion === 'v1' && kind === 'ConfigMap';
  return isConfigMap && data !== undefined && binaryData === undefined;
}

function targetOf({ apiVersion, kind, metadata }: Manifest): Fields {
  const [version = '', group] = apiVersion.split('/').reverse();
  const { name, namespace } = metadata;
  return {
    ...(group === undefined ? {} : { group }),
    ...{ version, kind, name },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Several Roles may have one name in several namespaces. */
function fileName({ kind, metadata }: Manifest): string {
  const { name, namespace = '' } = metadata;
  const isPlural = kind === 'Role' || kind === 'RoleBinding';
  const parts = isPlural ? [kind, namespace, name] : [kind, name];
  return `${parts.join('-').toLowerCase().replaceAll(':', '-')}.yaml`;
}

function place(tree: Map<string, string>, folder: string, kustomization: Kustomization): void {
  const { files, ...lists } = kustomization;
  const given = Object.entries(lists).filter(([, list]) => list.length > 0);
  const text = printYaml({
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
    ...Object.fromEntries(given),
  });
  tree.set(`${folder}/kustomization.yaml`, text);
  for (const [file, content] of files) tree.set(`${folder}/${file}`, content);
}

function empty(): Kustomization {
  return { resources: [], configMapGenerator: [], patches: [], files: new Map() };
}
