/** `fairlead-conformance verify` against a simulated cluster and what a bridge stored of it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { runCommandLine } from '../src/command-line.ts';
import { type FakeBridge, startFakeBridge } from './fake-bridge.ts';

const kinds = [
  { apiVersion: 'v1', kind: 'Pod', stored: 'pod' },
  { apiVersion: 'v1', kind: 'Secret', stored: 'secret' },
  { apiVersion: 'v1', kind: 'Namespace', stored: 'namespace' },
  { apiVersion: 'apps/v1', kind: 'Deployment', stored: 'deployment' },
  {
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    stored: 'CronTab.stable.example.com',
  },
];

describe('fairlead-conformance verify', () => {
  let fleet: Fleet;
  let bridge: FakeBridge;
  let directory: string;

  beforeEach(async () => {
    fleet = await startFleet({ objectsPerCluster: 60, canary: 'canary-in-the-mine' });
    bridge = await startFakeBridge(fleet.cluster('sim-1'), kinds);
    directory = await mkdtemp(join(tmpdir(), 'verify-'));
    await writeFile(join(directory, 'kubeconfig'), fleet.kubeconfig());
  });

  afterEach(async () => {
    await bridge.stop();
    await fleet.stop();
    await rm(directory, { recursive: true });
  });

  const verify = async (...more: string[]): Promise<{ code: number; text: string }> => {
    let text = '';
    const print = (part: string): void => void (text += part);
    const code = await runCommandLine(
      [
        ...['verify', '--kubeconfig', join(directory, 'kubeconfig'), '--context', 'sim-1'],
        ...['--bridge', bridge.url, '--settle-ms', '0', '--account', 'sim', ...more],
      ],
      {
        output: { print, complain: print },
        signal: new AbortController().signal,
        version: '0.0.0',
      },
    );
    return { code, text };
  };
  const rowOf = (kind: string): FakeBridge['rows'][number] =>
    bridge.rows.find((row) => row.kind === kind)!;

  it('exits 0 when everything is there, as it is', async () => {
    const { code, text } = await verify();

    expect(text).toMatch(/^missing 0\nextra 0\ndifferent 0\nsecret values 0\n/);
    expect(text).toContain(`compared ${String(bridge.rows.length)} objects of 5 types`);
    expect(code).toBe(0);
  });

  it('names a row that was removed', async () => {
    const [row] = bridge.rows.splice(3, 1);

    const { code, text } = await verify();

    expect(text).toContain(`missing 1\n`);
    expect(text).toContain(`missing: Pod ${row?.namespace ?? ''}/${row?.name ?? ''}`);
    expect(code).toBe(1);
  });

  it('names a row that was changed, and where', async () => {
    const row = rowOf('deployment');
    row.manifest = row.manifest.replace('"replicas":3', '"replicas":4');

    const { code, text } = await verify();

    expect(text).toContain('different 1\n');
    expect(text).toContain(`different: Deployment ${row.namespace}/${row.name} at .spec.replicas`);
    expect(code).toBe(1);
  });

  it('names a row that was added, also of a kind that is not served', async () => {
    bridge.rows.push({ ...rowOf('pod'), name: 'ghost' });
    bridge.rows.push({
      ...rowOf('pod'),
      kind: 'Widget.example.com',
      apiVersion: 'example.com/v1',
      name: 'relic',
    });

    const { code, text } = await verify();

    expect(text).toContain('extra 2\n');
    expect(text).toMatch(/extra: Pod team-00\/ghost/);
    expect(text).toMatch(/extra: Widget.example.com team-00\/relic/);
    expect(code).toBe(1);
  });

  it('sees a number that lost its last digit', async () => {
    const row = rowOf('CronTab.stable.example.com');
    row.manifest = row.manifest.replace('9007199254740993', '9007199254740992');

    const { code, text } = await verify();

    expect(text).toContain('at .spec.ticket');
    expect(code).toBe(1);
  });

  it('finds the value of a Secret', async () => {
    const row = rowOf('secret');
    row.manifest = row.manifest.replace('"type":', '"note":"canary-in-the-mine","type":');

    const { code, text } = await verify();

    expect(text).toContain('secret values 1\n');
    expect(text).toContain(`secret values: Secret ${row.namespace}/${row.name} at data.password`);
    expect(text).not.toContain('canary-in-the-mine');
    expect(code).toBe(1);
  });

  it('sees what the cluster has gained since', async () => {
    const cluster = fleet.cluster('sim-1');
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } });

    const { code, text } = await verify();

    expect(text).toContain('missing: Namespace new');
    expect(code).toBe(1);
  });

  it('compares only the kinds that are asked for', async () => {
    bridge.rows.splice(
      0,
      bridge.rows.length,
      ...bridge.rows.filter(({ kind }) => kind === 'deployment'),
    );

    const { code, text } = await verify('--kinds', 'deployment');

    expect(text).toContain('missing 0');
    expect(code).toBe(0);
  });

  it('fails for an account that the bridge does not know', async () => {
    const { code, text } = await verify('--account', 'nobody');

    expect(text).toContain('does not know an account nobody');
    expect(code).toBe(1);
  });

  it('fails when the cluster does not let its objects be listed', async () => {
    fleet.cluster('sim-1').faults.add({
      match: { resource: 'secrets' },
      effect: { kind: 'status', code: 403 },
    });

    const { code, text } = await verify();

    expect(text).toContain('the cluster answers 403 for secrets');
    expect(code).toBe(1);
  });

  it('starts a list again when its pages expire', async () => {
    fleet.cluster('sim-1').faults.add({
      match: { resource: 'pods', verb: 'list' },
      effect: { kind: 'status', code: 410 },
      count: 1,
    });

    expect((await verify()).code).toBe(0);
  });

  it('exits 2 when the command line cannot be understood', async () => {
    expect((await verify('--settle-ms', 'soon')).code).toBe(2);
  });
});
