// What is left of Secrets in running agents: a thousand of them are created, changed and deleted on
// a real API server, the agents fall idle for five seconds, and all of their memory is searched.
import { isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type AgentFindings,
  proveSecrets,
  type SecretTrialName,
  secretTrials,
} from '../src/secret-memory/secret-proof.ts';
import { hitsIn } from '../src/secret-memory/secrets-bench.ts';

const secrets = 1_000;
/** Created or listed, changed, deleted: each time with two values, and a copy in one of five. */
const leastReads = 3 * secrets;
/**
 * Copies of values that the runtime may keep in memory that it has freed: a few connection buffers
 * of 16 KB hold some dozens of Secrets each. That ours are zeroed shows in how far this is from the
 * {@link leastReads} that passed.
 */
const mostLeftovers = 1_000;

const isLinux = process.platform === 'linux';

(isUnavailable('kube') || !isLinux ? describe.skip : describe)('the memory of an agent', () => {
  let kube: KubeHandle;
  let findings: Readonly<Record<SecretTrialName, AgentFindings>>;

  beforeAll(async () => {
    kube = await startKube();
    findings = await proveSecrets({ kube, secrets });
  }, 300_000);

  afterAll(() => kube.stop(), 60_000);

  it('was searched as a whole', () => {
    for (const { memory } of Object.values(findings)) {
      expect(memory.scannedBytes).toBeGreaterThan(50 * 2 ** 20);
      expect(memory.unreadBytes).toBe(0);
    }
  });

  it('holds no value at all of Secrets of which only metadata was asked for', () => {
    expect(hitsIn(findings.metadata, { sort: 'plain' })).toBe(0);
  });

  it('never held those values: none was there to be removed but copies in annotations', () => {
    const { metadata, scrub } = findings;

    expect(metadata.scrubbedValues).toBeLessThan(secrets);
    expect(scrub.scrubbedValues).toBeGreaterThan(2 * leastReads);
  });

  it.each(Object.keys(secretTrials) as SecretTrialName[])(
    'shows none in a snapshot: %s',
    (name) => {
      expect(findings[name].isSnapshotWhole).toBe(true);
      expect(findings[name].inSnapshot).toEqual({ plain: 0, applied: 0 });
    },
  );

  it.each(Object.keys(secretTrials) as SecretTrialName[])(
    'holds none in what JavaScript and WASM can reach: %s',
    (name) => {
      const kind = 'anonymous';
      const inReach = (['plain', 'applied'] as const).map((sort) =>
        hitsIn(findings[name], { sort, kind }),
      );

      expect(inReach).toEqual([0, 0]);
    },
  );

  it('keeps few of the copies that passed through the connection', () => {
    const { metadata, scrub } = findings;

    expect(hitsIn(scrub, { sort: 'plain' })).toBeLessThan(mostLeftovers);
    expect(hitsIn(scrub, { sort: 'applied' })).toBeLessThan(mostLeftovers);
    expect(hitsIn(metadata, { sort: 'applied' })).toBeLessThan(mostLeftovers);
  });
});
