// Two bridges on one database, each with a replica of the agent. A bridge that is paused loses its
// accounts to the other and writes nothing more; rows outlive restarts, and go when their time is up.
import {
  acquirePostgres,
  isUnavailable,
  type SqlDatabase,
  type SqlServer,
} from '@fairlead/testbed';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { accountAt, epochOf, rolesAt, rowsOf } from './account-questions.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const gracePeriodSeconds = 12;

const describeWithServers = isUnavailable('postgres') ? describe.skip : describe;

describeWithServers('two bridges on one database', () => {
  let fleet: Fleet;
  let folder: string;
  let kubeconfig: string;
  let postgres: SqlServer;
  let database: SqlDatabase;
  let first: BridgeProgram;
  let second: BridgeProgram;
  let firstAgent: AgentProgram;
  let secondAgent: AgentProgram;

  beforeAll(async () => {
    fleet = await startFleet({ clusters: 1, objectsPerCluster: 200, churnPerSecond: 5, seed: 11 });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-bridges-'));
    kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, fleet.kubeconfig());
    postgres = await acquirePostgres();
    database = await postgres.createDatabase();
    const config = { registry: { gracePeriodSeconds } };
    first = await startBridgeProgram({ sqlUrl: database.url, config });
    firstAgent = await startReplica(first);
    await untilAccount(first.url, 'sim');
    second = await startBridgeProgram({ sqlUrl: database.url, config });
    secondAgent = await startReplica(second);
    await untilRole(second, 'standby');
  }, 300_000);

  afterAll(async () => {
    await Promise.all([firstAgent.program.stop(), secondAgent.program.stop()]);
    await Promise.all([first.program.stop(), second.program.stop()]);
    await database.drop();
    await postgres[Symbol.asyncDispose]();
    await fleet.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  function startReplica(bridge: BridgeProgram): Promise<AgentProgram> {
    const context = fleet.clusters[0]!.name;
    return startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      config: { agent: { id: 'one-deployment' } },
      accounts: [{ name: 'sim', kubeconfigFile: kubeconfig, context }],
    });
  }

  function untilRole(bridge: BridgeProgram, role: string): Promise<unknown> {
    return eventually(async () => (await rolesAt(bridge.url, 'sim'))[0] === role, {
      what: `the bridge's agent is ${role}`,
    });
  }

  const verify = async (bridge: BridgeProgram) => {
    const context = fleet.clusters[0]!.name;
    return countsOf(
      await runVerify({ kubeconfig, context, bridgeUrl: bridge.url, account: 'sim' }),
    );
  };

  it('leave an account to the one that feeds it, longer than a grace period', async () => {
    await new Promise((resolve) => setTimeout(resolve, gracePeriodSeconds * 1500));

    expect(await epochOf(database, 'sim')).toBe(1);
    expect(await accountAt(second.url, 'sim')).toMatchObject({
      ...{ state: 'synced', agent: 'one-deployment' },
      reason: expect.stringContaining('fed through bridge'),
    });
    expect(await verify(first)).toEqual(allZero);
  }, 60_000);

  it('give it to the other when one is paused, which writes nothing afterwards', async () => {
    await first.program.pause();

    await untilRole(second, 'active');
    await untilAccount(second.url, 'sim');
    const epoch = await epochOf(database, 'sim');
    await first.program.resume();
    await untilRole(first, 'standby');

    expect(epoch).toBe(2);
    expect(await epochOf(database, 'sim')).toBe(epoch);
    expect(await verify(second)).toEqual(allZero);
  }, 150_000);

  it('keep rows of an account that nobody feeds, and not because of a restart remove them', async () => {
    await Promise.all([firstAgent.program.kill('SIGKILL'), secondAgent.program.kill('SIGKILL')]);
    await untilAccount(second.url, 'sim', 'disconnected');
    const rows = await rowsOf(database, 'sim');
    await new Promise((resolve) => setTimeout(resolve, gracePeriodSeconds * 500));

    await Promise.all([first.program.restart(), second.program.restart()]);
    await new Promise((resolve) => setTimeout(resolve, gracePeriodSeconds * 700));

    expect(rows).toBeGreaterThan(200);
    expect(await rowsOf(database, 'sim')).toBe(rows);
    expect((await accountAt(first.url, 'sim'))?.state).toBe('disconnected');
  }, 90_000);

  it('remove them when a whole grace period is over', async () => {
    await eventually(async () => (await accountAt(first.url, 'sim')) === undefined, {
      what: 'the account is removed',
    });
    await eventually(async () => (await accountAt(second.url, 'sim')) === undefined, {
      what: 'the other bridge has noticed',
    });

    expect(await rowsOf(database, 'sim')).toBe(0);
  }, 90_000);
});
