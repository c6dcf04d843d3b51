// A bridge's file: its doors, who gets in, its database, and the address that Clouddriver is given.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  isLoopback,
  openDoors,
  plainDoors,
  type BridgeConfig,
  type BridgeWays,
} from '@fairlead/clouddriver-bridge/examination';
import { examineDoorFiles } from './examine-certificate-files.ts';
import { examineBridgeDatabase } from './examine-database.ts';
import { examinePlace, examineTls } from './examine-place.ts';
import { type Finding, findingsOf, wordsOf } from './finding.ts';
import { knock } from './node-place-client.ts';

/** What a bridge is examined with. */
export interface BridgeExamination {
  readonly config: BridgeConfig;
  readonly ways: BridgeWays;
  readonly nowMs: () => number;
}

const findings = findingsOf('bridge');
const patienceMs = 5_000;

/** Examines everything, each whatever became of the others. */
export async function examineBridge(given: BridgeExamination): Promise<readonly Finding[]> {
  const { config, ways, nowMs } = given;
  const parts = await Promise.all([
    examineFiles(given),
    examineTokens(given),
    examineReferences(ways),
    examineRunning(config),
    examineGatewayUrl(given),
    examineBridgeDatabase(config, ways, nowMs),
  ]);
  return [...judgeDoors(config), ...parts.flat()];
}

function judgeDoors(config: BridgeConfig): readonly Finding[] {
  const open = openDoors(config);
  const plain = plainDoors(config);
  const isLocal = isLoopback(config.grpc.host) && isLoopback(config.http.host);
  if (open === undefined && plain === undefined) {
    return [findings.ok('doors', 'whoever comes in must prove who they are, over TLS or locally')];
  }
  const doors = [open, plain].filter((words) => words !== undefined);
  const toDo = isLocal
    ? 'fine for trying; beyond this machine give auth.agents, auth.clients, grpc.tls and http.tls'
    : 'give auth.agents and auth.clients rules, and grpc.tls and http.tls certificates';
  return doors.map((words) => findings.warn('doors', words, toDo));
}

async function examineFiles({
  config,
  ways,
  nowMs,
}: BridgeExamination): Promise<readonly Finding[]> {
  const doors = Object.entries({ 'grpc.tls': config.grpc.tls, 'http.tls': config.http.tls });
  const reading = { read: (file: string) => ways.content(file), nowMs: nowMs() };
  const found: Finding[] = [];
  for (const [option, tls] of doors) {
    if (tls === undefined) continue;
    const files = { option, ...tls, clientCaFile: tls.clientCaFile };
    found.push(...(await examineDoorFiles(findings, files, reading)));
  }
  return found;
}

/** Token files of both lists: without one its rule lets nobody in. */
async function examineTokens({ config, ways }: BridgeExamination): Promise<readonly Finding[]> {
  const rules = Object.entries({ agents: config.auth.agents, clients: config.auth.clients });
  const files = rules.flatMap(([list, entries]) =>
    entries.flatMap(({ tokenFile }, at) =>
      tokenFile === undefined ? [] : [{ option: `auth.${list}[${at}].tokenFile`, tokenFile }],
    ),
  );
  const found = await Promise.all(
    files.map(async ({ option, tokenFile }) => {
      const toDo = `put the token into ${tokenFile}, or mount its Secret there`;
      try {
        const token = (await ways.content(tokenFile)).toString('utf8').trim();
        return token === '' ? [findings.fail('tokens', `${option}: the file is empty`, toDo)] : [];
      } catch (error: unknown) {
        return [findings.fail('tokens', `${option}: ${wordsOf(error)}`, toDo)];
      }
    }),
  );
  const failed = found.flat();
  if (files.length === 0 || failed.length > 0) return failed;
  return [findings.ok('tokens', `all ${files.length} token files can be read`)];
}

/** What the file refers to in secret engines; reasons name engine and place, never a value. */
async function examineReferences(ways: BridgeWays): Promise<readonly Finding[]> {
  const { count, reasons } = await ways.references();
  if (count === 0) return [];
  if (reasons.length === 0) return [findings.ok('secrets', `${count} references can be read`)];
  const toDo = 'see what the engine has there, and whether its login may read it';
  return reasons.map((reason) => findings.fail('secrets', reason, toDo));
}

/** Whether a bridge runs here by this configuration, and whether it is ready. */
async function examineRunning({ http, grpc }: BridgeConfig): Promise<readonly Finding[]> {
  const toDo = 'nothing, if it runs elsewhere or is to be started; else see its log';
  const places = [
    { door: 'http', host: reachable(http.host), port: http.port },
    { door: 'grpc', host: reachable(grpc.host), port: grpc.port },
  ];
  const closed = (
    await Promise.all(
      places.map(async (place) => ((await knock(place)).kind === 'done' ? [] : [place])),
    )
  ).flat();
  const [first] = closed;
  if (first !== undefined) {
    const where = closed.map(({ door, port }) => `${door} (${port})`).join(' and ');
    return [findings.warn('running', `no bridge takes connections here: ${where}`, toDo)];
  }
  const ready = await askReady(http);
  if (ready === 200) return [findings.ok('running', 'a bridge runs here and is ready')];
  const what = `what runs here answers /readyz with ${ready === 0 ? 'nothing' : ready}`;
  const readyToDo =
    'see /readyz, which tells the reasons, and the log: another program may have the port';
  return [findings.warn('running', what, readyToDo)];
}

const reachable = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;

function askReady({ host, port, tls }: BridgeConfig['http']): Promise<number> {
  return new Promise((resolve) => {
    const options = { host: reachable(host), port, path: '/readyz', timeout: patienceMs };
    // Nothing is sent but the question; the certificate has findings of its own.
    const request =
      tls === undefined
        ? httpRequest(options)
        : httpsRequest({ ...options, rejectUnauthorized: false });
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(0));
    request.once('close', () => resolve(0));
    request.end();
  });
}

/** As kubectl beside Clouddriver will dial it; this machine may see another network. */
async function examineGatewayUrl({
  config,
  ways,
  nowMs,
}: BridgeExamination): Promise<readonly Finding[]> {
  const { enabled, gatewayUrl, gatewayCaFile } = config.clouddriver.accounts;
  if (!enabled || gatewayUrl === undefined) return [];
  const url = new URL(gatewayUrl);
  const isTls = url.protocol === 'https:';
  const port = Number(url.port === '' ? (isTls ? 443 : 80) : url.port);
  const place = { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  const gateway = findingsOf('gateway');
  const option = 'clouddriver.accounts.gatewayUrl';
  const expected = { place, option, owner: 'the bridge', findings: gateway };
  const reached = await examinePlace(expected);
  if (!reached.isOpen || !isTls) return reached.found;
  // A path on Clouddriver's machine; the same file is often mounted here.
  const ca = await (gatewayCaFile === undefined
    ? undefined
    : ways.content(gatewayCaFile).catch(() => undefined));
  const shaken = await examineTls(expected, {
    serverName: place.host,
    caOption: 'clouddriver.accounts.gatewayCaFile',
    isVerified: true,
    needsHttp2: false,
    nowMs: nowMs(),
    material: ca === undefined ? {} : { ca },
    plainToDo: 'write http:// in gatewayUrl, or give the bridge http.tls',
  });
  return [...reached.found, ...shaken.found];
}
