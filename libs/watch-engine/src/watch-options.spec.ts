import { WatchEngineError } from './watch-engine-error.ts';
import { DEFAULT_TUNING, resolveWatchOptions } from './watch-options.ts';

describe(resolveWatchOptions, () => {
  it('fills in defaults and freezes the outcome', () => {
    const resolved = resolveWatchOptions({ tuning: { pageLimit: 7 } });

    expect(resolved).toMatchObject({ kinds: [], onlySpinnakerManaged: false });
    expect(resolved.tuning).toEqual({ ...DEFAULT_TUNING, pageLimit: 7 });
    expect(Object.isFrozen(resolved)).toBe(true);
    expect(Object.isFrozen(resolved.tuning)).toBe(true);
  });

  it('names every problem at once', () => {
    const options = {
      kinds: [''],
      onlyNamespacedResources: true,
      customResourceDefinitions: [{ kind: 'CronTab' }],
      tuning: { pageLimit: 0, watchTimeoutMinSeconds: 700, backoffBaseMs: 99_000 },
    };

    expect(() => resolveWatchOptions(options)).toThrow(WatchEngineError);
    expect(() => resolveWatchOptions(options)).toThrow(
      'kinds and namespaces must not be empty words; onlyNamespacedResources needs namespaces; ' +
        "customResourceDefinitions: 'CronTab' names no group; pageLimit must be above 0; " +
        'watchTimeoutMinSeconds must not be above watchTimeoutMaxSeconds; ' +
        'backoffBaseMs must not be above backoffMaxMs',
    );
  });
});
