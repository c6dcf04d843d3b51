/**
 * One script of all shell blocks of a page, as a reader would type them into one shell: variables,
 * files and the working directory of one block are those of the next. Pure.
 */
import type { FencedBlock } from './markdown-page.ts';
import { readBlockRun } from './shell-block.ts';

/** Functions that the script uses. */
const prelude = `#!/usr/bin/env bash
set -eo pipefail
background=()

# at PLACE: says where in the page we are.
at() { place=$1; echo "== $place"; }

# begin PATTERN COMMANDS: starts commands in a process group of their own, as a second terminal
# would, and waits until they have printed what they should.
begin() {
  log=$(mktemp)
  set -m
  (set +e; eval "$2") >"$log" 2>&1 </dev/null &
  set +m
  background+=($!)
  until grep -qE -- "$1" "$log"; do
    kill -0 $! 2>/dev/null || { cat "$log"; echo "ended before it printed: $1"; return 1; }
    sleep 0.1
  done
}

# interrupt: Ctrl-C for what was begun last; it must end in order.
interrupt() {
  local pid=\${background[-1]} code=0
  unset 'background[-1]'
  kill -INT -- "-$pid"
  wait "$pid" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 130 ] || { cat "$log"; echo "ended with $code"; return 1; }
}

finish() {
  local code=$?
  trap - EXIT
  [ "$code" -eq 0 ] || echo "FAILED at $place"
  while [ "\${#background[@]}" -gt 0 ]; do interrupt || code=1; done
  exit "$code"
}
trap finish EXIT
`;

/** The script of a page; `undefined` when nothing of it is to be run. */
export function shellScript(path: string, blocks: readonly FencedBlock[]): string | undefined {
  const parts = blocks.flatMap((block) => blockScript(`${path}:${block.line}`, block));
  return parts.length === 0 ? undefined : [prelude, ...parts].join('\n');
}

function blockScript(place: string, { meta, text }: FencedBlock): readonly string[] {
  const run = readBlockRun(meta);
  const here = `at ${quoted(place)}`;
  switch (run.kind) {
    case 'elsewhere':
      return [];
    case 'toTheEnd':
      return [`${here}\n${text}\n`];
    case 'background':
      return [`${here}\nbegin ${quoted(run.pattern)} ${quoted(text)}\n`];
    case 'until':
      return [`${here}\nbegin ${quoted(run.pattern)} ${quoted(text)}\ninterrupt\n`];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
