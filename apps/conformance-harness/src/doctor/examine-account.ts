// One account of an agent: its credentials, its API server, and what it may do there.
import { type AccountConfig, type AgentWays } from '@fairlead/agent/examination';
import { type ClusterClient, ClusterClientError } from '@fairlead/cluster-client';
import { discover, selectTypes, type SelectedTypes } from '@fairlead/watch-engine';
import { reviewsOfFeeds, reviewsOfOperations } from './access-reviews.ts';
import { askAccess, askVersion } from './cluster-questions-client.ts';
import { examinePlace } from './examine-place.ts';
import { type Finding, type Findings, findingsOf, wordsOf } from './finding.ts';
import { judgeFeedAccess, judgeOperationAccess } from './judge-access.ts';
import { judgeClock, readingOfHeader } from './judge-clock.ts';

/** Before 1.17 a quiet watch has no bookmarks to go on from. */
const firstMinorWithBookmarks = 17;
/** Longest discovery: one request each for some hundred groups, on old servers. */
const discoveryMs = 20_000;

/** What an account is examined with. */
export interface AccountExamination {
  readonly account: AccountConfig;
  readonly ways: AgentWays;
  readonly nowMs: () => number;
}

/** Examines an account; never rejects for what is wrong with it. */
export async function examineAccount(given: AccountExamination): Promise<readonly Finding[]> {
  const findings = findingsOf(`account ${given.account.name}`);
  let client: ClusterClient;
  try {
    client = await given.ways.connect(given.account);
  } catch (error: unknown) {
    return [findings.fail('credentials', wordsOf(error), credentialsToDo(given.account))];
  }
  try {
    return await examineServer({ ...given, client, findings });
  } catch (error: unknown) {
    return [findings.fail('api server', wordsOf(error), 'see whether the API server is well')];
  } finally {
    client.close();
  }
}

interface OpenAccount extends AccountExamination {
  readonly client: ClusterClient;
  readonly findings: Findings;
}

async function examineServer(open: OpenAccount): Promise<readonly Finding[]> {
  const { client, findings, account } = open;
  const url = new URL(client.server);
  const credentials = findings.ok('credentials', credentialsInWords(account));
  const place = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port),
  };
  const option = account.serviceAccount ? 'the pod' : 'the kubeconfig';
  const reached = await examinePlace({ place, option, owner: 'the API server', findings });
  // A proxy of the kubeconfig may reach what we do not: the request below has the last word.
  const greeting = await examineVersion(open);
  const way = greeting.isServed && !reached.isOpen ? [] : reached.found;
  if (!greeting.isServed) return [credentials, ...way, ...greeting.found];
  return [credentials, ...way, ...greeting.found, ...(await examineRights(open))];
}

async function examineVersion({
  client,
  findings,
  account,
  nowMs,
}: OpenAccount): Promise<{ readonly found: readonly Finding[]; readonly isServed: boolean }> {
  const askedMs = nowMs();
  try {
    const answer = await askVersion(client);
    const subject = `account ${account.name}`;
    const reading = { subject, askedMs, answeredMs: nowMs() };
    const clock = readingOfHeader(answer.date, reading);
    const found = [
      judgeVersion(findings, answer),
      ...(clock === undefined ? [] : [judgeClock(clock)]),
    ];
    return { found, isServed: answer.status === 200 };
  } catch (error: unknown) {
    const failure = ClusterClientError.from(error, 'unreachable');
    return { found: [judgeFailure(findings, failure)], isServed: false };
  }
}

function judgeVersion(
  { ok, warn, fail }: Findings,
  { status, version }: { readonly status: number; readonly version: string },
): Finding {
  const check = 'login';
  if (status === 401) {
    const toDo = 'have a token or certificate issued anew; see whether it ended, and the clocks';
    return fail(check, 'the API server does not take the credentials (401)', toDo);
  }
  if (status === 403) {
    const toDo = 'bind the ClusterRole system:public-info-viewer or system:discovery to the user';
    return fail(check, 'the user may not even read /version (403)', toDo);
  }
  if (status !== 200 || version === '') {
    const toDo = 'see whether the address leads to an API server';
    return fail(check, `/version answers ${status}, and not as an API server does`, toDo);
  }
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1]);
  if (minor < firstMinorWithBookmarks) {
    const toDo = 'quiet kinds are listed anew more often; nothing else';
    return warn(check, `Kubernetes ${version} is older than any that sends bookmarks`, toDo);
  }
  return ok(check, `the API server (Kubernetes ${version}) takes the credentials`);
}

function judgeFailure({ fail }: Findings, { code, message }: ClusterClientError): Finding {
  if (code !== 'tls') return fail('api server', message, 'see whether the API server is well');
  const toDo =
    "put the server's authority into certificate-authority-data of the kubeconfig, or its name into tls-server-name";
  return fail('certificate', message, toDo);
}

async function examineRights({
  client,
  findings,
  account,
}: OpenAccount): Promise<readonly Finding[]> {
  const catalog = await discover(client, AbortSignal.timeout(discoveryMs));
  const selected = selectTypes(catalog.types, account);
  const unread = [...catalog.incompleteGroups];
  const { allow } = account.operations;
  const { namespaces } = account;
  const feeds = await askAccess(client, reviewsOfFeeds(selected.types, namespaces));
  if (feeds === undefined) {
    const what = 'the API server does not answer questions about rights';
    return [findings.warn('reading', what, 'see the states of the feeds when the agent runs')];
  }
  const operations =
    allow === 'all' || allow === 'read-only'
      ? await askAccess(client, reviewsOfOperations(allow, namespaces))
      : [];
  return [
    ...judgeKinds(findings, selected, unread),
    ...judgeFeedAccess(findings, feeds),
    ...(operations === undefined || operations.length === 0
      ? []
      : judgeOperationAccess(findings, operations)),
  ];
}

function judgeKinds(
  { warn }: Findings,
  { types, unknownKinds }: SelectedTypes,
  unread: readonly string[],
): readonly Finding[] {
  const found: Finding[] = [];
  if (types.length === 0) {
    found.push(
      warn('kinds', 'no kind is selected: nothing will be cached', 'see kinds, omitKinds'),
    );
  }
  if (unknownKinds.length > 0) {
    const what = `the cluster does not serve ${unknownKinds.join(', ')}`;
    found.push(
      warn('kinds', what, 'check the spelling; custom kinds need their group: Kind.group'),
    );
  }
  if (unread.length > 0) {
    const what = `these API groups do not answer: ${unread.join(', ')}`;
    found.push(warn('kinds', what, 'see their APIService; their kinds wait, others do not'));
  }
  return found;
}

function credentialsInWords({ serviceAccount, kubeconfigFile, context }: AccountConfig): string {
  if (serviceAccount) return "the pod's service account";
  const which = context === undefined ? 'its current context' : `context ${context}`;
  return `${kubeconfigFile ?? ''}, ${which}`;
}

function credentialsToDo({ serviceAccount }: AccountConfig): string {
  return serviceAccount
    ? "run the doctor where the agent runs: in its pod (kubectl exec), with its service account's token"
    : 'see kubeconfigFile and context; what an exec plugin needs must be in the image';
}
