/**
 * Kubernetes objects as a chart prints them: read, told apart, put in order, and stripped of what
 * only Helm needs. Pure.
 */
import { parseAllDocuments, stringify } from 'yaml';

/** A Kubernetes object; only what every object has is named. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ManifestMetadata;
  readonly [field: string]: unknown;
}

/** What this room reads of an object's metadata. */
export interface ManifestMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Labels that tell of Helm, and are wrong without it. */
const helmLabels: readonly string[] = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];
/** Objects that Helm alone makes, at certain moments. */
const hookAnnotation = 'helm.sh/hook';

/** What is applied first, as Helm does it; the rest follows in alphabetical order. */
const firstKinds: readonly string[] = [
  'Namespace',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
];

/**
 * The objects of a text with any number of YAML documents; empty documents are passed over.
 *
 * @throws Error for a document that is no object, with its beginning
 */
export function parseManifests(text: string): Manifest[] {
  const documents = parseAllDocuments(text);
  if ('empty' in documents) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (isManifest(value)) return [value];
    throw new Error(`no Kubernetes object: ${JSON.stringify(value).slice(0, 200)}`);
  });
}

/** Tells objects apart: `apps/v1 Deployment fairlead/fairlead-agent`. */
export function manifestKey({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Without hooks and without labels of Helm, in the order in which they can be applied. */
export function withoutHelm(manifests: readonly Manifest[]): Manifest[] {
  return manifests
    .filter(({ metadata }) => metadata.annotations?.[hookAnnotation] === undefined)
    .map((manifest) => withoutHelmLabels(manifest) as Manifest)
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)));
}

/** The objects as one text. */
export function printManifests(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${printYaml(manifest)}`).join('');
}

/** One value as YAML: no anchors, no folded lines. */
export function printYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<Manifest>;
  const hasName = typeof metadata === 'object' && typeof metadata.name === 'string';
  return typeof apiVersion === 'string' && typeof kind === 'string' && hasName;
}

/** Anywhere in the object: pod templates carry them, too. */
function withoutHelmLabels(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelmLabels);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !helmLabels.includes(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutHelmLabels(inner)]));
}

function orderOf(manifest: Manifest): string {
  const index = firstKinds.indexOf(manifest.kind);
  const rank = String(index < 0 ? firstKinds.length : index).padStart(2, '0');
  return `${rank} ${manifest.kind} ${manifestKey(manifest)}`;
}
