// The simulator's own control API, for programs outside its process: what was served, a pump of
// events, faults at run time. Not part of Kubernetes; off unless a fleet is started with `control`,
// and open to everybody who reaches the port.
import { type ApiRequest } from './api-server.ts';
import { type FaultRule } from './fault-rules.ts';
import { isJsonObject, type JsonObject, parseJson } from './json-value.ts';
import { nextTurn } from './list-response.ts';
import { parseFault } from './named-faults.ts';
import { startFault } from './start-fault.ts';
import { type AnswerFunction } from './node-http-server.ts';
import { type ResponseSink, sendWhole } from './response-sink.ts';
import { type SimCluster } from './sim-cluster.ts';

/** A request that makes no sense; answered with 400 and its message. */
class ControlError extends Error {
  override readonly name = 'ControlError';
}

type Action = (
  clusters: readonly SimCluster[],
  request: ApiRequest,
  sink: ResponseSink,
) => Promise<JsonObject | undefined> | JsonObject | undefined;

const actions: Readonly<Record<string, Action>> = {
  'GET /stats': stats,
  'POST /pump': pump,
  'GET /faults': listFaults,
  'POST /faults': addFault,
  'DELETE /faults': clearFaults,
  'POST /compact': compact,
  'POST /tokens': rotateTokens,
};

/** Answers requests below `/sim`; `?cluster=NAME` chooses one cluster, else they are for all. */
export function createControlApi(clusters: readonly SimCluster[]): AnswerFunction {
  return async (request, sink) => {
    try {
      const action = actions[`${request.method} ${request.path}`];
      if (action === undefined) {
        answer(sink, 404, { error: `there are: ${Object.keys(actions).join(', ')}` });
        return;
      }
      const body = await action(chosen(clusters, request), request, sink);
      answer(sink, 200, body ?? {});
    } catch (error: unknown) {
      const isAsked = error instanceof ControlError || error instanceof RangeError;
      answer(sink, isAsked ? 400 : 500, { error: String(error) });
    }
  };
}

function chosen(clusters: readonly SimCluster[], request: ApiRequest): readonly SimCluster[] {
  const name = request.query.get('cluster');
  const found = clusters.filter((cluster) => name === null || cluster.name === name);
  if (found.length === 0) throw new ControlError(`no cluster is named ${name ?? ''}`);
  return found;
}

function stats(clusters: readonly SimCluster[]): JsonObject {
  return {
    clusters: clusters.map((cluster) => ({
      name: cluster.name,
      objects: cluster.objectCount,
      resourceVersion: cluster.resourceVersion,
      ...cluster.stats,
      requestsByVerb: { ...cluster.stats.requestsByVerb },
      pumps: cluster.pumps.map((progress) => ({ ...progress })),
    })),
    process: { cpu: { ...process.cpuUsage() }, memory: { ...process.memoryUsage() } },
  };
}

/** Answered when every pump has done its work; with `wait=false` at once. */
async function pump(
  clusters: readonly SimCluster[],
  { query }: ApiRequest,
  sink: ResponseSink,
): Promise<JsonObject> {
  const perSecond = query.get('perSecond');
  const running = clusters.map((cluster) =>
    cluster.pump({
      resource: query.get('resource') ?? 'pods',
      events: numberIn(query, 'events'),
      ...(perSecond === null ? {} : { perSecond: numberIn(query, 'perSecond') }),
      ...(query.has('watches') ? { watches: numberIn(query, 'watches') } : {}),
      // Who asked and went away no longer wants the events.
      ...(query.get('wait') === 'false' ? {} : { signal: sink.closed }),
    }),
  );
  const done = Promise.all(running);
  if (query.get('wait') === 'false') {
    // One that cannot begin is refused at once; one that fails later is never done in the statistics.
    done.catch(() => undefined);
    await Promise.race([done, nextTurn()]);
    return { pumps: clusters.flatMap(({ pumps }) => pumps.slice(-1).map((each) => ({ ...each }))) };
  }
  return { pumps: (await done).map((progress) => ({ ...progress })) };
}

function listFaults(clusters: readonly SimCluster[]): JsonObject {
  return {
    clusters: clusters.map(({ name, faults }) => ({
      name,
      faults: faults.active.map(({ id, name: fault, strikes }) => ({ id, name: fault, strikes })),
    })),
  };
}

/** `?fault=NAME=VALUE[@FROM[-UNTIL]]`, or a rule as JSON in the body. */
async function addFault(clusters: readonly SimCluster[], request: ApiRequest): Promise<JsonObject> {
  const named = request.query.get('fault');
  if (named === null) {
    const rule = await ruleInBody(request);
    return { clusters: clusters.map(({ name, faults }) => ({ name, id: faults.add(rule).id })) };
  }
  const parsed = parseFault(named);
  if (typeof parsed === 'string') throw new ControlError(parsed);
  const started = clusters.map((cluster) => startFault(cluster, parsed).id);
  return { clusters: clusters.map(({ name }, index) => ({ name, id: started[index] ?? 0 })) };
}

/** Takes back the fault `?id=`, else all. */
function clearFaults(clusters: readonly SimCluster[], { query }: ApiRequest): undefined {
  for (const { faults } of clusters) {
    if (!query.has('id')) faults.clear();
    else faults.active.find(({ id }) => id === numberIn(query, 'id'))?.remove();
  }
  return undefined;
}

/** History goes, watches stay; with `?watches=end` they end too. */
function compact(clusters: readonly SimCluster[], { query }: ApiRequest): undefined {
  for (const cluster of clusters) {
    if (query.get('watches') === 'end') cluster.incidents.expireAll();
    else cluster.compact();
  }
  return undefined;
}

function rotateTokens(clusters: readonly SimCluster[]): JsonObject {
  const tokens = clusters.map((cluster) => cluster.incidents.rotateToken());
  return { clusters: clusters.map(({ name }, index) => ({ name, token: tokens[index] ?? '' })) };
}

async function ruleInBody(request: ApiRequest): Promise<FaultRule> {
  const rule = parseJson((await request.body()).toString());
  if (isJsonObject(rule) && isJsonObject(rule.effect)) return rule as unknown as FaultRule;
  throw new ControlError('a fault rule is expected: {"match": {...}, "effect": {"kind": ...}}');
}

function numberIn(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? NaN);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new ControlError(`${name} must be a number`);
}

function answer(sink: ResponseSink, status: number, body: JsonObject): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  sendWhole(sink, status, { contentType: 'application/json', bytes });
}
