/** `bench secrets`: how many values of Secrets are left in an agent's memory, and where. */
import { startKube } from '@fairlead/testbed';
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureOf } from '../bench/bench-report.ts';
import { type MappingKind } from './memory-map.ts';
import {
  type AgentFindings,
  proveSecrets,
  type SecretTrialName,
  secretTrials,
} from './secret-proof.ts';
import { secretSorts, type SecretSort } from './secret-population.ts';

const secrets = 1_000;
const kinds: readonly MappingKind[] = ['malloc heap', 'anonymous', 'stack', 'file'];
const sortNames: Readonly<Record<SecretSort, string>> = {
  plain: 'Secrets without last-applied-configuration',
  applied: 'Secrets with it',
};

type Findings = Readonly<Record<SecretTrialName, AgentFindings>>;

/** Each run has an API server and agents of its own. */
export async function benchSecrets({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  const results: Findings[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using kube = await startKube();
    const findings = await proveSecrets({ kube, secrets });
    results.push(findings);
    for (const [name, { memory, scrubbedValues }] of Object.entries(findings)) {
      const mebibytes = (memory.scannedBytes / 2 ** 20).toFixed(0);
      const removed = `${String(scrubbedValues)} values removed`;
      progress(`run ${String(run + 1)}: ${name}: ${mebibytes} MiB searched, ${removed}`);
    }
  }
  return (Object.keys(secretTrials) as SecretTrialName[]).flatMap((trial) =>
    secretSorts.flatMap((sort) => measuresOf(results, { trial, sort })),
  );
}

function measuresOf(
  results: readonly Findings[],
  { trial, sort }: { readonly trial: SecretTrialName; readonly sort: SecretSort },
): readonly Measure[] {
  const what = `${trial}: ${sortNames[sort]}`;
  const unit = 'values';
  const isPromised = secretTrials[trial].mode === 'metadata' && sort === 'plain';
  const target = { target: '<= 0' };
  const snapshot = measureOf(
    results.map((findings) => findings[trial].inSnapshot[sort]),
    { name: `${what}: in a heap snapshot`, unit, ...target },
  );
  const memory = kinds.map((kind) =>
    measureOf(
      results.map((findings) => hitsIn(findings[trial], { sort, kind })),
      { name: `${what}: in memory, ${kind}`, unit, ...(isPromised ? target : {}) },
    ),
  );
  return [snapshot, ...memory];
}

/** Copies of values of one sort in one kind of mapping. */
export function hitsIn(
  { memory }: AgentFindings,
  of: { readonly sort: SecretSort; readonly kind?: MappingKind },
): number {
  return memory.hits
    .filter(({ needle, kind }) => needle === of.sort && (of.kind === undefined || kind === of.kind))
    .reduce((sum, { count }) => sum + count, 0);
}
