/** A seeded plan of changes to a population: creates, updates, label changes, deletes. Pure. */
import {
  collectionPath,
  objectOf,
  populationKinds,
  type PopulationObject,
  type PopulationOptions,
} from './population.ts';

/** One change. */
export type ChurnStep =
  | ({ readonly kind: 'create' } & PopulationObject)
  | {
      readonly kind: 'patch';
      readonly path: string;
      readonly patch: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'delete'; readonly path: string };

/** Kinds that churn: cheap to change on a server without controllers. */
const churningKinds = populationKinds.filter(({ kind }) =>
  [
    'Pod',
    'ConfigMap',
    'Secret',
    'Deployment',
    'ReplicaSet',
    'Service',
    'CronTab',
    'Region',
  ].includes(kind),
);

/** Plans `steps` changes on objects that the plan itself creates beside the population. */
export function* planChurn(
  options: PopulationOptions & { readonly steps: number; readonly seed: number },
): Generator<ChurnStep> {
  const random = seededRandom(options.seed);
  const alive: string[] = [];
  let next = 1_000_000 * (1 + (options.seed % 1_000));
  for (let step = 0; step < options.steps; step += 1) {
    const choice = random();
    if (alive.length < 20 || choice < 0.3) {
      const kind = churningKinds[Math.floor(random() * churningKinds.length)];
      if (kind === undefined) return;
      const created = objectOf(kind, next, options);
      const namespace = `team-${String(next % options.namespaces)}`;
      alive.push(`${collectionPath(kind, namespace)}/${kind.kind.toLowerCase()}-${String(next)}`);
      next += 1;
      yield { kind: 'create', ...created };
      continue;
    }
    const index = Math.floor(random() * alive.length);
    const path = alive[index] ?? '';
    if (choice < 0.5) {
      alive.splice(index, 1);
      yield { kind: 'delete', path };
    } else {
      yield { kind: 'patch', path, patch: patchOf(choice, step) };
    }
  }
}

function patchOf(choice: number, step: number): Readonly<Record<string, unknown>> {
  return choice < 0.75
    ? { metadata: { labels: { round: `r${String(step)}`, tier: choice < 0.6 ? 'web' : null } } }
    : { metadata: { annotations: { 'example.com/note': `changed in step ${String(step)} – ü` } } };
}

/** mulberry32: small, seeded, good enough to spread choices. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
