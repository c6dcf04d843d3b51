/** Rows out of parameters that are arrays, one for each column. */

/**
 * A subquery with these columns from the parameters on that begin with `$first`, which must be as
 * long as each other. Functions in a select list are read row by row; in `FROM` each would first be
 * copied as a whole, which costs a tenth of what inserting Pods does (measured).
 * @see https://www.postgresql.org/docs/current/xfunc-sql.html#XFUNC-SQL-FUNCTIONS-RETURNING-SET
 */
export function rowsOfArrays(first: number, columns: readonly string[]): string {
  const list = columns.map((column, at) => `unnest($${first + at}::text[]) AS ${column}`);
  return `(SELECT ${list.join(', ')})`;
}
