import { jsonOf } from '../../tests/gateway-requests.ts';
import { aPodObject, ReadStand } from '../../tests/read-stand.ts';
import { storedObjects } from './stored-objects.ts';

interface List {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly object[];
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe(storedObjects, () => {
  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
    'shows all pages as of the first, whatever is committed between and during them (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const pick = (below: number): number => Math.floor(random() * below);
      const stand = new ReadStand();
      let version = 100;
      const change = (): Parameters<ReadStand['commit']>[0] => {
        version += 1;
        const [namespace, name] = [['a', 'b'][pick(2)]!, `x${pick(12)}`];
        return random() < 0.4
          ? { gone: [[`${namespace}/${name}`, version]], checkpoint: version }
          : { put: [aPodObject(name, version, { namespace })], checkpoint: version };
      };
      for (let at = 0; at < 20; at += 1) await stand.commit(change());
      const target = `/api/v1/pods?fairlead=cache`;
      const whole = await jsonOf<List>(await stand.ask(target));

      const items: object[] = [];
      for (let token: string | undefined = ''; token !== undefined;) {
        const more = token === '' ? '' : `&continue=${token}`;
        const { end } = await stand.beginCommit(token === '' ? {} : change());
        const asked = stand.ask(`${target}&limit=${1 + pick(4)}${more}`);
        for (let turn = pick(12); turn > 0; turn -= 1) await Promise.resolve();
        end();
        const page: List = await jsonOf<List>(await asked);
        items.push(...page.items);
        token = page.metadata.continue;
        await stand.commit(change());
      }

      expect(items).toEqual(whole.items);
    },
  );
});
