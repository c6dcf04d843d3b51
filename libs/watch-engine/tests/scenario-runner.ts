/**
 * Runs a scenario file against the feed machine: each `>` line is an input, the lines below it are
 * the effects and, after `=`, the public status that must come of it. Time stands still but for
 * `+10s` before an input. The line `feed`
 * says what is known at the start. The grammar is what `readInput` and `tellEffect` below can read and say.
 */
import type { FeedEffect, FeedInput, FeedMachineState, FeedStep } from '../src/feed-state.ts';
import { statusOf } from '../src/feed-state.ts';
import { startFeed, stepFeed } from '../src/feed-machine.ts';
import { MANAGED_ANNOTATION, objectFilter } from '../src/object-filter.ts';
import { DEFAULT_TUNING } from '../src/watch-options.ts';
import { aPod } from '../src/testing/index.ts';

/** One input of a scenario: what the file says comes of it, and what really does. */
export interface ScenarioStep {
  readonly line: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

interface Parsed {
  readonly words: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
}

const START_MS = 1_000_000;

/** Runs the text of a scenario file. */
export function runScenario(text: string): readonly ScenarioStep[] {
  const lines = text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trimEnd());
  const told = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const feed = parse(told.find((line) => line.startsWith('feed'))?.slice(4) ?? '');
  const streaming = { isOffered: feed.words.includes('streaming') };
  const filter = objectFilter({
    namespaces: [],
    omitNamespaces: (feed.fields.get('omit') ?? '').split(','),
    onlySpinnakerManaged: feed.words.includes('onlyManaged'),
  });
  const config = () => ({
    tuning: DEFAULT_TUNING,
    filter,
    streamingLists: streaming.isOffered,
  });
  let nowMs = START_MS;
  /**
   * `steady`: asked where it is, the server is there, and the story says nothing of it;
   * `unlocatable`: it does not answer that question.
   */
  const answering = (step: FeedStep): FeedStep => {
    const question = step.effects.find((effect) => effect.kind === 'locate');
    const answer = feed.words.find((word) => word === 'steady' || word === 'unlocatable');
    if (question === undefined || answer === undefined) return step;
    const resourceVersion = answer === 'steady' ? question.floor : '';
    const located = { kind: 'located', resourceVersion, atMs: nowMs } as const;
    const next = stepFeed(step.state, located, config());
    const before = step.effects.filter((effect) => effect !== question);
    return { state: next.state, effects: [...before, ...next.effects] };
  };
  let state: FeedMachineState = startFeed(
    { resourceVersion: feed.fields.get('checkpoint') ?? '', atMs: nowMs },
    config(),
  );
  const steps: { line: string; expected: string[]; actual: readonly string[] }[] = [];
  for (const line of told) {
    if (line.startsWith('>')) {
      const { words, fields } = parse(line.slice(1));
      const pause = /^\+(\d+)s$/.exec(words[0] ?? '');
      nowMs += Number(pause?.[1] ?? 0) * 1000;
      const input = readInput({ words: pause ? words.slice(1) : words, fields }, nowMs);
      const step = answering(stepFeed(state, input, config()));
      state = step.state;
      if (step.effects.some(({ kind }) => kind === 'noteStreamingRefused')) {
        streaming.isOffered = false;
      }
      steps.push({
        line,
        expected: [],
        actual: [...step.effects.map(tellEffect), tellState(state)],
      });
    } else if (!line.startsWith('feed')) steps.at(-1)?.expected.push(line.trim());
  }
  return steps;
}

function parse(text: string): Parsed {
  const parts = text.trim().match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const fields = new Map<string, string>();
  const words: string[] = [];
  for (const part of parts) {
    const [, name, value] = /^([a-zA-Z]+)=(.*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) words.push(part);
    else fields.set(name, value.replaceAll('"', ''));
  }
  return { words, fields };
}

function readInput({ words, fields }: Parsed, atMs: number): FeedInput {
  const [kind = '', first = '', second = ''] = words;
  switch (kind) {
    case 'discovered':
    case 'retire':
    case 'woke':
    case 'opened':
      return { kind, atMs };
    case 'refused':
      return {
        kind,
        status: Number(first),
        reason: second,
        message: fields.get('message') ?? '',
        retryAfterMs: Number((fields.get('retryAfter') ?? '0').replace('s', '')) * 1000,
        atMs,
      };
    case 'item':
      return { kind, object: readObject(first, { words, fields }), atMs };
    case 'added':
    case 'modified':
    case 'deleted':
      return {
        kind: 'changed',
        change: kind,
        object: readObject(first, { words, fields }),
        atMs,
      };
    case 'listed':
      return {
        kind,
        resourceVersion: first,
        continueToken: fields.get('continue') ?? '',
        atMs,
      };
    case 'bookmark':
      return { kind, resourceVersion: first, initialEventsEnd: words.includes('end'), atMs };
    case 'located':
      return { kind, resourceVersion: first, atMs };
    case 'unreadable': {
      const [namespace = '', name = ''] = first.split('/');
      return { kind, namespace, name, atMs };
    }
    case 'unidentified':
      return { kind, atMs };
    case 'malformed':
      return { kind: 'malformedEvent', atMs };
    case 'closed':
    case 'idle':
    case 'truncated':
    case 'network':
      return { kind: 'broken', cause: kind, detail: first, atMs };
    default:
      throw new Error(`no such input: ${words.join(' ')}`);
  }
}

function readObject(text: string, { words, fields }: Parsed): ReturnType<typeof aPod> {
  const [, namespace = 'default', name = '', resourceVersion = ''] =
    /^(?:([^/]+)\/)?([^@]+)@(\d+)$/.exec(text) ?? [];
  return aPod({
    ...(namespace === '' ? {} : { namespace }),
    name,
    resourceVersion,
    uid: fields.get('uid') ?? 'uid-1',
    annotations: new Map(words.includes('managed') ? [[MANAGED_ANNOTATION, 'app']] : []),
  });
}

function tellEffect(effect: FeedEffect): string {
  switch (effect.kind) {
    case 'emit': {
      const { delta } = effect;
      if (delta.kind === 'init') return 'emit init';
      if (delta.kind === 'initKept') return `emit initKept ${delta.namespace}/${delta.name}`;
      if (!('object' in delta)) {
        const isIncomplete = delta.kind === 'initDone' && !delta.isComplete;
        return `emit ${delta.kind} @${delta.resourceVersion}${isIncomplete ? ' incomplete' : ''}`;
      }
      const { namespace, name, resourceVersion, uid } = delta.object;
      const id = uid === 'uid-1' ? '' : ` uid=${uid}`;
      return `emit ${delta.kind} ${namespace}/${name}@${resourceVersion}${id}`;
    }
    case 'locate':
      return `locate, at least ${effect.floor}`;
    case 'list': {
      const { via, pageLimit, continueToken, notOlderThan } = effect.request;
      const limit = via === 'stream' ? '' : pageLimit === 0 ? ' whole' : ` limit=${pageLimit}`;
      const token = continueToken === '' ? '' : ` continue=${continueToken}`;
      const bound = notOlderThan === '' ? '' : ` notOlderThan=${notOlderThan}`;
      return `list ${via}${limit}${token}${bound}`;
    }
    case 'watch':
      return `watch since=${effect.resourceVersion}`;
    case 'sleep':
      return `sleep ${effect.minMs}..${effect.maxMs} ms`;
    case 'countStart':
      return `count start ${effect.mode}`;
    case 'countRelist':
      return `count relist ${effect.reason}`;
    case 'noteStreamingRefused':
      return 'note: this server does not stream lists';
    case 'reloadCredentials':
    case 'rediscover':
    case 'stop':
      return effect.kind;
  }
}

function tellState(state: FeedMachineState): string {
  const { state: name, reason, sinceMs } = statusOf(state);
  const age = (sinceMs - START_MS) / 1000;
  const since = age === 0 || reason === '' ? '' : ` since +${age}s`;
  return reason === '' ? `= ${name}` : `= ${name} (${reason})${since}`;
}
