// kubectl as people use it, run twice: against a real API server itself, and through the gateway
// before another that is its equal. Whatever is said, and every exit code, must be the same. The
// table of it is written to tmp/kubectl.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ClusterHandle, isUnavailable, startCluster } from '@fairlead/testbed';
import { runStep } from './kubectl-run.ts';
import { kubectlScript } from './kubectl-script.ts';
import { type Comparison, differencesOf, surprisesOf, tableOf } from './kubectl-table.ts';
import { prepareWay, startGateway } from './kubectl-ways.ts';

const startMs = 900_000;
const report = fileURLToPath(new URL('../../../tmp/kubectl.md', import.meta.url));

/** Until a second has just begun, of which kubectl takes some tenths. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_020 - (Date.now() % 1_000)));
}

(isUnavailable('cluster') ? describe.skip : describe)('kubectl through the gateway', () => {
  const stack = new AsyncDisposableStack();
  const comparisons: Comparison[] = [];

  beforeAll(async () => {
    const own = (cluster: ClusterHandle) => stack.use(cluster);
    const clusters = [own(await startCluster()), own(await startCluster())] as const;
    const gateway = stack.use(await startGateway({ kube: clusters[1].kube, door: 'token' }));
    const direct = stack.use(await prepareWay('direct', { cluster: clusters[0] }));
    const through = stack.use(await prepareWay('gateway', { cluster: clusters[1], gateway }));
    for (const step of kubectlScript) {
      if (step.stampsSecond === true) await nextSecond();
      const [first, second] = await Promise.all([runStep(step, direct), runStep(step, through)]);
      comparisons.push({
        step,
        outcomes: [
          { way: direct, outcome: first },
          { way: through, outcome: second },
        ],
      });
    }
    await mkdir(fileURLToPath(new URL('.', `file://${report}`)), { recursive: true });
    await writeFile(report, tableOf(comparisons));
  }, startMs);

  afterAll(() => stack.disposeAsync(), 60_000);

  it('is seen with more than sixty commands', () => {
    expect(comparisons.length).toBeGreaterThan(60);
  });

  it('does what it does without one', () => {
    expect(comparisons.flatMap(surprisesOf).join('\n\n')).toBe('');
  });

  it('says the same, with the same exit codes', () => {
    expect(comparisons.flatMap(differencesOf).join('\n\n')).toBe('');
  });
});
