/** The vectors by themselves, without registers: what is sent, what is pending, and what of that the settings decide. */
import { describe, expect, it } from 'vitest';
import { CONFIG, queueSource, type VectorOptions, Vectors } from '../../reference-device/vectors.ts';

const [Q0, Q1, Q2] = [0, 1, 2].map(queueSource) as [number, number, number];

/** Three queues and the configuration, none mapped; entry v holds v in every dword; every vector unmasked. */
function make(options: Partial<VectorOptions> = {}) {
  const sent: number[][] = [];
  const vectors = new Vectors({
    count: 4,
    sources: 4,
    maskedAtReset: false,
    fetch: 'send',
    unmapClears: false,
    entriesAfterReset: 'zero',
    mappable: Number.POSITIVE_INFINITY,
    send: (...message) => sent.push(message),
    ...options,
  });
  for (let v = 0; v < vectors.count; v++) program(vectors, v, v);
  return { vectors, sent, pending: () => [...range(vectors.count)].filter((v) => vectors.pending.get(v)) };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, v) => v);
}

function program(vectors: Vectors, v: number, value: number): void {
  vectors.writeLow(v, value);
  vectors.writeHigh(v, value);
  vectors.writeData(v, value);
}

describe('as built, and after a reset alike', () => {
  it.each(['built', 'reset'])('%s: masked as the layout has it, nothing pending, mapped or held', (how) => {
    for (const maskedAtReset of [true, false]) {
      const { vectors, pending, sent } = make({ maskedAtReset, entriesAfterReset: 'keep' });
      if (how === 'reset') {
        vectors.map(Q0, 1);
        vectors.setMask(1, true);
        vectors.notify(Q0);
        vectors.hold(true);
        vectors.reset();
      }
      expect(pending()).toEqual([]);
      expect(range(4).map((v) => vectors.masks.get(v))).toEqual(Array(4).fill(maskedAtReset));
      expect(range(4).map((source) => vectors.mapped(source))).toEqual(Array(4).fill(undefined));
      vectors.map(Q0, 1);
      vectors.setMask(1, false);
      vectors.notify(Q0);
      expect(sent).toEqual([[1, 1, 1]]);
    }
  });

  const entries = (vectors: Vectors) =>
    range(4).map((v) => [vectors.readLow(v), vectors.readHigh(v), vectors.readData(v)]);

  it('entries are zeroed, kept or garbage, as the device decides', () => {
    const after = (entriesAfterReset: VectorOptions['entriesAfterReset']) => {
      const { vectors } = make({ entriesAfterReset });
      vectors.reset();
      return entries(vectors);
    };
    expect(after('zero')).toEqual(range(4).map(() => [0, 0, 0]));
    expect(after('keep')).toEqual(range(4).map((v) => [v, v, v]));
    const garbage = after('garbage');
    expect(new Set(garbage.flat()).size).toBe(4);
    expect(garbage.flat()).not.toContain(0);
    for (const [low, high, data] of garbage) expect([high, data]).toEqual([low, low]);
  });

  it('entries of a device that has garbage have it from the first on', () => {
    const built = (entriesAfterReset: VectorOptions['entriesAfterReset']) =>
      entries(new Vectors({ ...make().vectors.options, entriesAfterReset })).flat();
    expect(built('zero')).toEqual(Array(12).fill(0));
    expect(built('keep')).toEqual(Array(12).fill(0));
    expect(built('garbage')).not.toContain(0);
  });

  it('what a reset put into an entry is sent, whenever it is taken from there', () => {
    for (const fetch of ['send', 'unmask', 'mixed'] as const) {
      const { vectors, sent } = make({ fetch });
      vectors.reset();
      vectors.map(Q0, 2);
      vectors.notify(Q0);
      expect(sent).toEqual([[0, 0, 0]]);
    }
  });
});

describe('content', () => {
  it.each([
    ['send', [9, 9, 9]],
    ['unmask', [1, 1, 1]],
    ['mixed', [1, 1, 9]],
  ] as const)('that was written after the vector was unmasked, taken when %s', (fetch, content) => {
    const { vectors, sent } = make({ fetch });
    vectors.map(Q0, 1);
    vectors.setMask(1, true);
    vectors.setMask(1, false);
    program(vectors, 1, 9);
    vectors.notify(Q0);
    expect(sent).toEqual([content]);
    // Whoever held all vectors lets go of them as they are by then.
    vectors.hold(true);
    vectors.notify(Q0);
    vectors.hold(false);
    expect(sent.slice(1)).toEqual([[9, 9, 9]]);
  });
});

describe('all vectors held', () => {
  it('keep their events, and send them once when let go, but for those that are masked', () => {
    const { vectors, sent, pending } = make();
    vectors.map(Q0, 0);
    vectors.map(Q1, 3);
    vectors.setMask(3, true);
    vectors.hold(true);
    for (const source of [Q0, Q0, Q1]) vectors.notify(source);
    expect([sent, pending()]).toEqual([[], [0, 3]]);
    vectors.hold(true);
    vectors.setMask(0, true);
    vectors.setMask(0, false);
    expect(sent).toEqual([]);
    vectors.hold(false);
    expect([sent, pending()]).toEqual([[[0, 0, 0]], [3]]);
    vectors.setMask(3, false);
    expect([sent.length, pending()]).toEqual([2, []]);
  });
});

describe('a pending bit that goes with what set it', () => {
  /** Vector 1 is masked and every queue is mapped to it. */
  function shared() {
    const made = make();
    for (const source of [CONFIG, Q0, Q1, Q2]) made.vectors.map(source, 1);
    made.vectors.setMask(1, true);
    return made;
  }

  it('is forgotten where one source alone set it, however often', () => {
    for (const source of [CONFIG, Q0, Q1, Q2]) {
      const { vectors, pending } = shared();
      vectors.notify(source);
      vectors.notify(source);
      for (const other of [CONFIG, Q0, Q1, Q2].filter((one) => one !== source)) vectors.forget(other);
      expect(pending()).toEqual([1]);
      vectors.forget(source);
      expect(pending()).toEqual([]);
    }
  });

  it('stays where several set it, and whoever asks', () => {
    const { vectors, pending } = shared();
    vectors.notify(Q0);
    vectors.notify(Q2);
    vectors.notify(Q2);
    for (const source of [CONFIG, Q0, Q1, Q2]) vectors.forget(source);
    expect(pending()).toEqual([1]);
  });

  it('begins anew once it was sent', () => {
    const { vectors, pending } = shared();
    vectors.notify(Q0);
    vectors.setMask(1, false);
    vectors.setMask(1, true);
    vectors.notify(Q1);
    vectors.forget(Q0);
    expect(pending()).toEqual([1]);
    vectors.forget(Q1);
    expect(pending()).toEqual([]);
  });

  it('and with a reset', () => {
    const { vectors, pending } = shared();
    vectors.notify(Q0);
    vectors.reset();
    vectors.map(Q1, 1);
    vectors.setMask(1, true);
    vectors.notify(Q1);
    vectors.forget(Q1);
    expect(pending()).toEqual([]);
  });

  it('is the only one that is forgotten', () => {
    const { vectors, pending } = make();
    [CONFIG, Q0, Q1, Q2].forEach((source, v) => {
      vectors.map(source, v);
      vectors.setMask(v, true);
      vectors.notify(source);
    });
    vectors.forget(Q2);
    expect(pending()).toEqual([0, 1, 2]);
    vectors.forget(CONFIG);
    expect(pending()).toEqual([1, 2]);
  });
});

describe('mapping', () => {
  it('takes no number beyond the last vector, and unmaps', () => {
    const { vectors } = make();
    vectors.map(Q0, 3);
    expect(vectors.mapped(Q0)).toBe(3);
    vectors.map(Q0, 4);
    expect(vectors.mapped(Q0)).toBeUndefined();
  });

  it('is refused where so many vectors are in use, whichever they are', () => {
    const { vectors } = make({ mappable: 2 });
    vectors.map(CONFIG, 3);
    vectors.map(Q0, 0);
    vectors.map(Q1, 1);
    vectors.map(Q2, 3);
    expect([CONFIG, Q0, Q1, Q2].map((source) => vectors.mapped(source))).toEqual([3, 0, undefined, 3]);
    // The one that it had makes room.
    vectors.map(Q0, 2);
    expect(vectors.mapped(Q0)).toBe(2);
  });

  describe('that takes pending bits along with the last event', () => {
    /** Vector 1 pending, with queue 0 mapped to it and maybe queue 1 as well. */
    function pendingOn(sources: readonly number[], unmapClears = true) {
      const made = make({ unmapClears });
      for (const source of sources) made.vectors.map(source, 1);
      made.vectors.setMask(1, true);
      made.vectors.notify(Q0);
      return made;
    }

    it.each([
      ['to nothing', [Q0], 4, []],
      ['to another vector', [Q0], 2, []],
      ['to the same vector, an end and a beginning', [Q0], 1, []],
      ['to nothing, and another event is mapped to it', [Q0, Q1], 4, [1]],
      ['to the same vector, and another event is mapped to it', [Q0, Q1], 1, [1]],
    ])('%s', (_, sources, to, left) => {
      const { vectors, pending } = pendingOn(sources);
      vectors.map(Q0, to);
      expect(pending()).toEqual(left);
      const usual = pendingOn(sources, false);
      usual.vectors.map(Q0, to);
      expect(usual.pending()).toEqual([1]);
    });

    it('leaves alone what an event that was mapped to nothing is mapped to', () => {
      const { vectors, pending } = pendingOn([Q0]);
      vectors.map(Q2, 1);
      expect(pending()).toEqual([1]);
      vectors.map(CONFIG, 0);
      expect(pending()).toEqual([1]);
    });
  });
});
