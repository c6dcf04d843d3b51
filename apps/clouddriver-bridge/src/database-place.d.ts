/** Which database a URL means, in words for probes and logs: never with its user or password. */
/** `postgres at db.example:5432`, `embedded in ./fairlead-data`; without an address if it is unclear. */
export declare function databasePlace(url: string): string;
//# sourceMappingURL=database-place.d.ts.map