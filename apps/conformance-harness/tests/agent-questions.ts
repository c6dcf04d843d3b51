/** What tests ask an agent on its local port. */
import { type AgentProgram } from '../src/installation/programs.ts';
import { eventually } from './eventually.ts';

/** One account as `GET /accounts` of the agent shows it. */
export interface AgentAccount {
  readonly name: string;
  readonly state: string;
  /** `''` when all is well. */
  readonly reason: string;
  /** RFC 3339; when it came into this state. */
  readonly since: string;
  /** Of its registration, 0 for none. */
  readonly epoch: number;
  /** What the cluster said of itself; `null` before it did. */
  readonly cluster: { readonly server: string; readonly version: string } | null;
}

/** One condition of `GET /health`. */
export interface Condition {
  readonly name: string;
  readonly healthy: boolean;
  readonly reason: string;
}

/** What `GET /health` says. */
export interface Health {
  /** Of the answer. */
  readonly httpStatus: number;
  readonly status: string;
  readonly conditions: readonly Condition[];
}

/** The accounts of an agent, by name. */
export async function agentAccounts(
  agent: Pick<AgentProgram, 'url'>,
): Promise<ReadonlyMap<string, AgentAccount>> {
  const response = await fetch(`${agent.url}/accounts`);
  const { items } = (await response.json()) as { readonly items: readonly AgentAccount[] };
  return new Map(items.map((item) => [item.name, item]));
}

/** The agent's health. */
export async function agentHealth(agent: AgentProgram): Promise<Health> {
  const response = await fetch(`${agent.url}/health`);
  const body = (await response.json()) as Omit<Health, 'httpStatus'>;
  return { httpStatus: response.status, ...body };
}

/** One condition of the agent's health. */
export async function agentCondition(
  agent: AgentProgram,
  name: string,
): Promise<Condition | undefined> {
  const { conditions } = await agentHealth(agent);
  return conditions.find((condition) => condition.name === name);
}

/** Waits until the agent says why an account is down. */
export function untilTrouble(agent: AgentProgram, name: string): Promise<AgentAccount> {
  return eventually(
    async () => {
      const account = (await agentAccounts(agent)).get(name);
      return account !== undefined && account.reason !== '' && account;
    },
    { what: `the agent says why ${name} is down` },
  );
}
