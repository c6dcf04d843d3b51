/**
 * One file per object in `golden/`: `<name>.object.json` as an API server sends it, and beside it
 * `<name>.rows.json`, everything that it becomes. Read them side by side; to change one on purpose,
 * delete the rows, run with FAIRLEAD_WRITE_GOLDEN=1 and read what was written.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectObject, type LogicalRow, type Projection } from '../src/index.ts';

const directory = join(import.meta.dirname, 'golden');
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.object.json'))
  .map((file) => file.replace('.object.json', ''));

describe('every golden object', () => {
  it.each(names)('%s becomes its rows', (name) => {
    const object = readFileSync(join(directory, `${name}.object.json`));
    const rowsFile = join(directory, `${name}.rows.json`);

    const projection = projectObject(object, { account: 'prod-eu' });

    const rows = `${JSON.stringify(readable(projection, object.toString()), null, 2)}\n`;
    if (process.env.FAIRLEAD_WRITE_GOLDEN !== undefined && !existsSync(rowsFile)) {
      writeFileSync(rowsFile, rows);
    }
    expect(JSON.parse(rows)).toEqual(JSON.parse(readFileSync(rowsFile, 'utf8')));
  });
});

/** The rows as one can read them: the manifest, which must be there byte for byte, is left out. */
function readable(projection: Projection, manifest: string): object {
  const text = Buffer.from(projection.body).toString();
  const end = `"manifest":${manifest}}}`;
  expect(text.endsWith(end)).toBe(true);
  const body: unknown = JSON.parse(`${text.slice(0, -end.length)}"manifest":"as it came"}}`);
  const { type, id, agent, uid, resourceVersion, ignored, relations } = projection;
  return {
    row: { type, id, agent, uid, resourceVersion, ignored, body },
    relations,
    application: logical(projection.logical.application),
    cluster: logical(projection.logical.cluster),
  };
}

function logical(row: LogicalRow | undefined): object | undefined {
  if (row === undefined) return undefined;
  const body: unknown = JSON.parse(Buffer.from(row.body).toString());
  return { type: row.type, id: row.id, body, relations: row.relations };
}
