import { parseLabelSelector } from './label-selector.ts';

const labels = { app: 'web', tier: 'front', 'example.com/flag': '', weight: '10' };

describe(parseLabelSelector, () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=db', false],
    ['app!=db', true],
    ['app!=web', false],
    ['absent!=x', true],
    ['absent=x', false],
    ['app=web,tier=front', true],
    ['app=web,tier=back', false],
    ['app in (db, web)', true],
    ['app in (db)', false],
    ['app notin (db, web),tier=front', false],
    ['absent notin (x)', true],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    ['absent', false],
    ['example.com/flag=', true],
    ['example.com/flag', true],
    ['constructor', false],
    ['weight > 9', true],
    ['weight>10', false],
    ['weight<11', true],
    ['weight < 9,app', false],
    ['app > 1', false],
    ['absent > 1', false],
  ])('decides %j', (selector, isMatch) => {
    expect(parseLabelSelector(selector)?.(labels)).toBe(isMatch);
  });

  it.each(['a=b=c', 'a in b', 'a in (b', ',', 'a,,b', 'a > b', 'a <= 1', '=x'])(
    'refuses %j',
    (selector) => {
      expect(parseLabelSelector(selector)).toBeUndefined();
    },
  );
});
