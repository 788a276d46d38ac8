import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbers, shuffled } from '../../harness/engine/random.ts';
import { MessagePool } from '../../harness/messages.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Operation, Program } from '../../harness/program.ts';
import type { CheckContext } from '../../suites/check.ts';
import { programs } from '../../suites/generated/arbitrary.ts';
import { PROFILES, type ProfileName } from '../../suites/generated/profiles.ts';
import { opened } from '../exhaustive/support.ts';

async function contextOf(layout: string, specification?: string): Promise<CheckContext & { profile: Profile }> {
  const { target, profile } = await opened(layout, specification);
  const next = numbers(1);
  return {
    profile,
    adapter: target.adapter,
    messages: () => new MessagePool(target.adapter.messages),
    shuffle: (items) => shuffled(items, next),
  };
}

function sample(context: CheckContext, name: ProfileName, numRuns = 60): Program[] {
  return fc.sample(programs(context, name), { seed: 7, numRuns });
}

const kinds = (all: readonly Program[]) => new Set(all.flatMap(({ operations }) => operations.map(({ op }) => op)));

/** The vectors that the set-ups of a program have. */
function vectorsOf({ operations }: Program): Set<number> {
  return new Set(
    operations.flatMap((operation) =>
      operation.op === 'initialise' ? (operation.vectors ?? []).map(({ vector }) => vector) : [],
    ),
  );
}

/** Writes to the one dword of masks, in the lives of a program, with the value that it had before. */
function maskWrites(layout: Profile['layout'], { operations }: Program): { before: number; after: number }[] {
  const place = `${layout.msi?.maskTable}[0]`;
  const writes: { before: number; after: number }[] = [];
  let now = 0xffffffff;
  for (const operation of operations) {
    if (operation.op === 'initialise') {
      now = (operation.vectors ?? []).reduce((bits, { vector, unmask }) => (unmask ? bits & ~(1 << vector) : bits), -1);
    }
    if (operation.op !== 'write' || operation.place !== place || (operation.width ?? 32) !== 32) continue;
    writes.push({ before: now, after: operation.value });
    now = operation.value;
  }
  return writes;
}

describe.each(['native', 'msix'])('generated programs, layout %s', (layout) => {
  it('are the same for the same seed, in every profile', async () => {
    const [one, two] = [await contextOf(layout), await contextOf(layout)];
    for (const { name } of PROFILES) expect(sample(one, name, 10)).toEqual(sample(two, name, 10));
  });

  it('are as long as their profile says, and end settled, with a look at everything', async () => {
    const context = await contextOf(layout);
    for (const { name, length } of PROFILES) {
      for (const { operations } of sample(context, name)) {
        expect(operations.length).toBeGreaterThan(length[0]);
        expect(operations.at(-1)).toEqual({ op: 'inspect' });
        expect(operations.at(-2)?.race).toBeUndefined();
      }
    }
  });

  it('come shallow first, and resets, power cycles and accesses that a driver must not make are in most', async () => {
    const context = await contextOf(layout);
    expect(PROFILES[0]?.name).toBe('shallow');
    for (const name of ['shallow', 'vectors', 'swarm', 'lives', 'tearing', 'borders', 'many'] as const) {
      const all = sample(context, name, 200);
      expect([...kinds(all)]).toEqual(expect.arrayContaining(['reset', 'power-cycle', 'inspect', 'event']));
      expect(all.some(({ operations }) => operations.some((one) => 'width' in one && one.width === 8))).toBe(true);
    }
  });
});

describe('generated programs', () => {
  it('mask nothing that is masked and unmask nothing that is not, but where one dword is written as a whole', async () => {
    const context = await contextOf('msix');
    const field = context.profile.layout.msi?.other['vector-control']?.split('.')[1];
    for (const { name } of PROFILES.filter(({ needs }) => needs === 'msi')) {
      for (const { operations } of sample(context, name)) {
        const masked = new Map<string, number>();
        let idle = 0;
        for (const operation of operations) {
          if (operation.op === 'initialise') {
            for (const { vector, unmask } of operation.vectors ?? []) {
              masked.set(`entry[${vector}].${field}`, unmask ? 0 : 1);
            }
          }
          if (operation.op !== 'write' || !masked.has(operation.place) || (operation.width ?? 32) !== 32) continue;
          if (masked.get(operation.place) === operation.value % 2) idle++;
          masked.set(operation.place, operation.value % 2);
        }
        // Writes of a whole dword choose their bits by themselves; there are few of them.
        expect(idle).toBeLessThanOrEqual(Math.ceil(operations.length / 4));
      }
    }
  });

  it('mask one vector and unmask another by one write', async () => {
    const context = await contextOf('native');
    const swaps = sample(context, 'vectors', 200)
      .flatMap((one) => maskWrites(context.profile.layout, one))
      .filter(({ before, after }) => (before & ~after) !== 0 && (~before & after & 0b11111) !== 0);
    expect(swaps.length).toBeGreaterThan(50);
  });

  it('meet at the borders of words, and at the last vector of the largest table', async () => {
    const context = await contextOf('native', 'reference:variant=vectors-2048');
    const seen = new Set(sample(context, 'borders', 200).flatMap((one) => [...vectorsOf(one)]));
    expect([...seen]).toEqual(expect.arrayContaining([0, 1, 31, 32, 33, 63, 64, 2046, 2047]));
    const edges = new Set(sample(context, 'vectors', 200).flatMap((one) => [...vectorsOf(one)]));
    expect([...edges]).toEqual(expect.arrayContaining([0, 31, 32, 63, 64, 255, 1024, 2047]));
  });

  it('have many vectors where the device has', async () => {
    const context = await contextOf('native', 'reference:variant=vectors-33');
    for (const one of sample(context, 'many', 10)) expect(vectorsOf(one).size).toBeGreaterThanOrEqual(13);
  });

  it('tear entries: parts of them, and events in between', async () => {
    const context = await contextOf('native');
    const entry = (operation: Operation | undefined) =>
      operation?.op === 'write' && operation.place.startsWith('entry[') ? operation.place.split('.')[0] : undefined;
    const torn = sample(context, 'tearing', 100).flatMap(({ operations }) =>
      operations.filter((operation, at) => {
        const [before, after] = [entry(operations[at - 1]), entry(operations[at + 1])];
        return operation.op === 'event' && before !== undefined && before === after;
      }),
    );
    expect(torn.length).toBeGreaterThan(20);
  });

  it('leave out other actions each time where they swarm', async () => {
    const context = await contextOf('native');
    const acts = (operation: Operation) =>
      `${operation.op} ${'place' in operation ? operation.place.split('[')[0] : ''}`;
    const all = sample(context, 'swarm', 40).map(({ operations }) => new Set(operations.map(acts)));
    for (const act of ['write mask', 'write entry', 'write MsiConfigVector', 'memory-write queue', 'inspect ']) {
      expect(
        all.some((one) => one.has(act)),
        act,
      ).toBe(true);
      expect(
        all.some((one) => !one.has(act)),
        act,
      ).toBe(act !== 'inspect ');
    }
  });

  it('are programs without MSI too, and need nothing but events for it', async () => {
    const context = await contextOf('native', 'reference:variant=plain');
    for (const { name } of PROFILES.filter(({ needs }) => needs === 'events')) {
      for (const { operations } of sample(context, name, 20)) {
        expect(operations.filter((one) => one.op === 'initialise').every((one) => !one.msi)).toBe(true);
        expect(operations.some(({ op }) => op === 'event')).toBe(true);
      }
    }
  });
});
