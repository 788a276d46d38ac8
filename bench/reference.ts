/** A checked run against a bare replay of the same operations, both on the reference device in this process. */
import type { Adapter, Target, TargetOperation } from '../harness/target.ts';
import { openTarget } from '../harness/targets/open.ts';
import type { Layout } from '../spec/layout.ts';
import { defaultRun } from './default-run.ts';
import { type Comparison, compare, time } from './measure.ts';

/** The adapter, noting each operation on its way. */
function noting(adapter: Adapter, noted: TargetOperation[]): Adapter {
  const { memory } = adapter;
  return {
    ...adapter,
    read(offset, width) {
      noted.push({ kind: 'read', offset, width });
      return adapter.read(offset, width);
    },
    write(offset, width, value) {
      noted.push({ kind: 'write', offset, width, value });
      return adapter.write(offset, width, value);
    },
    ...(adapter.raise && {
      raise(event) {
        noted.push({ kind: 'raise', event });
        return adapter.raise?.(event);
      },
    }),
    ...(adapter.interrupts && {
      interrupts() {
        noted.push({ kind: 'interrupts' });
        return adapter.interrupts?.() ?? [];
      },
    }),
    ...(adapter.powerCycle && {
      powerCycle() {
        noted.push({ kind: 'power-cycle' });
        return adapter.powerCycle?.();
      },
    }),
    ...(memory && {
      memory: {
        ...memory,
        read(address, length) {
          noted.push({ kind: 'memory-read', address, length });
          return memory.read(address, length);
        },
        write(address, bytes) {
          noted.push({ kind: 'memory-write', address, bytes: bytes.slice() });
          return memory.write(address, bytes);
        },
      },
    }),
  };
}

function replay(adapter: Adapter, operations: readonly TargetOperation[]): void {
  for (const operation of operations) {
    switch (operation.kind) {
      case 'read':
        adapter.read(operation.offset, operation.width);
        break;
      case 'write':
        adapter.write(operation.offset, operation.width, operation.value);
        break;
      case 'memory-read':
        adapter.memory?.read(operation.address, operation.length);
        break;
      case 'memory-write':
        adapter.memory?.write(operation.address, operation.bytes);
        break;
      case 'raise':
        adapter.raise?.(operation.event);
        break;
      case 'interrupts':
        adapter.interrupts?.();
        break;
      case 'power-cycle':
        adapter.powerCycle?.();
        break;
      case 'settle':
        adapter.settle?.();
    }
  }
}

export async function benchReference(layout: Layout, rounds: number): Promise<Comparison & { operations: number }> {
  const open = () => openTarget('reference', { layout });
  const noted: TargetOperation[] = [];
  const plain = await open();
  await defaultRun({ ...plain, adapter: noting(plain.adapter, noted) }, layout);
  const measured = async () => {
    const target: Target = await open();
    return time(() => defaultRun(target, layout));
  };
  const floor = async () => {
    const { adapter } = await open();
    return time(() => replay(adapter, noted));
  };
  return { ...(await compare(rounds, measured, floor)), operations: noted.length };
}
