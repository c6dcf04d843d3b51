/** Contestant: the built agent on a link to a counting bridge. */
import { startAgentProgram } from '../installation/programs.ts';
import { startAskedProcess } from './child-process.ts';
import { type FollowedFleet } from './cluster-server.ts';
import { type Contestant, type ContestantKind } from './contestant.ts';
import { type Tally } from './delta-tally.ts';

/** How the agent is run. */
export interface AgentContestantOptions {
  /** For Node itself. @defaultValue none */
  readonly nodeArgs?: readonly string[];
  /** Added to the environment. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
}

/** Each fleet's first cluster is an account of the fleet's name, fed when it is to be followed. */
export function agentContestant(
  name: string,
  options: AgentContestantOptions = {},
): ContestantKind {
  return { name, start: (fleets) => startAgent(fleets, options) };
}

async function startAgent(
  fleets: readonly FollowedFleet[],
  options: AgentContestantOptions,
): Promise<Contestant> {
  const bridge = startAskedProcess('counting-bridge-main');
  const port = (await bridge.ask('listen')) as number;
  const agent = await startAgentProgram({
    grpcAddress: `127.0.0.1:${String(port)}`,
    accounts: fleets.map(({ name, kubeconfigFile }) => ({ name, kubeconfigFile, kinds: ['pod'] })),
    ...options,
  });
  let account = '';
  return {
    pid: agent.program.pid ?? 0,
    follow: async ({ name }) => {
      account = name;
      await bridge.ask('follow', account);
    },
    until: async (wanted) => (await bridge.ask('until', { account, ...wanted })) as Tally,
    leave: async () => {
      await bridge.ask('leave', account);
    },
    [Symbol.asyncDispose]: async () => {
      // In order, so that a profile is written.
      await agent.program.kill('SIGTERM');
      await agent.program.stop();
      await bridge[Symbol.asyncDispose]();
    },
  };
}
