/** Listens to the three drivers: what is really sent, knex's own statements among it. */
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2';
import pg from 'pg';

/** A statement as it was sent. */
export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** Hears every statement of this process, of whatever connection, while the work runs. */
export async function capturing(work: () => Promise<unknown>): Promise<readonly SentStatement[]> {
  const sent: SentStatement[] = [];
  const hear = (first: unknown, second: unknown): void => {
    const statement = statementOf(first, second);
    if (statement !== undefined) sent.push(statement);
  };
  const ends = [
    overhear(pg.Client.prototype as unknown as Methods, 'query', hear),
    ...['query', 'execute'].map((name) => overhear(mysqlMethods(name), name, hear)),
    overhear(DatabaseSync.prototype as unknown as Methods, 'prepare', hear),
  ];
  try {
    await work();
  } finally {
    for (const end of ends) end();
  }
  return sent;
}

function overhear(
  methods: Methods,
  name: string,
  hear: (first: unknown, second: unknown) => void,
): () => void {
  const original = methods[name];
  if (original === undefined) throw new Error(`the driver has no ${name} any more`);
  methods[name] = function (...args) {
    hear(args[0], args[1]);
    return original.apply(this, args);
  };
  return () => {
    methods[name] = original;
  };
}

function statementOf(first: unknown, second: unknown): SentStatement | undefined {
  if (typeof first === 'string') return { text: first, values: listOf(second) };
  if (typeof first !== 'object' || first === null) return undefined;
  const { text, sql, values } = first as Record<string, unknown>;
  const statement = text ?? sql;
  if (typeof statement !== 'string') return undefined;
  return { text: statement, values: listOf(values ?? second) };
}

function listOf(values: unknown): readonly unknown[] {
  return Array.isArray(values) ? (values as readonly unknown[]) : [];
}

/** The class that has the method is not exported: it is found on a connection that is never made. */
function mysqlMethods(name: string): Methods {
  const connection = createConnection({ host: '127.0.0.1', port: 1 });
  connection.on('error', () => undefined);
  let methods: unknown = connection;
  while (methods !== null && !Object.hasOwn(methods as object, name)) {
    methods = Object.getPrototypeOf(methods);
  }
  connection.destroy();
  return methods as Methods;
}
