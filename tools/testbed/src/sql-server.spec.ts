import { keepDatabases, type SqlAdministration } from './sql-server.ts';

function anAdministration() {
  const calls: string[] = [];
  const administration: SqlAdministration = {
    dialect: 'postgres',
    ping: () => Promise.resolve(),
    create: (_, name) => Promise.resolve(void calls.push(`create ${name}`)),
    query: (url, statement) => {
      calls.push(`${statement} in ${url}`);
      return Promise.resolve([{ answer: 1 }]);
    },
    drop: (_, name) => Promise.resolve(void calls.push(`drop ${name}`)),
  };
  return { administration, calls };
}

const serverUrl = 'postgres://user:word@127.0.0.1:17123/postgres';

describe(keepDatabases, () => {
  it('gives the database the address of the server', async () => {
    const { administration } = anAdministration();

    const database = await keepDatabases(administration, serverUrl).create('mine');

    expect(database.url).toBe('postgres://user:word@127.0.0.1:17123/mine');
  });

  it('asks in the database that it made', async () => {
    const { administration, calls } = anAdministration();
    const database = await keepDatabases(administration, serverUrl).create('mine');

    const rows = await database.query('SELECT 1');

    expect(rows).toEqual([{ answer: 1 }]);
    expect(calls).toContain(`SELECT 1 in ${database.url}`);
  });

  it('drops once, however often it is asked to', async () => {
    const { administration, calls } = anAdministration();
    const databases = keepDatabases(administration, serverUrl);
    const first = await databases.create('first');
    await databases.create('second');

    await first.drop();
    await first.drop();
    await databases.dropAll();

    expect(calls).toEqual(['create first', 'create second', 'drop first', 'drop second']);
  });

  it('refuses a name that would need quoting before asking the server', async () => {
    const { administration, calls } = anAdministration();
    const creation = keepDatabases(administration, serverUrl).create('a"b');

    await expect(creation).rejects.toMatchObject({ code: 'requestFailed' });
    expect(calls).toEqual([]);
  });
});
