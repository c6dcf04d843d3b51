// An agent's file: the way to its bridge, and each of its accounts.
import { type AgentConfig, type AgentWays } from '@fairlead/agent/examination';
import { examineAccount } from './examine-account.ts';
import { examinePlace, examinePlainHttp2, examineTls } from './examine-place.ts';
import { type Finding, findingsOf, wordsOf } from './finding.ts';
import { sayHello } from './hello-client.ts';
import { judgeClock, readingOfHeader } from './judge-clock.ts';
import { judgeHello } from './judge-hello.ts';
import { type Place, type TlsMaterial } from './node-place-client.ts';

/** What an agent is examined with. */
export interface AgentExamination {
  readonly config: AgentConfig;
  readonly ways: AgentWays;
  /** Version of this program. */
  readonly version: string;
  readonly nowMs: () => number;
  /** For proxies. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Accounts that are examined at once. */
const parallelAccounts = 4;

/** Examines the way to the bridge and the accounts, each whatever became of the others. */
export async function examineAgent(given: AgentExamination): Promise<readonly Finding[]> {
  const [bridge, accounts] = await Promise.all([examineBridgeWay(given), examineAccounts(given)]);
  return [...bridge, ...accounts];
}

async function examineAccounts(given: AgentExamination): Promise<readonly Finding[]> {
  const { config, ways, nowMs } = given;
  const { accounts } = config.kubernetes;
  const found: (readonly Finding[])[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < accounts.length; at = next++) {
      const account = accounts[at];
      if (account !== undefined) found[at] = await examineAccount({ account, ways, nowMs });
    }
  };
  await Promise.all(Array.from({ length: parallelAccounts }, worker));
  return found.flat();
}

const findings = findingsOf('bridge');
const option = 'clouddriver.grpc';

async function examineBridgeWay(given: AgentExamination): Promise<readonly Finding[]> {
  const { clouddriver } = given.config;
  const place = placeOf(clouddriver.grpc);
  const proxy = clouddriver.noProxy ? undefined : proxyFor(place.host, given.environment);
  if (proxy !== undefined) {
    const through = findings.ok(
      'proxy',
      `the way leads through a proxy of the environment: ${proxy}`,
    );
    return [through, ...(await examineLogin(given))];
  }
  const expected = { place, option, owner: 'the bridge', findings };
  const reached = await examinePlace(expected);
  if (!reached.isOpen) return reached.found;
  const secured = clouddriver.insecure
    ? await examinePlainHttp2(
        expected,
        'set clouddriver.insecure: false (and clouddriver.tls.cacertFile where the authority is your own)',
      )
    : await examineLinkTls(given, expected);
  if (!secured.isOpen) return [...reached.found, ...secured.found];
  return [...reached.found, ...secured.found, ...(await examineLogin(given))];
}

async function examineLinkTls(
  { config, ways, nowMs }: AgentExamination,
  expected: Parameters<typeof examineTls>[0],
): ReturnType<typeof examineTls> {
  const { tls } = config.clouddriver;
  let material: TlsMaterial;
  try {
    material = await materialOf(config, ways);
  } catch (error: unknown) {
    const found = findings.fail('tls', wordsOf(error), 'see the files in clouddriver.tls');
    return { found: [found], isOpen: false };
  }
  return examineTls(expected, {
    serverName: tls.serverName ?? expected.place.host,
    caOption: 'clouddriver.tls.cacertFile',
    nameOption: 'clouddriver.tls.serverName',
    isVerified: !tls.insecureSkipVerify,
    needsHttp2: true,
    nowMs: nowMs(),
    material,
    plainToDo:
      'give the bridge grpc.tls; on a way that is safe by itself set clouddriver.insecure: true here',
  });
}

async function materialOf({ clouddriver }: AgentConfig, ways: AgentWays): Promise<TlsMaterial> {
  const { cacertFile, clientCertFile, clientKeyFile = clientCertFile } = clouddriver.tls;
  const read = async (file: string | undefined) =>
    file === undefined ? undefined : await ways.content(file);
  const [ca, cert, key] = await Promise.all([cacertFile, clientCertFile, clientKeyFile].map(read));
  const password = clouddriver.tls.clientKeyFilePassword;
  const passphrase = password === undefined ? undefined : await ways.text(password);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

async function examineLogin(given: AgentExamination): Promise<readonly Finding[]> {
  const { config, ways, version, nowMs } = given;
  const askedMs = nowMs();
  try {
    const link = await ways.dial();
    try {
      const outcome = await sayHello(link.stream, version);
      const accounts = config.kubernetes.accounts.map(({ name }) => name);
      const found = judgeHello(outcome, { shown: shownBy(config), accounts });
      if (outcome.kind !== 'welcome') return found;
      const reading = { subject: 'bridge', askedMs, answeredMs: nowMs() };
      const clock = readingOfHeader(outcome.date, reading);
      return clock === undefined ? found : [...found, judgeClock(clock)];
    } finally {
      link.close();
    }
  } catch (error: unknown) {
    const toDo = 'see clouddriver.auth and the files in clouddriver.tls';
    return [findings.fail('login', wordsOf(error), toDo)];
  }
}

function shownBy({ clouddriver: { auth, tls, insecure } }: AgentConfig): string {
  if (auth.token !== undefined) return 'the token in clouddriver.auth.token';
  if (auth.tokenFile !== undefined) return 'the token in clouddriver.auth.tokenFile';
  if (auth.tokenCommand !== undefined) return 'the token of clouddriver.auth.tokenCommand';
  const hasCertificate = tls.clientCertFile !== undefined && !insecure;
  return hasCertificate ? 'its client certificate' : 'neither a token nor a certificate';
}

/** `dns:///bridge.example:9091`, `[::1]:9091` and `bridge.example:9091` as host and port. */
export function placeOf(address: string): Place {
  const [, host = '', port = ''] = /^(?:\w+:\/*)?\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return { host, port: Number(port) };
}

/** As grpc-js finds one (its `http_proxy.ts`): lower-case variables, and suffixes that need none. */
export function proxyFor(
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { grpc_proxy, https_proxy, http_proxy, no_grpc_proxy, no_proxy } = environment;
  const url = [grpc_proxy, https_proxy, http_proxy].find((value) => (value ?? '') !== '');
  if (url === undefined || !URL.canParse(url)) return undefined;
  const direct = (no_grpc_proxy ?? no_proxy ?? '').split(',').filter((name) => name !== '');
  return direct.some((name) => host.endsWith(name)) ? undefined : new URL(url).host;
}
