/** Contestant: the built agent on a link to a counting bridge. */
import { startAgentProgram } from '../installation/programs.ts';
import { startAskedProcess } from './child-process.ts';
import { type Contestant, type ContestantKind } from './contestant.ts';
import { type Tally } from './delta-tally.ts';

/** Contexts of the simulated clusters that are followed, each an account of that name. */
export function agentContestant(
  name: string,
  facts: { readonly contexts: readonly string[]; readonly nodeArgs?: readonly string[] },
): ContestantKind {
  return { name, start: (kubeconfigFile) => startAgent(kubeconfigFile, facts) };
}

async function startAgent(
  kubeconfigFile: string,
  facts: { readonly contexts: readonly string[]; readonly nodeArgs?: readonly string[] },
): Promise<Contestant> {
  const bridge = startAskedProcess('counting-bridge-main');
  const port = (await bridge.ask('listen')) as number;
  const agent = await startAgentProgram({
    grpcAddress: `127.0.0.1:${String(port)}`,
    accounts: facts.contexts.map((context) => ({
      ...{ name: context, kubeconfigFile, context },
      kinds: ['pod'],
    })),
    ...(facts.nodeArgs === undefined ? {} : { nodeArgs: facts.nodeArgs }),
  });
  let followed = '';
  return {
    pid: agent.program.pid ?? 0,
    follow: async (context) => {
      followed = context;
      await bridge.ask('follow', { context });
    },
    until: async (wanted) => (await bridge.ask('until', { context: followed, ...wanted })) as Tally,
    leave: async () => {
      await bridge.ask('leave', { context: followed });
    },
    [Symbol.asyncDispose]: async () => {
      // In order, so that a profile is written.
      await agent.program.kill('SIGTERM');
      await agent.program.stop();
      await bridge[Symbol.asyncDispose]();
    },
  };
}
