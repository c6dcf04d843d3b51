// The bridge's database: a server, looked at from inside, or a directory.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type BridgeConfig, type BridgeWays } from '@fairlead/clouddriver-bridge/examination';
import { examineDatabase as lookAtDatabase } from '@fairlead/sql-cache';
import { type Finding, findingsOf, wordsOf } from './finding.ts';
import { judgeClock } from './judge-clock.ts';
import { judgeDatabase } from './judge-database.ts';

const subject = 'database';
const { ok, fail } = findingsOf(subject);

/** Looks at it; never rejects for what is wrong with it. */
export async function examineBridgeDatabase(
  config: BridgeConfig,
  ways: BridgeWays,
  nowMs: () => number,
): Promise<readonly Finding[]> {
  let url: string;
  try {
    url = await ways.sqlUrl();
  } catch (error: unknown) {
    return [fail('login', wordsOf(error), 'see what sql.url refers to')];
  }
  if (url.startsWith('embedded:')) return [await examineDirectory(url.slice('embedded:'.length))];
  const { schema, tableNamespace } = config.sql;
  const { accounts, lockAgents } = config.clouddriver;
  const expected = {
    place: placeInWords(url),
    schema,
    writesAccounts: accounts.enabled,
    locksAgents: lockAgents,
  };
  try {
    const askedMs = nowMs();
    const examination = await lookAtDatabase({ url, schema, tableNamespace });
    const found = judgeDatabase(examination, expected);
    if (examination.kind !== 'examined') return found;
    const theirsMs = examination.facts.nowMs;
    return [...found, judgeClock({ subject, theirsMs, askedMs, answeredMs: nowMs() })];
  } catch (error: unknown) {
    return [fail('connection', wordsOf(error), 'see sql.url')];
  }
}

/** The first of its parents that is there must take it. */
async function examineDirectory(location: string): Promise<Finding> {
  let at = resolve(location);
  for (;;) {
    try {
      await access(at, constants.W_OK);
      return ok('directory', `embedded in ${location}, which can be written`);
    } catch (error: unknown) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && dirname(at) !== at) {
        at = dirname(at);
        continue;
      }
      const toDo = 'mount a volume there that the user of the process may write';
      return fail('directory', `${at} cannot be written (${code ?? 'unknown'})`, toDo);
    }
  }
}

function placeInWords(url: string): string {
  if (!URL.canParse(url)) return 'sql.url';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol.slice(0, -1)} at ${host}${pathname}`;
}
