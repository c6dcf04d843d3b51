/** A kubeconfig for each context of one, as accounts usually have them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** The files, gone when disposed. */
export interface SplitKubeconfig extends AsyncDisposable {
  /** File by context. */
  readonly files: ReadonlyMap<string, string>;
}

interface Named {
  readonly name: string;
}

type Document = Readonly<Record<'clusters' | 'users' | 'contexts', readonly Named[]>>;

/** Splits a kubeconfig whose clusters, users and contexts go by the same names, as a fleet's do. */
export async function splitKubeconfig(kubeconfigFile: string): Promise<SplitKubeconfig> {
  const document = parse(await readFile(kubeconfigFile, 'utf8')) as Document;
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-kubeconfigs-'));
  const files = new Map<string, string>();
  for (const { name } of document.contexts) {
    const only = (entries: readonly Named[]) => entries.filter((entry) => entry.name === name);
    const file = join(folder, `${name}.yaml`);
    const text = stringify({
      ...document,
      'current-context': name,
      clusters: only(document.clusters),
      users: only(document.users),
      contexts: only(document.contexts),
    });
    await writeFile(file, text, { mode: 0o600 });
    files.set(name, file);
  }
  return { files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
