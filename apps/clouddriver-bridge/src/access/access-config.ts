/** The part of `bridge.yaml` that says who gets in: `auth`. */
import { type CrossProblem, type Unchecked } from '@fairlead/service-kit';
import { z } from 'zod';

const accountGlobs = z.array(z.string().min(1)).min(1);
const globs = z.array(z.string().min(1)).default([]);

const proofKeys = {
  token: z.string().min(1).optional(),
  tokenFile: z.string().min(1).optional(),
};

const agentRuleSchema = z.object({
  ...proofKeys,
  /** `CN=agent-*,O=team-a`: every attribute named must match, in any order. */
  x509Subject: z.string().min(1).optional(),
  /** Names that the agent may register. */
  accounts: accountGlobs,
});

const clientRuleSchema = z.object({
  ...proofKeys,
  /** For logs. */
  name: z.string().min(1),
  accounts: accountGlobs.default(['*']),
  access: z.enum(['read', 'write']).default('read'),
  /** Whom its clients may act as, by `Impersonate-User` and `Impersonate-Group`; nobody by default. */
  impersonate: z.object({ users: globs, groups: globs }).prefault({}),
});

/** The schema of `auth`. */
export const accessSchema = z.object({
  /** Allows addresses other than loopback without authentication. */
  insecure: z.boolean().default(false),
  /** Who may register which account names. Exactly one of token, tokenFile, x509Subject each. */
  agents: z.array(agentRuleSchema).default([]),
  /** Who may use API and gateway. Exactly one of token, tokenFile each. */
  clients: z.array(clientRuleSchema).default([]),
});

/** One rule of `auth.agents`. */
export type AgentRule = z.output<typeof agentRuleSchema>;
/** One rule of `auth.clients`. */
export type ClientRule = z.output<typeof clientRuleSchema>;

/** The parts of the configuration that the rules are checked against. */
type UncheckedParts = Unchecked<{
  readonly auth: z.output<typeof accessSchema>;
  readonly grpc: { readonly tls?: { readonly clientAuth: string } | undefined };
}>;

/** What is wrong with the rules beyond the form of each key. */
export function checkAccessRules({ grpc, auth }: UncheckedParts): CrossProblem[] {
  const clientAuth = grpc?.tls === undefined ? 'none' : grpc.tls.clientAuth;
  const agents = rulesOf<AgentRule>(auth?.agents).flatMap(([at, rule]) =>
    checkAgentRule(['auth', 'agents', at], rule, clientAuth),
  );
  const clients = rulesOf<ClientRule>(auth?.clients).flatMap(([at, { token, tokenFile }]) => {
    if ((token === undefined) !== (tokenFile === undefined)) return [];
    const message = 'needs exactly one of token, tokenFile';
    return [{ path: ['auth', 'clients', at], message }];
  });
  return [...agents, ...clients];
}

function checkAgentRule(
  path: CrossProblem['path'],
  { token, tokenFile, x509Subject }: Unchecked<AgentRule>,
  clientAuth: unknown,
): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const given = [token, tokenFile, x509Subject].filter((each) => each !== undefined).length;
  if (given !== 1) {
    problems.push({ path, message: 'needs exactly one of token, tokenFile, x509Subject' });
  }
  if (x509Subject !== undefined && clientAuth === 'none') {
    const message = 'needs grpc.tls with clientAuth optional or require';
    problems.push({ path: [...path, 'x509Subject'], message });
  }
  return problems;
}

/** The rules that are maps, each with its place in the list. */
function rulesOf<Rule>(list: unknown): readonly [number, Unchecked<Rule>][] {
  if (!Array.isArray(list)) return [];
  const isMap = (rule: unknown): boolean => typeof rule === 'object' && rule !== null;
  return [...list.entries()].filter(([, rule]) => isMap(rule)) as [number, Unchecked<Rule>][];
}
