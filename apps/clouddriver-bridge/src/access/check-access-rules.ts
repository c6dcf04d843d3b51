/** What is wrong with the rules of `auth` beyond the form of each key. */
import { type CrossProblem, type Unchecked } from '@fairlead/service-kit';
import {
  type AccessConfig,
  type AgentRule,
  type ClientRule,
  type JwtRule,
  type ServiceAccountRule,
} from './access-config.ts';

/** The parts of the configuration that matter. */
type UncheckedParts = Unchecked<{
  readonly auth: AccessConfig;
  readonly grpc: { readonly tls?: { readonly clientAuth: string } | undefined };
  readonly http: { readonly tls?: { readonly clientAuth: string } | undefined };
}>;

type Path = CrossProblem['path'];

const proofNames = ['token', 'tokenFile', 'x509Subject', 'jwt', 'serviceAccount'] as const;

/** Every problem with its place. */
export function checkAccessRules({ grpc, http, auth }: UncheckedParts): CrossProblem[] {
  const agents = rulesOf<AgentRule>(auth?.agents).flatMap(([at, rule]) =>
    checkProof(['auth', 'agents', at], rule, { key: 'grpc.tls', tls: grpc?.tls }),
  );
  const clients = rulesOf<ClientRule>(auth?.clients).flatMap(([at, rule]) => {
    const path = ['auth', 'clients', at];
    const problems = checkProof(path, rule, { key: 'http.tls', tls: http?.tls });
    if (rule.groups === undefined || rule.jwt !== undefined) return problems;
    return [...problems, { path: [...path, 'groups'], message: 'needs jwt: only it names groups' }];
  });
  return [...agents, ...clients];
}

function checkProof(
  path: Path,
  rule: Unchecked<AgentRule>,
  door: { readonly key: string; readonly tls: Unchecked<{ clientAuth: string }> | undefined },
): CrossProblem[] {
  const problems: CrossProblem[] = [];
  if (proofNames.filter((name) => rule[name] !== undefined).length !== 1) {
    problems.push({ path, message: `needs exactly one of ${proofNames.join(', ')}` });
  }
  const clientAuth = door.tls === undefined ? 'none' : door.tls.clientAuth;
  if (rule.x509Subject !== undefined && clientAuth === 'none') {
    const message = `needs ${door.key} with clientAuth optional or require`;
    problems.push({ path: [...path, 'x509Subject'], message });
  }
  if (isMap<JwtRule>(rule.jwt)) problems.push(...checkJwt([...path, 'jwt'], rule.jwt));
  if (isMap<ServiceAccountRule>(rule.serviceAccount)) {
    problems.push(...checkServiceAccount([...path, 'serviceAccount'], rule.serviceAccount));
  }
  return problems;
}

function checkJwt(path: Path, { jwksUrl, jwksFile }: Unchecked<JwtRule>): CrossProblem[] {
  const problems = checkUrl([...path, 'jwksUrl'], jwksUrl);
  if ((jwksUrl === undefined) !== (jwksFile === undefined)) return problems;
  return [...problems, { path, message: 'needs exactly one of jwksUrl, jwksFile' }];
}

function checkServiceAccount(path: Path, rule: Unchecked<ServiceAccountRule>): CrossProblem[] {
  const { kubeconfigFile, inCluster, jwksUrl, jwksFile, issuer } = rule;
  const problems = checkUrl([...path, 'jwksUrl'], jwksUrl);
  const asked = inCluster === true ? true : undefined;
  const given = [kubeconfigFile, asked, jwksUrl, jwksFile].filter((each) => each !== undefined);
  if (given.length !== 1) {
    const message = 'needs exactly one of kubeconfigFile, inCluster, jwksUrl, jwksFile';
    problems.push({ path, message });
  }
  const hasKeys = jwksUrl !== undefined || jwksFile !== undefined;
  if (hasKeys && issuer === undefined) {
    problems.push({ path: [...path, 'issuer'], message: 'is needed with jwksUrl or jwksFile' });
  }
  return problems;
}

/** Whoever can change the keys on their way can make tokens. */
function checkUrl(path: Path, url: unknown): CrossProblem[] {
  if (typeof url !== 'string') return [];
  if (!URL.canParse(url)) return [{ path, message: 'is not a URL' }];
  const { protocol, hostname } = new URL(url);
  const isLoopback = ['localhost', '[::1]'].includes(hostname) || hostname.startsWith('127.');
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback)) return [];
  return [{ path, message: 'must be https, or http from loopback' }];
}

/** The rules that are maps, each with its place in the list. */
function rulesOf<Rule>(list: unknown): readonly [number, Unchecked<Rule>][] {
  if (!Array.isArray(list)) return [];
  return [...list.entries()].filter((entry): entry is [number, Unchecked<Rule>] =>
    isMap<Rule>(entry[1]),
  );
}

function isMap<Value>(value: unknown): value is Unchecked<Value> & object {
  return typeof value === 'object' && value !== null;
}
