/**
 * The names of Clouddriver's tables and the lengths that its columns hold. A name that differs from
 * Clouddriver's by one letter is a table that nobody reads.
 */
import { murmur3Hex } from './murmur3.ts';

/** How long things may be; `Infinity` where the dialect has no limit. */
export interface NameLimits {
  /** Table names are shorter than this. */
  readonly table: number;
  /** Characters of an id. */
  readonly id: number;
  /** Characters of an agent, and of `<type>:<agent>` in relation tables. */
  readonly agent: number;
  /** Characters of a type in relation tables. */
  readonly relType: number;
}

/** How names come out in one database. */
export interface TableNames {
  /** The limits. */
  readonly limits: NameLimits;
  /** The table of a type. */
  resource(type: string): string;
  /** The relation table of a type. */
  relation(type: string): string;
  /** What stands in an agent column for an agent: the name, shortened where it is too long. */
  agent(agent: string): string;
}

/** What names depend on. */
export interface TableNamesOptions {
  /** Clouddriver's `sql.table-namespace`, `''` for none. */
  readonly tableNamespace: string;
  /** The dialect's limits. */
  readonly limits: NameLimits;
  /** PostgreSQL folds the names that Clouddriver does not quote to lower case. */
  readonly folding: 'lower' | 'none';
}

/** The table that resource tables are made like. */
export const resourceTemplate = 'cats_v1_resource_template';
/** The table that relation tables are made like. */
export const relationTemplate = 'cats_v1_rel_template';

const prefix = 'cats_v1_';
const hashDigits = 16;

/** The names of one database. */
export function createTableNames(options: TableNamesOptions): TableNames {
  const { limits, tableNamespace } = options;
  const base = tableNamespace === '' ? prefix : `${prefix}${tableNamespace}_`;
  const name = (type: string, suffix: string) => {
    const text = tableName({ base, type, suffix, limit: limits.table });
    return options.folding === 'lower' ? text.toLowerCase() : text;
  };
  return {
    limits,
    resource: (type) => name(type, ''),
    relation: (type) => name(type, '_rel'),
    agent: (agent) => (agent.length <= limits.agent ? agent : shortened(agent, limits.agent)),
  };
}

/** Clouddriver keeps the base, then shortens the type, then gives up the suffix. */
function tableName(parts: {
  readonly base: string;
  readonly type: string;
  readonly suffix: string;
  readonly limit: number;
}): string {
  const { base, suffix, limit } = parts;
  const type = parts.type.replace(/[^A-Za-z0-9_]/g, '_');
  const whole = base + type + suffix;
  if (whole.length < limit) return whole;
  const hash = murmur3Hex(type + suffix).slice(0, hashDigits);
  const room = limit - base.length - suffix.length - hashDigits;
  if (room > 0) return base + type.slice(0, room) + hash + suffix;
  return base + type.slice(0, Math.max(0, room + suffix.length)) + hash;
}

/** The end of a long agent name gives way to a hash of all of it. */
function shortened(agent: string, limit: number): string {
  const hash = murmur3Hex(agent);
  return agent.slice(0, limit - hash.length) + hash;
}
