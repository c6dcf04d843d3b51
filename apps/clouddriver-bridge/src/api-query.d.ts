/** What may stand in the query of a request, checked and typed. */
import { z } from 'zod';
declare const pageSchema: z.ZodObject<{
    limit: z.ZodDefault<z.ZodCoercedNumber<unknown>>;
    continue: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
declare const searchSchema: z.ZodObject<{
    account: z.ZodOptional<z.ZodString>;
    kind: z.ZodOptional<z.ZodString>;
    namespace: z.ZodOptional<z.ZodString>;
    name: z.ZodOptional<z.ZodString>;
    application: z.ZodOptional<z.ZodString>;
    q: z.ZodOptional<z.ZodString>;
    labelSelector: z.ZodOptional<z.ZodString>;
    include: z.ZodOptional<z.ZodLiteral<"manifest">>;
    limit: z.ZodDefault<z.ZodCoercedNumber<unknown>>;
    continue: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
declare const letterPageSchema: z.ZodObject<{
    account: z.ZodOptional<z.ZodString>;
    limit: z.ZodDefault<z.ZodCoercedNumber<unknown>>;
    continue: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
declare const eventsSchema: z.ZodObject<{
    account: z.ZodOptional<z.ZodString>;
    kind: z.ZodOptional<z.ZodString>;
    namespace: z.ZodOptional<z.ZodString>;
}, z.core.$strict>;
/** Query of a list. */
export type PageQuery = z.output<typeof pageSchema>;
/** Query of a search. */
export type ObjectsQuery = z.output<typeof searchSchema>;
/** Reads the query of a list; throws {@link ApiError} 400. */
export declare function readPageQuery(query: unknown): PageQuery;
/** Reads the query of a list of dead letters; throws {@link ApiError} 400. */
export declare function readLetterQuery(query: unknown): z.output<typeof letterPageSchema>;
/** Reads the query of the stream of changes; throws {@link ApiError} 400. */
export declare function readEventsQuery(query: unknown): z.output<typeof eventsSchema>;
/** Reads the query of a search; throws {@link ApiError} 400. */
export declare function readObjectsQuery(query: unknown): ObjectsQuery;
/** A place in a list as a `continue`. */
export declare function encodePlace(place: readonly string[]): string;
/** The place of a `continue`, of so many parts; throws {@link ApiError} 400. */
export declare function decodePlace(token: string, parts: number): readonly string[];
/** A page of names, and the `continue` that leads to the next. */
export declare function pageOf(sortedNames: readonly string[], query: PageQuery): {
    readonly names: readonly string[];
    readonly continue?: string;
};
export {};
//# sourceMappingURL=api-query.d.ts.map