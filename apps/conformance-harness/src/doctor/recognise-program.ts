// Whose configuration a file is: the agent's and the bridge's have few top-level keys in common.

/** The programs that have a configuration. */
export type ExaminedProgram = 'agent' | 'bridge';

const keysOf: Readonly<Record<ExaminedProgram, ReadonlySet<string>>> = {
  agent: new Set([
    ...['agent', 'kubernetes', 'tasks', 'scrubbing', 'server', 'prometheus', 'pprof', 'hub'],
    ...['timeoutseconds', 'dynamicaccounts', 'dynamicaccountsenabled'],
  ]),
  bridge: new Set(['grpc', 'http', 'sql', 'auth', 'registry', 'antientropy', 'limits']),
};

/** Keys below `clouddriver`, which both have. */
const linkKeys: Readonly<Record<ExaminedProgram, ReadonlySet<string>>> = {
  agent: new Set(['grpc', 'insecure', 'tls', 'auth', 'noproxy', 'compression']),
  bridge: new Set(['accounts', 'lockagents']),
};

/** The program whose keys a document has; `undefined` when it has those of both, or of neither. */
export function recogniseProgram(document: unknown): ExaminedProgram | undefined {
  const counts = (['agent', 'bridge'] as const).map((program) => ({
    program,
    count: countKeys(document, keysOf[program]) + countKeys(below(document), linkKeys[program]),
  }));
  const found = counts.filter(({ count }) => count > 0);
  return found.length === 1 ? found[0]?.program : undefined;
}

function countKeys(value: unknown, known: ReadonlySet<string>): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.keys(value).filter((key) => known.has(key.toLowerCase())).length;
}

function below(document: unknown): unknown {
  if (typeof document !== 'object' || document === null) return undefined;
  return 'clouddriver' in document ? document.clouddriver : undefined;
}
