/** A subject as Node.js gives it: `{ CN: 'agent-1', O: 'team-a', OU: ['x', 'y'] }`. */
export type CertificateSubject = Readonly<Record<string, string | readonly string[] | undefined>>;
/** A predicate for `CN=agent-*,O=team-a`: every attribute named must match, order does not count. */
export declare function compileSubjectPattern(pattern: string): (subject: CertificateSubject) => boolean;
/** The subject in one line, for logs. */
export declare function formatSubject(subject: CertificateSubject): string;
//# sourceMappingURL=certificate-subject.d.ts.map