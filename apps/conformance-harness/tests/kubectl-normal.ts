/**
 * Takes out of what kubectl says whatever differs between two equal clusters: ids, times, versions,
 * addresses, random parts of names. Pure.
 */

import { type ComparedLines } from './kubectl-script.ts';

type Rule = readonly [pattern: RegExp, replacement: string];

const rules: readonly Rule[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [+-]\d{4}( \w+)?)?/g, 'TIME'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME'],
  // klog's header: severity, date, time, thread.
  [/\b[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /g, 'KLOG '],
  [/(resourceVersion\\?"?: ?\\?"?)\d+/g, '$1VERSION'],
  // Pods of replica sets and jobs; the ReplicaSet's own hash follows from its template.
  [/\b((?:web|greet)-[0-9a-f]{6,10}|once|by-hand|web)-[a-z0-9]{5}\b/g, '$1-RANDOM'],
  [/\b10\.(0|244)\.\d+\.\d+\b/g, 'ADDRESS'],
  [/(127\.0\.0\.1|localhost|\[::1\]):\d+/g, '$1:PORT'],
  [/((?:Port|port)\\?"?:\s*)\d{5}\b/g, '$1PORT'],
  [/(Handling connection for )\d+/g, '$1PORT'],
  // Said or not when a command ends in the moment in which its terminal is connected.
  [/^KLOG .*websocket: close sent"\n/gm, ''],
  // ctime, as Helm prints it.
  [/\b\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\b/g, 'TIME'],
  [/(X509SHA256=)[0-9a-f]+/g, '$1DIGEST'],
  // What script(1) types when its own input has ended.
  [/\^@|\^D\x08\x08/g, ''],
  [/\b(LIVE|MERGED)-\d+/g, '$1-RANDOM'],
  [/kubectl-edit-\d+/g, 'kubectl-edit-RANDOM'],
  // Ages, such as 5s, 2m3s and 1h, alone or in `5s (x3 over 7s)`.
  [/(?<![\w.=-])(?:\d+[smhd]){1,2}(?![\w-])/g, 'AGE'],
  [/<invalid>/g, 'AGE'],
  // Columns are as wide as what stands in them.
  [/(?<=\S)(?: {2,}| *\t)/g, '  '],
  [/ +$/gm, ''],
];

/** What to leave out beside that. */
export interface NormalOptions {
  /** What the way is called by itself: URL of the server, folder of the files. */
  readonly ownWords: readonly string[];
  /** @defaultValue 'all' */
  readonly lines?: ComparedLines | undefined;
}

/** The text with what differs by chance replaced by what it is. */
export function normalText(text: string, { ownWords, lines = 'all' }: NormalOptions): string {
  const general = ownWords.reduce((said, word) => said.replaceAll(word, 'HERE'), text);
  const replaced = rules.reduce(
    (said, [pattern, replacement]) => said.replaceAll(pattern, replacement),
    general,
  );
  return comparedLines[lines](replaced.trimEnd().split('\n')).join('\n');
}

const comparedLines: Readonly<
  Record<ComparedLines, (lines: readonly string[]) => readonly string[]>
> = {
  all: (lines) => lines,
  sorted: (lines) => lines.toSorted(),
  distinct: (lines) => [...new Set(lines)].sort(),
  last: (lines) => lines.slice(-1),
};
