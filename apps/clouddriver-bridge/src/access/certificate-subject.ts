/** Whether a client certificate's subject is the one that a rule names. */
import { compileNameGlob } from '@fairlead/service-kit';

/** A subject as Node.js gives it: `{ CN: 'agent-1', O: 'team-a', OU: ['x', 'y'] }`. */
export type CertificateSubject = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A predicate for `CN=agent-*,O=team-a`: every attribute named must match, order does not count. */
export function compileSubjectPattern(pattern: string): (subject: CertificateSubject) => boolean {
  const attributes = pattern.split(/,(?=\s*[A-Za-z0-9.]+=)/).map((attribute) => {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, equals).trim().toUpperCase();
    return { name, matches: compileNameGlob(attribute.slice(equals + 1).trim()) };
  });
  return (subject) =>
    attributes.every(({ name, matches }) =>
      valuesOf(subject, name).some((value) => matches(value)),
    );
}

/** The subject in one line, for logs. */
export function formatSubject(subject: CertificateSubject): string {
  const parts = Object.keys(subject).map((name) => `${name}=${valuesOf(subject, name).join('+')}`);
  return parts.join(',');
}

function valuesOf(subject: CertificateSubject, name: string): readonly string[] {
  const key = Object.keys(subject).find((each) => each.toUpperCase() === name.toUpperCase());
  const value = key === undefined ? undefined : subject[key];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
