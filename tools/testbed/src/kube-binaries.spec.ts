import { readFile } from 'node:fs/promises';
import { findClusterBinaries } from './kube-binaries.ts';

/** The lines that pin Kubernetes and its libraries. */
async function pinned(folder: 'kube' | 'cluster'): Promise<readonly string[]> {
  const text = await readFile(new URL(`../${folder}/go.mod`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => /k8s\.io\/kubernetes v|k8s\.io\/\S+ =>/.test(line));
}

describe(findClusterBinaries, () => {
  it('is of the same Kubernetes as the API server', async () => {
    const [server, cluster] = [await pinned('kube'), await pinned('cluster')];

    const withoutComment = (line: string) => line.replace(/ \/\/ indirect$/, '').trim();
    expect(server.length).toBeGreaterThan(20);
    expect(cluster.map(withoutComment)).toEqual(server.map(withoutComment));
  });
});
