/** The reference device behind adapters that are not the same twice, each in one way that is known. */
import { numbers } from '../../harness/engine/random.ts';
import type { Adapter, Interrupt } from '../../harness/target.ts';
import { createReference, type ReferenceOptions } from '../../reference-device/index.ts';
import type { Layout } from '../../spec/layout.ts';

function isMessage({ kind }: Interrupt): boolean {
  return kind === 'message';
}

/** The device, with `change` in place of what the adapter of it does. */
function device(options: ReferenceOptions, change: (inner: ReturnType<typeof createReference>) => Partial<Adapter>) {
  const inner = createReference(options);
  return { ...inner, ...change(inner) } satisfies Adapter;
}

/** What a device counts over the whole of its life; a power cycle does not end it. */
export interface Counter {
  count: number;
}

/** Loses the n-th message of its life that comes alone: of two at once, one may be left out. */
export function losesOneMessage(layout: Layout, lost: number, messages: Counter = { count: 0 }): Adapter {
  return device({ layout }, (inner) => ({
    interrupts() {
      const taken = inner.interrupts();
      return taken.length === 1 && taken.every(isMessage) && ++messages.count === lost ? [] : taken;
    },
  }));
}

/** What one write released comes in an order that is drawn anew each time: the text leaves it free. */
export function changesItsOrder(layout: Layout): Adapter {
  const draw = numbers(1);
  return device({ layout }, (inner) => ({
    interrupts() {
      const taken = inner.interrupts();
      const isFree = taken.length > 1 && taken.every(isMessage);
      return isFree && draw() < 0.5 ? taken.reverse() : taken;
    },
  }));
}

/** ConfigGeneration goes on over power cycles: the text asks for another value after a change, not for a first one. */
export function countsItsGenerations(layout: Layout): Adapter {
  let before = 0;
  const { offset } = layout.register('ConfigGeneration');
  return device({ layout }, (inner) => {
    const generation = () => Number(inner.read(offset, 32));
    return {
      read: (at, width) => (at === offset && width === 32 ? (before + generation()) >>> 0 : inner.read(at, width)),
      powerCycle() {
        before += generation() + 1;
        inner.powerCycle();
      },
    };
  });
}

/** Throws at the n-th read of its life. */
export function throwsOnce(layout: Layout, at: number): Adapter {
  let reads = 0;
  return device({ layout }, (inner) => ({
    read(offset, width) {
      if (++reads === at) throw new Error('bus error');
      return inner.read(offset, width);
    },
  }));
}

/** Has lost its last queue from the n-th power cycle of its life on. */
export function losesAQueue(layout: Layout, n: number, cycles: Counter = { count: 0 }): Adapter {
  const size = layout.register('QueueSizeMax').offset;
  const select = layout.register('QueueSel').offset;
  let selected = 0;
  return device({ layout, variant: 'one-queue' }, (inner) => ({
    read: (offset, width) => (offset === size && cycles.count >= n && selected === 0 ? 0 : inner.read(offset, width)),
    write(offset, width, value) {
      if (offset === select) selected = Number(value);
      inner.write(offset, width, value);
    },
    powerCycle() {
      cycles.count++;
      inner.powerCycle();
    },
  }));
}
