// What a look at the database means for the bridge that will work there.
import { type DatabaseExamination, type DatabaseFacts } from '@fairlead/sql-cache';
import { type Finding, findingsOf } from './finding.ts';

/** What the bridge's configuration asks of the database. */
export interface DatabaseExpectations {
  /** Where it is, without user and password: `postgres at db:5432/clouddriver`. */
  readonly place: string;
  /** Whose the schema is. */
  readonly schema: 'clouddriver' | 'standalone';
  /** Whether accounts are written for Clouddriver. */
  readonly writesAccounts: boolean;
  /** Whether Clouddriver's agents are locked. */
  readonly locksAgents: boolean;
}

const { ok, warn, fail } = findingsOf('database');

/** Judges everything but the clock. */
export function judgeDatabase(
  examination: DatabaseExamination,
  expected: DatabaseExpectations,
): readonly Finding[] {
  if (examination.kind === 'unreachable') {
    const { reason, detail } = examination;
    const toDo = reasonToDo[reason] ?? 'see whether the server is well, and what stands in between';
    return [fail('connection', `${expected.place}: ${detail} (${reason})`, toDo)];
  }
  if (examination.kind === 'refused') {
    const { reason, detail } = examination;
    const toDo = reasonToDo[reason] ?? 'see sql.url';
    return [fail('login', `${expected.place}: ${detail}`, toDo)];
  }
  const { facts } = examination;
  return [
    ok('connection', `${expected.place}: ${facts.serverVersion}, as ${facts.user}`),
    judgeEncoding(facts),
    ...(expected.schema === 'clouddriver' ? judgeMigrations(facts, expected) : []),
    ...judgeRights(facts),
  ];
}

const reasonToDo: Readonly<Record<string, string>> = {
  accessDenied: 'see user and password in sql.url, and whom the server lets in from here',
  databaseMissing: 'create the database, or see its name in sql.url',
  nameNotResolved: 'check the spelling of the host in sql.url, and the name servers',
  connectionRefused: 'see whether the server runs, and its port in sql.url',
  connectionTimeout: 'see whether a firewall or NetworkPolicy stands in between',
  tooManyConnections: 'give the server more connections, or the bridge a smaller sql.pool.max',
};

function judgeEncoding({ encoding, takesAllCharacters, dialect }: DatabaseFacts): Finding {
  if (takesAllCharacters) return ok('encoding', `texts are stored as ${encoding}`);
  const wanted = dialect === 'mysql' ? 'utf8mb4' : 'UTF8';
  const what = `texts are stored as ${encoding}: objects with other characters are put aside`;
  return warn('encoding', what, `convert the tables cats_v1_* and the database to ${wanted}`);
}

function judgeMigrations(
  { missingTemplates, hasAgentLocks, hasAccounts }: DatabaseFacts,
  { writesAccounts, locksAgents }: DatabaseExpectations,
): readonly Finding[] {
  const found: Finding[] = [];
  const missing = missingTemplates.join(' and ');
  found.push(
    missingTemplates.length === 0
      ? ok('migrations', "Clouddriver's templates of cache tables are there, to their last step")
      : fail(
          'migrations',
          `not there, or not finished: ${missing}`,
          'start Clouddriver once with sql.enabled and sql.cache.enabled on this database (sql.schema: standalone is for databases without Clouddriver)',
        ),
  );
  if (locksAgents && !hasAgentLocks) {
    const toDo =
      "if Clouddriver's scheduler is not SQL (sql.scheduler.enabled), set kubernetes.cache.enabled: false there, so that two never write";
    found.push(warn('locks', "there is no table of Clouddriver's agents' locks", toDo));
  }
  if (writesAccounts && !hasAccounts) {
    const toDo =
      'Clouddriver 1.28 and newer makes them; without them set clouddriver.accounts.enabled: false and list the accounts there';
    found.push(fail('accounts', 'there are no tables accounts and accounts_history', toDo));
  }
  return found;
}

function judgeRights({ refused, user, shutOutOwner }: DatabaseFacts): readonly Finding[] {
  const found = refused.map(({ task, tables, reason }) => {
    const shown = tables.slice(0, 3).join(', ');
    const more = tables.length > 3 ? ` and ${tables.length - 3} more` : '';
    const toDo = `grant it to ${user}: what Clouddriver's own user may, and CREATE`;
    return fail('rights', `may not ${task} in ${shown}${more} (${reason})`, toDo);
  });
  if (shutOutOwner !== '') {
    const what = `tables that ${user} makes will be closed to ${shutOutOwner}, who owns Clouddriver's`;
    const toDo = `use Clouddriver's user, or: ALTER DEFAULT PRIVILEGES FOR ROLE ${user} GRANT ALL ON TABLES TO ${shutOutOwner}`;
    found.push(warn('owner', what, toDo));
  }
  if (found.length > 0) return found;
  return [ok('rights', 'may read, insert, update, delete, and create tables')];
}
