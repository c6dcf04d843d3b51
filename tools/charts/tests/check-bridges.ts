/**
 * Run by Node itself: `fairlead-bridge --check` of several configurations, in one process, since
 * loading the program takes far longer than checking. Arguments: the module with the program, then
 * for each configuration a file and its environment as JSON. Ends each one's words with `exit CODE`.
 */
interface Program {
  runBridgeProgram(args: readonly string[]): Promise<number>;
}

const machine = { ...process.env };
const [program = '', ...args] = process.argv.slice(2);
const { runBridgeProgram } = (await import(program)) as Program;
for (let at = 0; at < args.length; at += 2) {
  const [file = '', env = '{}'] = args.slice(at, at + 2);
  process.env = { ...machine, ...(JSON.parse(env) as Record<string, string>) };
  const code = await runBridgeProgram(['--config', file, '--check']);
  process.stdout.write(`exit ${String(code)}\n`);
}

export {};
