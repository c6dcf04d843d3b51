/**
 * Each object of `golden/` becomes the rows beside it, and all of them together what is in
 * `cluster.rows.json`. How to read and how to change them: `golden/README.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  projectObject,
  SelectionIndex,
  type LogicalRow,
  type Projection,
  type ReverseRelation,
} from '../src/index.ts';
import { goldenFolder, goldenObjects } from '../src/testing/index.ts';

const account = 'prod-eu';
const objects = goldenObjects();
/** Only a person changes what is right. */
const isWriting = process.env.FAIRLEAD_WRITE_GOLDEN === '1' && process.env.CI === undefined;

describe('every golden object', () => {
  it.each(objects)('$name becomes its rows', ({ name, bytes }) => {
    const rows = readable(projectObject(bytes, { account }), Buffer.from(bytes).toString());

    expect(rows).toEqual(golden(`${name}.rows.json`, rows));
  });

  it('has its part in what they make together', () => {
    const projections = objects.map(({ bytes }) => projectObject(bytes, { account }));
    const logical = projections.flatMap((each) => Object.values(each.logical) as LogicalRow[]);
    const index = new SelectionIndex(projections[0]?.agent ?? '');
    const selected = index.apply(projections.map(({ id, selection }) => ({ id, selection })));

    const rows = {
      logical: Object.fromEntries(logical.sort(byId).map((row) => [row.id, readableLogical(row)])),
      selections: selected.added.map(readableRelation).sort(),
    };

    expect(rows).toEqual(golden('cluster.rows.json', rows));
  });
});

function golden(file: string, found: object): unknown {
  const path = join(goldenFolder, file);
  if (isWriting) writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The rows as one can read them: the manifest, which must be there byte for byte, is left out. */
function readable(projection: Projection, manifest: string): object {
  const text = Buffer.from(projection.body).toString();
  const end = `"manifest":${manifest}}}`;
  expect(text.endsWith(end)).toBe(true);
  const body = JSON.parse(`${text.slice(0, -end.length)}"manifest":"as it came"}}`) as object;
  const { type, id, agent, uid, resourceVersion, ignored, selection = null } = projection;
  return {
    ...{ table: tableOf(type), id, agent, body },
    relationRows: projection.relations.map(readableRelation),
    application: projection.logical.application?.id ?? null,
    cluster: projection.logical.cluster?.id ?? null,
    ...{ ignored, selection, uid, resourceVersion },
  };
}

function readableLogical({ type, body, relations }: LogicalRow): object {
  const parsed = JSON.parse(Buffer.from(body).toString()) as object;
  return {
    table: tableOf(type),
    body: parsed,
    relationRows: relations.map(readableRelation),
  };
}

function readableRelation({ type, id, relId, relAgent, relType }: ReverseRelation): string {
  return `${tableOf(type)}_rel: ${id} -> ${relType} ${relId} (${relAgent})`;
}

function tableOf(type: string): string {
  return `cats_v1_${type.replace(/\W/g, '_')}`;
}

function byId(left: LogicalRow, right: LogicalRow): number {
  return left.id < right.id ? -1 : 1;
}
