/**
 * A process of a benchmark that is asked things by its parent over Node's own IPC: each question is
 * answered once, in any order. The child ends with its parent.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A running child. */
export interface AskedProcess extends AsyncDisposable {
  readonly pid: number;
  /** Asks; rejects with the child's error, or when it ends before it has answered. */
  ask(question: string, value?: unknown): Promise<unknown>;
}

/** What a child answers, by question. */
export type Answers = Readonly<Record<string, (value: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly question: string;
  readonly value: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Programs are run as built: Node cannot follow our imports to other rooms' sources. */
const builtFolder = new URL('../../dist/watch-bench/', import.meta.url);

/** Starts `dist/watch-bench/NAME.js`. */
export function startAskedProcess(name: string, nodeArgs: readonly string[] = []): AskedProcess {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(fileURLToPath(new URL(`${name}.js`, builtFolder)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', ...nodeArgs],
    env,
  });
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (e: Error) => void }
  >();
  let nextId = 0;
  child.on('message', ({ id, value, error }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(`${name}: ${error}`));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`${name} ended: ${String(signal ?? code)}`));
    }
    waiting.clear();
  });
  return {
    get pid() {
      return child.pid ?? 0;
    },
    ask: (question, value) =>
      new Promise((resolve, reject) => {
        nextId += 1;
        waiting.set(nextId, { resolve, reject });
        child.send({ id: nextId, question, value } satisfies Question, (error) => {
          if (error !== null) reject(error);
        });
      }),
    [Symbol.asyncDispose]: () => ended(child),
  };
}

/** In the child: answers until the parent is gone. */
export function answerQuestions(answers: Answers): void {
  process.on('message', ({ id, question, value }: Question) => {
    void answerOne(answers, { id, question, value }).then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => process.exit(0));
}

async function answerOne(answers: Answers, { id, question, value }: Question): Promise<Answer> {
  try {
    const answer = answers[question];
    if (answer === undefined) throw new Error(`cannot answer ${question}`);
    return { id, value: await answer(value as never) };
  } catch (error: unknown) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
