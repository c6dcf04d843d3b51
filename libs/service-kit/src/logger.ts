/**
 * Structured logs: one JSON object per line, or coloured lines for a person at a terminal.
 * Level names of other tools (`panic`, `WARNING`, ...) are understood, so that their files work.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { z } from 'zod';

export type { Logger } from 'pino';

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** Program name, the field `name` of every line. */
  readonly name: string;
  /** See {@link logLevelSchema}. @defaultValue 'info' */
  readonly level?: LogLevel;
  /** `text` and `pretty` are the same. @defaultValue pretty on a terminal, else json */
  readonly format?: 'json' | 'text' | 'pretty';
  /** File to append to instead of stdout; its directory is made. */
  readonly file?: string;
  /** With `file`: write to stdout as well. @defaultValue false */
  readonly alsoStdout?: boolean;
  /** Fields of every line. @defaultValue none */
  readonly fields?: Readonly<Record<string, string>>;
  /** Where lines go instead of stdout or `file`; for tests. */
  readonly destination?: DestinationStream;
}

/** Levels of this logger. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

const levelNames: Readonly<Record<string, LogLevel>> = {
  panic: 'fatal',
  fatal: 'fatal',
  error: 'error',
  warning: 'warn',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
  silent: 'silent',
};

/** A level by any of its names, letter case ignored. */
export const logLevelSchema: z.ZodType<LogLevel, string> = z
  .string()
  .transform((name, context): LogLevel => {
    const level = levelNames[name.toLowerCase()];
    if (level !== undefined) return level;
    const names = Object.keys(levelNames).join(', ');
    context.addIssue({ code: 'custom', message: `must be one of ${names}` });
    return z.NEVER;
  });

/** Nothing secret is logged on purpose; these paths are covered in case somebody slips. */
const redactedPaths = ['token', 'password', 'authorization', 'kubeconfig', 'privateKey'].flatMap(
  (name) => [name, `*.${name}`, `*.*.${name}`],
);

/** A logger; flushes by itself, also at exit. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      base: { name: options.name, ...options.fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    options.destination ?? chooseDestination(options),
  );
}

function chooseDestination(options: LoggerOptions): DestinationStream {
  const { file, alsoStdout = false } = options;
  if (file === undefined) return stdoutStream(options.format);
  const stream = pino.destination({ dest: file, mkdir: true, sync: true });
  if (!alsoStdout) return stream;
  const level = options.level === 'silent' ? 'fatal' : (options.level ?? 'info');
  return pino.multistream([
    { level, stream },
    { level, stream: stdoutStream(options.format) },
  ]);
}

function stdoutStream(format: LoggerOptions['format']): DestinationStream {
  const isPretty = format === undefined ? process.stdout.isTTY : format !== 'json';
  if (!isPretty) return pino.destination({ dest: 1, sync: true });
  return pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', sync: true });
}
