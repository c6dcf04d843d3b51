/** What tests of the registry ask: who feeds an account, and what stands of it in SQL. */
import { type SqlDatabase } from '@fairlead/testbed';

/** One account, in full, as `GET /api/v1/accounts/{name}` shows it. */
export interface RegisteredAccount {
  readonly state: string;
  readonly reason: string;
  readonly agent: string;
  readonly bridge: string;
  readonly objects: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly cluster: {
    readonly server: string;
    readonly certificateFingerprint: string;
    readonly version: string;
    readonly uid: string;
  };
}

/** The account; `undefined` if the bridge has none of that name. */
export async function accountAt(url: string, name: string): Promise<RegisteredAccount | undefined> {
  const response = await fetch(`${url}/api/v1/accounts/${name}`);
  return response.ok ? ((await response.json()) as RegisteredAccount) : undefined;
}

/** What each agent process that is connected is to the account, `active` first. */
export async function rolesAt(url: string, name: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/agents`);
  const { items } = (await response.json()) as {
    readonly items: readonly {
      readonly accounts: readonly { readonly name: string; readonly role: string }[];
    }[];
  };
  const accounts = items.flatMap((agent) => agent.accounts);
  return accounts.flatMap((account) => (account.name === name ? [account.role] : [])).sort();
}

/** The account's epoch in SQL; 0 if it was never fed. */
export async function epochOf(database: SqlDatabase, name: string): Promise<number> {
  const [row] = await database.query(`SELECT epoch FROM fairlead_accounts WHERE name = '${name}'`);
  return Number(row?.epoch ?? 0);
}

/** How many rows, and relation rows, of any type the account has in SQL (PostgreSQL). */
export async function rowsOf(database: SqlDatabase, name: string): Promise<number> {
  const columns = await database.query(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_name LIKE 'cats\\_v1\\_%' AND column_name IN ('agent', 'rel_agent')`,
  );
  let rows = 0;
  for (const { table_name: table, column_name: column } of columns) {
    const pattern = column === 'agent' ? `${name}/%` : `%:${name}/%`;
    const [count] = await database.query(
      `SELECT count(*) AS rows FROM "${String(table)}" WHERE ${String(column)} LIKE '${pattern}'`,
    );
    rows += Number(count?.rows ?? 0);
  }
  return rows;
}
