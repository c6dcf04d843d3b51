import { normalText } from './kubectl-normal.ts';
import { type Outcome, type Way } from './kubectl-run.ts';
import { type Step } from './kubectl-script.ts';
import { type Comparison, differencesOf, surprisesOf, tableOf } from './kubectl-table.ts';

function aWay(name: string): Way {
  return { name, server: `https://${name}`, folder: `/home/${name}`, programFolders: [] };
}

function anOutcome(outcome: Partial<Outcome> = {}): Outcome {
  return { code: 0, stdout: '', stderr: '', meanwhile: '', ...outcome };
}

function aComparison(
  step: Partial<Step>,
  [first, second]: readonly [Partial<Outcome>, Partial<Outcome>],
): Comparison {
  return {
    step: { command: 'kubectl get pods', ...step },
    outcomes: [
      { way: aWay('direct'), outcome: anOutcome(first) },
      { way: aWay('gateway'), outcome: anOutcome(second) },
    ],
  };
}

describe(differencesOf, () => {
  it.each(['stdout', 'stderr', 'meanwhile'] as const)('finds another %s', (field) => {
    const [found] = differencesOf(aComparison({}, [{ [field]: 'one\n' }, { [field]: 'two\n' }]));

    expect(found).toBe(
      `$ kubectl get pods\n--- ${field}, direct:\none\n--- ${field}, gateway:\ntwo`,
    );
  });

  it('finds another exit code', () => {
    expect(differencesOf(aComparison({}, [{ code: 0 }, { code: 1 }]))).toHaveLength(1);
  });

  it('takes what each way is called by itself for the same', () => {
    const said = (name: string) => ({ stdout: `https://${name}/version in /home/${name}/x` });

    expect(differencesOf(aComparison({}, [said('direct'), said('gateway')]))).toEqual([]);
  });

  it('takes lines in another order for a difference, unless the step says otherwise', () => {
    const outcomes = [{ stdout: 'a\nb\n' }, { stdout: 'b\na\n' }] as const;

    expect(differencesOf(aComparison({}, outcomes))).toHaveLength(1);
    expect(differencesOf(aComparison({ lines: 'sorted' }, outcomes))).toEqual([]);
  });
});

describe(surprisesOf, () => {
  it('says when both ways fail alike', () => {
    const failed = { code: 1, stderr: 'refused' };

    const [surprise] = surprisesOf(aComparison({}, [failed, failed]));

    expect(surprise).toBe('$ kubectl get pods\nexit code 1 instead of 0:\nrefused');
  });

  it('says what was not said', () => {
    const step = { says: /Ready/ };

    expect(surprisesOf(aComparison(step, [{ stdout: 'NotYet' }, {}]))).toHaveLength(1);
    expect(surprisesOf(aComparison(step, [{ stdout: 'Ready' }, {}]))).toEqual([]);
  });
});

describe(tableOf, () => {
  it('has a line for each step', () => {
    const same = aComparison({ command: 'kubectl get a | wc -l' }, [{}, {}]);
    const different = aComparison({}, [{}, { code: 4 }]);

    expect(tableOf([same, different]).split('\n').slice(2, 4)).toEqual([
      '| 1 | `kubectl get a \\| wc -l` | 0 | 0 | same |',
      '| 2 | `kubectl get pods` | 0 | 4 | **different** |',
    ]);
  });
});

describe(normalText, () => {
  it.each([
    ['uid: 0b1e2c3d-0000-4000-8000-0123456789ab', 'uid: UID'],
    ['creationTimestamp: "2026-11-23T03:30:19Z"', 'creationTimestamp: "TIME"'],
    ['resourceVersion: "1234"', 'resourceVersion: "VERSION"'],
    ['web-7887448d46-57xhq', 'web-7887448d46-RANDOM'],
    ['web   1/1     Running   0          2m3s', 'web  1/1  Running  0  AGE'],
    ['5s (x3 over 7s)', 'AGE (x3 over AGE)'],
    ['clusterIP: 10.0.0.17', 'clusterIP: ADDRESS'],
  ])('takes chance out of %s', (text, expected) => {
    expect(normalText(text, { ownWords: [] })).toBe(expected);
  });

  it.each(['image: example/web:2', 'replicas: 3', 'timeout=30s', 'port: 80', '  two spaces first'])(
    'leaves %s as it is',
    (text) => {
      expect(normalText(text, { ownWords: [] })).toBe(text);
    },
  );
});
