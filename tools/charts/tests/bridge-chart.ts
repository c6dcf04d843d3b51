/** The bridge's chart under test: values in, objects or a refusal out. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import {
  chartsRoot,
  helmTemplate,
  parseManifests,
  repositoryRoot,
  type Manifest,
} from '../src/index.ts';

/** Values as they stand in a file. */
export type Values = Readonly<Record<string, unknown>>;

/** Anything of a manifest, or of bridge.yaml. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever a chart may print
export type Tree = Readonly<Record<string, any>>;

const run = promisify(execFile);

/** The chart's folder. */
export const bridgeChart = join(chartsRoot, 'fairlead-bridge');

/** Values that make a bridge: the chart's own example `base`. */
export const baseValuesFile = join(bridgeChart, 'ci/base-values.yaml');

/** Files of one test. */
export interface ScratchFolder extends AsyncDisposable {
  /** Writes a file; returns its path. */
  write(name: string, text: string): Promise<string>;
}

/** A folder that goes when it is disposed of. */
export async function scratchFolder(): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fairlead-chart-'));
  return {
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The objects that Helm makes of `values` upon the example `base`. @throws Error when Helm refuses */
export async function renderBridge(values: Values): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await template([baseValuesFile], values);
  if (code !== 0) throw new Error(stderr);
  return parseManifests(stdout);
}

/** What Helm says when it refuses `values` upon `base`; '' when it does not. */
export async function refusalOf(values: Values, base = [baseValuesFile]): Promise<string> {
  const { code, stderr } = await template(base, values);
  return code === 0 ? '' : stderr;
}

/** The one object of a kind (and name). @throws Error when there is none or another */
export function only(objects: readonly Manifest[], kind: string, name?: string): Tree {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [object] = found;
  if (object === undefined || found.length > 1) throw new Error(`${found.length} of ${kind}`);
  return object;
}

/** bridge.yaml of the objects. */
export function configOf(objects: readonly Manifest[]): Tree {
  return parse(configTextOf(objects)) as Tree;
}

/** The pod template of the objects' workload. */
export function podOf(objects: readonly Manifest[]): Tree {
  const workload = objects.find(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  return (workload as Tree | undefined)?.spec.template as Tree;
}

/** The variables that the pod's container gets without Kubernetes: `$(POD_IP)` and Secrets filled in. */
export function environmentOf(objects: readonly Manifest[]): Readonly<Record<string, string>> {
  const own: Record<string, string> = { POD_IP: '10.1.2.3', POD_NAME: 'fairlead-bridge-0' };
  for (const { name, value, valueFrom } of podOf(objects).spec.containers[0].env as Tree[]) {
    if (valueFrom?.secretKeyRef !== undefined) own[name as string] = 'postgres://db/clouddriver';
    if (typeof value !== 'string') continue;
    own[name as string] = value.replaceAll(/\$\((\w+)\)/g, (_, other: string) => own[other] ?? '');
  }
  return own;
}

/** What `fairlead-bridge --check` says of bridge.yaml and the environment of pods of these objects. */
export async function checkBridges(
  sets: readonly (readonly Manifest[])[],
): Promise<readonly string[]> {
  await using folder = await scratchFolder();
  const args = await Promise.all(
    sets.map(async (objects, index) => [
      await folder.write(`bridge-${String(index)}.yaml`, configTextOf(objects)),
      JSON.stringify(environmentOf(objects)),
    ]),
  );
  const script = join(repositoryRoot, 'tools/charts/tests/check-bridges.ts');
  const program = join(repositoryRoot, 'apps/clouddriver-bridge/src/bridge-program.ts');
  const flags = ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning'];
  const { stdout } = await run(process.execPath, [...flags, script, program, ...args.flat()]);
  return stdout.split(/(?<=^exit \d+\n)/m);
}

function configTextOf(objects: readonly Manifest[]): string {
  return only(objects, 'ConfigMap', 'fairlead-bridge').data['bridge.yaml'] as string;
}

async function template(base: readonly string[], values: Values) {
  await using folder = await scratchFolder();
  // JSON is YAML.
  const own = await folder.write('values.json', JSON.stringify(values));
  return await helmTemplate(bridgeChart, { valuesFiles: [...base, own] });
}
