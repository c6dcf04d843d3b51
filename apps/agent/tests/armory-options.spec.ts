/** Every option that Armory documents for its agent: it works here, or a warning says why it need not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfigProblem, readConfig } from '@fairlead/service-kit';
import { agentConfigDefinition } from '../src/config.ts';
import { armoryOptions, type ArmoryOption } from './armory-options.ts';

type Steps = readonly (string | number)[];

/** `kubernetes.accounts[].name` as steps; `[]` is the first item. */
const stepsOf = (name: string): Steps =>
  name.split('.').flatMap((part) => (part.endsWith('[]') ? [part.slice(0, -2), 0] : [part]));

interface AgentFile {
  clouddriver?: { auth?: { tokenCommand?: Record<string, unknown> } };
  kubernetes?: { accounts?: Account[] };
}

interface Account {
  name?: string;
  serviceAccount?: boolean;
  onlyNamespacedResources?: boolean;
  namespaces?: string[];
  customResourceDefinitions?: { kind?: string }[];
}

/** The smallest file that gives the option and has what the option cannot do without. */
function fileWith({ name, given }: ArmoryOption): string {
  const file = stepsOf(name).reduceRight<unknown>(
    (value, step) => (typeof step === 'number' ? [value] : { [step]: value }),
    given,
  ) as AgentFile;
  for (const account of file.kubernetes?.accounts ?? []) completeAccount(account);
  const tokenCommand = file.clouddriver?.auth?.tokenCommand;
  if (tokenCommand !== undefined) Object.assign(tokenCommand, { command: 'a', ...tokenCommand });
  return JSON.stringify(file);
}

function completeAccount(account: Account): void {
  const hasFile = Object.keys(account).some((key) => key.toLowerCase() === 'kubeconfigfile');
  account.name ??= 'a';
  if (!hasFile) account.serviceAccount = true;
  if (account.onlyNamespacedResources === true) account.namespaces = ['a'];
  for (const definition of account.customResourceDefinitions ?? []) {
    definition.kind ??= 'A.example.com';
  }
}

const at = (value: unknown, steps: Steps): unknown =>
  steps.reduce((inner, step) => (inner as Record<string | number, unknown>)[step], value);

describe('an option of the agent that went before', () => {
  it.each(armoryOptions.map((option) => [option.name, option] as const))('%s', (_name, option) => {
    const text = fileWith(option);

    const result = readConfig(agentConfigDefinition, [{ source: 'agent.yaml', text }], {});

    const said = result.problems.map(formatConfigProblem);
    if (result.kind === 'invalid') throw new Error(said.join('\n'));
    if (option.outcome.kind === 'supported') {
      expect(said).toEqual([]);
      expect(at(result.config, stepsOf(option.outcome.path))).toEqual(option.outcome.value);
    } else {
      expect(said).toEqual([expect.stringContaining(': warning: ')]);
      expect(said[0]).toContain(': not needed: ');
      expect(said[0]).toContain(option.outcome.words);
    }
  });

  it('is in the table once', () => {
    const names = armoryOptions.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });
});

/** Options in the first column of a table, `.*` standing for all below. */
function optionsIn(text: string): RegExp[] {
  const cells = [...text.matchAll(/^\| ([^|]+)\|/gm)].map(([, cell]) => cell!);
  const names = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  return names.map((name) => {
    const literal = name.replaceAll(/[.[\]]/g, '\\$&').replaceAll('*', '.+');
    return new RegExp(`^${literal}$`);
  });
}

describe('moving-from-armory.md', () => {
  const named = optionsIn(
    readFileSync(join(__dirname, '../../../docs/moving-from-armory.md'), 'utf8'),
  );

  it.each(armoryOptions.map(({ name }) => name))('says what becomes of %s', (name) => {
    expect(named.some((pattern) => pattern.test(name))).toBe(true);
  });
});
