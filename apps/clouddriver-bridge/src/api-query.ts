/** What may stand in the query of a request, checked and typed. */
import { z } from 'zod';
import { ApiError } from './problem-details.ts';

const limit = z.coerce.number().int().min(1).max(1000).default(100);
const text = z.string().optional();

const pageSchema = z.strictObject({ limit, continue: text });

const searchSchema = z.strictObject({
  account: text,
  kind: text,
  namespace: text,
  name: text,
  application: text,
  q: text,
  labelSelector: text,
  include: z.literal('manifest').optional(),
  limit,
  continue: text,
});

const letterPageSchema = z.strictObject({ account: text, limit, continue: text });

const eventsSchema = z.strictObject({ account: text, kind: text, namespace: text });

/** Query of a list. */
export type PageQuery = z.output<typeof pageSchema>;
/** Query of a search. */
export type ObjectsQuery = z.output<typeof searchSchema>;

/** Reads the query of a list; throws {@link ApiError} 400. */
export function readPageQuery(query: unknown): PageQuery {
  return read(pageSchema, query);
}

/** Reads the query of a list of dead letters; throws {@link ApiError} 400. */
export function readLetterQuery(query: unknown): z.output<typeof letterPageSchema> {
  return read(letterPageSchema, query);
}

/** Reads the query of the stream of changes; throws {@link ApiError} 400. */
export function readEventsQuery(query: unknown): z.output<typeof eventsSchema> {
  return read(eventsSchema, query);
}

/** Reads the query of a search; throws {@link ApiError} 400. */
export function readObjectsQuery(query: unknown): ObjectsQuery {
  return read(searchSchema, query);
}

/** A place in a list as a `continue`. */
export function encodePlace(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place of a `continue`, of so many parts; throws {@link ApiError} 400. */
export function decodePlace(token: string, parts: number): readonly string[] {
  const place = z.array(z.string()).length(parts).safeParse(parseJson(token));
  if (place.success) return place.data;
  throw new ApiError(400, 'continue: not one that a page has given');
}

function parseJson(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    // Told by the caller.
    return undefined;
  }
}

/** A page of names, and the `continue` that leads to the next. */
export function pageOf(
  sortedNames: readonly string[],
  query: PageQuery,
): { readonly names: readonly string[]; readonly continue?: string } {
  const after = query.continue === undefined ? undefined : decodeName(query.continue);
  const rest = after === undefined ? sortedNames : sortedNames.filter((name) => name > after);
  const names = rest.slice(0, query.limit);
  const last = names.at(-1);
  if (last === undefined || names.length === rest.length) return { names };
  return { names, continue: Buffer.from(last).toString('base64url') };
}

function decodeName(token: string): string {
  const name = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(name).toString('base64url') === token) return name;
  throw new ApiError(400, 'continue: not one that a page has given');
}

function read<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ApiError(400, details.join('; ').replace(/^: /, ''));
}
