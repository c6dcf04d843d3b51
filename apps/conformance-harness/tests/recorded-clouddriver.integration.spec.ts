// The projection against what a real Clouddriver has said, which lies in recorded/ and needs no
// Clouddriver to compare with. Where there is one, it is asked again.
import {
  type LogicalRow,
  type Projection,
  type ProjectionContext,
  projectObject,
  readRowHead,
  SelectionIndex,
} from '@fairlead/clouddriver-model';
import { goldenObjects } from '@fairlead/clouddriver-model/testing';
import { mayHaveClouddriver } from '@fairlead/testbed';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AccountCache,
  compareCaches,
  nameDifference,
  type StoredRow,
} from '../src/differential/compare-caches.ts';
import { canonicalText, type JsonValue, parseExact } from '../src/verify/exact-json.ts';
import {
  alsoRelates,
  hasOtherManifest,
  idOf,
  isExtra,
  relateEachOther,
} from './known-differences.ts';
import { type Answer, type Question, recordClouddriver } from './record-clouddriver.ts';

const account = 'prod-eu';
const coreAgent = `${account}/KubernetesCoreCachingAgent[1/1]`;
const folder = join(import.meta.dirname, 'recorded');
const recordMs = 120_000;

interface NameLine {
  readonly question: Question;
  readonly answer: Answer;
}

const names = linesOf('names.jsonl') as unknown as readonly NameLine[];
const objects = goldenObjects();

describe('names, annotations and kinds', () => {
  it('are read as Clouddriver reads them', () => {
    const wrong = names.flatMap(({ question, answer }) => {
      const said = ourAnswer(question);
      // A claim that it cannot read stops its whole agent: we take it for none.
      const { kind, moniker, ignored = false } = answer;
      const expected = canonicalText({ kind, moniker, ignored });
      return expected === canonicalText(said) ? [] : [{ question, expected, said }];
    });

    expect(wrong).toEqual([]);
    expect(names.length).toBeGreaterThan(700);
  });
});

describe('the golden objects', () => {
  it('become what Clouddriver makes of them, but for what is listed as known', () => {
    const rows = linesOf('rows.jsonl') as unknown as readonly RecordedLine[];

    const differences = compareCaches(storedByClouddriver(rows), ourCache());

    expect(differences.map(nameDifference).sort()).toEqual(knownDifferences);
  });

  it('are related to their applications like Clouddriver does it when all of them are to be', () => {
    const related = linesOf('related.jsonl') as unknown as readonly RecordedLine[];

    const differences = compareCaches(
      storedByClouddriver(related),
      withoutAttributes(ourCache({ cacheAllApplicationRelationships: true })),
    );

    const ofRelations = knownDifferences.filter((line) => !line.startsWith('attribute: '));
    expect(differences.map(nameDifference).sort()).toEqual(
      [...ofRelations, ...applicationsOfUnknownKinds].sort(),
    );
  });
});

interface RecordedLine {
  readonly id: string;
  readonly agent: string;
  readonly body: { readonly relationships: Readonly<Record<string, readonly string[]>> };
}

(mayHaveClouddriver(process.env) ? describe : describe.skip)('a Clouddriver that is here', () => {
  it(
    'says what is recorded',
    async () => {
      const recording = await recordClouddriver({
        account,
        manifests: objects.map(({ bytes }) => Buffer.from(bytes).toString()),
        questions: names.map(({ question }) => question),
      });
      const lines = names.map(({ question }, at) => ({ question, answer: recording.answers[at] }));

      const [saidOfNames, saidRows] = [printLines(lines), printLines(recording.rows)];
      const saidRelated = printLines(recording.related);
      if (process.env.FAIRLEAD_WRITE_RECORDING === '1') {
        writeFileSync(join(folder, 'names.jsonl'), saidOfNames);
        writeFileSync(join(folder, 'rows.jsonl'), saidRows);
        writeFileSync(join(folder, 'related.jsonl'), saidRelated);
      }

      expect(saidOfNames.split('\n')).toEqual(textOf('names.jsonl').split('\n'));
      expect(saidRows.split('\n')).toEqual(textOf('rows.jsonl').split('\n'));
      expect(saidRelated.split('\n')).toEqual(textOf('related.jsonl').split('\n'));
    },
    recordMs,
  );
});

const node = 'ip-10-0-1-23.eu-west-1.compute.internal';
const [cronTab, front, checkout] = [
  ...['CronTab.stable.example.com:payments:nightly', 'service:payments:front'],
  'service:payments:checkout-api',
] as const;
const planned = 'event:payments:plan.17c2a4b5e6f70821';

/** Each is explained in docs/clouddriver.md. */
const knownDifferences: readonly string[] = [
  // Kinds of native groups that Clouddriver has no agent for.
  ...[`Node::${node}`, 'PriorityClass::payments-first', 'ResourceQuota:payments:team-quota'].map(
    isExtra,
  ),
  ...['csiDriver::ebs.csi.aws.com', `csiNode::${node}`].map(isExtra),
  // It prints manifests anew, without members that are null.
  hasOtherManifest('Event.events.k8s.io:payments:ledger-db.17c2a4b5e6f70822'),
  hasOtherManifest('event:payments:checkout-api-7d9f8c6b5-x2v8k.17c2a4b5e6f70819'),
  hasOtherManifest('event:payments:nightly.17c2a4b5e6f70820'),
  hasOtherManifest(planned),
  // What two of its agents would have to write, it writes in one direction only.
  alsoRelates(cronTab, 'event:payments:nightly.17c2a4b5e6f70820'),
  alsoRelates(cronTab, 'pod:payments:odd'),
  alsoRelates(checkout, 'EndpointSlice.discovery.k8s.io:payments:checkout-api-4xk2z'),
  // It spells a custom kind that an event is about as the native one of the same name.
  `relation missing: ${idOf(planned)}: ${idOf('deployment.legacy.example.org:payments:plan')}`,
  alsoRelates(planned, 'Deployment.legacy.example.org:payments:plan'),
  // A service that does not exist.
  alsoRelates('ingress:payments:front-of-beta', 'service:payments:gone'),
  // It loses relations of manifests without annotations.
  ...relateEachOther('ingress:payments:plain', front),
  // It fails at a backend that is no service, and takes none of the others.
  ...relateEachOther('ingress:payments:static', front),
  // One service spoils what the next one with the same first label finds.
  ...relateEachOther(checkout, 'replicaSet:payments:checkout-api-7d9f8c6b5'),
].sort();

/** What follows from the rows of native kinds that Clouddriver has no agent for. */
const applicationsOfUnknownKinds: readonly string[] = [
  ...['ebs.csi.aws.com', 'ip', 'team'].map(
    (name) =>
      `extra: kubernetes.v2:logical:applications:${name}: */KubernetesCoreCachingAgent[1/1]`,
  ),
  `relation extra: kubernetes.v2:logical:applications:payments: ${idOf('PriorityClass::payments-first')}`,
];

/** What the projection makes of the golden objects, as it would stand in the database. */
function ourCache(context: Omit<ProjectionContext, 'account'> = {}): AccountCache {
  const projections = objects
    .map(({ bytes }) => projectObject(bytes, { account, ...context }))
    .filter(({ ignored }) => !ignored);
  const logical = projections.flatMap((each) => Object.values(each.logical) as LogicalRow[]);
  const selections = new SelectionIndex(coreAgent).apply(
    projections.map(({ id, selection }) => ({ id, selection })),
  );
  const rows = new Map<string, StoredRow>();
  for (const { id, agent, body } of projections) rows.set(id, { id, agent, body: textIn(body) });
  for (const { id, body } of logical) rows.set(id, { id, agent: coreAgent, body: textIn(body) });
  const relations = [...projections, ...logical].flatMap((each) => each.relations);
  return { account, rows: [...rows.values()], relations: [...relations, ...selections.added] };
}

/**
 * As Clouddriver stores it: of applications and clusters that its agent for custom kinds speaks of,
 * the relations alone.
 */
function storedByClouddriver(lines: readonly RecordedLine[]): AccountCache {
  const isRelated = ({ id, agent }: RecordedLine) =>
    id.includes(':logical:') && agent !== coreAgent;
  const rows = lines.filter((line) => !isRelated(line));
  const relations = lines
    .filter(isRelated)
    .flatMap(({ id, agent, body }) =>
      Object.entries(body.relationships).flatMap(([relType, ids]) =>
        ids.map((relId) => ({ id, relId, relAgent: `${relType}:${agent}`, relType })),
      ),
    );
  return {
    ...{ account, relations },
    rows: rows.map(({ id, agent, body }) => ({
      ...{ id, agent, body: canonicalText(body as unknown as JsonValue) },
    })),
  };
}

function withoutAttributes(cache: AccountCache): AccountCache {
  const rows = cache.rows.map(({ id, agent, body }) => {
    const bare = { ...(JSON.parse(body) as object), attributes: {} };
    return { id, agent, body: JSON.stringify(bare) };
  });
  return { ...cache, rows };
}

function ourAnswer(question: Question): { [key in keyof Answer]: JsonValue } {
  const projection: Projection = projectObject(Buffer.from(JSON.stringify(question)), { account });
  const { kind, moniker } = readRowHead(projection.body);
  return { kind, moniker: { ...moniker }, ignored: projection.ignored };
}

function textIn(body: Uint8Array): string {
  return Buffer.from(body).toString();
}

function textOf(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function linesOf(file: string): readonly JsonValue[] {
  return textOf(file).trimEnd().split('\n').map(parseExact);
}

function printLines(values: readonly object[]): string {
  return values.map((value) => `${canonicalText(value as unknown as JsonValue)}\n`).join('');
}
