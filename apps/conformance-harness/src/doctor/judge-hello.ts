// What a bridge's answer to hello means for the agent that will say it.
import { compileNameGlobs } from '@fairlead/service-kit';
import { type Finding, findingsOf } from './finding.ts';
import { type HelloOutcome } from './hello-client.ts';

/** Who says hello. */
export interface HelloFrom {
  /** What is shown, in words: `a token from clouddriver.auth.tokenFile`. */
  readonly shown: string;
  /** Names of the accounts that will be registered. */
  readonly accounts: readonly string[];
}

const { ok, warn, fail } = findingsOf('bridge');

/** Judges the answer: whether the agent gets in, and with which names. */
export function judgeHello(outcome: HelloOutcome, from: HelloFrom): readonly Finding[] {
  switch (outcome.kind) {
    case 'welcome':
      return [
        ok('login', `bridge ${outcome.bridgeId} lets the agent in, with ${from.shown}`),
        ...judgeNames(outcome.accountNames, from.accounts),
      ];
    case 'refused':
      return [
        fail('login', `the bridge refuses: ${outcome.reason}`, 'run the same release on both'),
      ];
    case 'silent':
      return [fail('login', 'the bridge does not answer', 'look at its log and its /readyz')];
    case 'failed':
      return [judgeFailure(outcome, from)];
  }
}

function judgeFailure(
  { status, details }: Extract<HelloOutcome, { kind: 'failed' }>,
  { shown }: HelloFrom,
): Finding {
  switch (status) {
    case 'UNAUTHENTICATED':
      return fail(
        'login',
        `the bridge does not let in whoever shows ${shown}`,
        'give the bridge a rule in auth.agents for it; its log says "link refused" with the reason',
      );
    case 'UNIMPLEMENTED':
      return fail(
        'login',
        'what answers speaks gRPC and is no bridge of Fairlead',
        'see what listens there: Clouddriver with the plugin of the agent before, or another service',
      );
    case 'RESOURCE_EXHAUSTED':
      return fail('login', `the bridge has no room: ${details}`, 'see limits and its log');
    case 'UNAVAILABLE':
      return fail(
        'login',
        `no connection: ${details}`,
        'see the checks above; is the bridge ready?',
      );
    default:
      return fail('login', `${status}: ${details}`, 'look at the log of the bridge');
  }
}

function judgeNames(patterns: readonly string[], accounts: readonly string[]): readonly Finding[] {
  if (accounts.length === 0) {
    return [warn('accounts', 'no account is configured', 'add one under kubernetes.accounts')];
  }
  if (patterns.length === 0) {
    const what = 'this bridge does not say which account names are allowed';
    return [warn('accounts', what, 'see the state of the accounts when the agent runs')];
  }
  const isAllowed = compileNameGlobs(patterns);
  const refused = accounts.filter((name) => !isAllowed(name));
  if (refused.length === 0) {
    const all =
      accounts.length === 1 ? 'its name is allowed' : `all ${accounts.length} names are allowed`;
    return [ok('accounts', all)];
  }
  const what = `may not register ${refused.join(', ')}: allowed are ${patterns.join(', ')}`;
  return [fail('accounts', what, 'add the names to accounts of the rule in auth.agents')];
}
