/** What is made from the charts. Start at `findCharts` and `generateFiles`. */
export { chartFileOf } from './app-version.ts';
export { chartsRoot, findCharts, generatedFolders, repositoryRoot } from './chart-layout.ts';
export { chartReadme, valueRows } from './chart-readme.ts';
export { generateFiles, renderExample } from './generated-files.ts';
export { diffJson, isSame } from './json-patch.ts';
export { kustomizeTree } from './kustomize-tree.ts';
export { manifestKey, parseManifests, printManifests, withoutHelm } from './manifest.ts';
export { helmTemplate, renderFlags, runHelm } from './node-helm.ts';
export type { ChartExample, ChartFolder } from './chart-layout.ts';
export type { ReadmeSources, ValueRow } from './chart-readme.ts';
export type { PatchOperation } from './json-patch.ts';
export type { FileTree, KustomizeInput } from './kustomize-tree.ts';
export type { Manifest, ManifestMetadata } from './manifest.ts';
export type { HelmOptions, HelmOutcome, RenderOptions } from './node-helm.ts';
