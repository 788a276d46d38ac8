import { describe, expect, it } from 'vitest';
import { TargetFault } from '../../harness/target.ts';
import { at, ids, report, said } from './support.ts';

const NO_RESTART = { restart: undefined } as object;
const never = () => new Promise<never>(() => {});

describe('writes and resets', () => {
  it('tells writes that do not arrive', async () => {
    const found = await report(() => ({ write: () => {} }));
    expect(ids(found, 'problem')[0]).toBe('write');
    expect(said(found, 'write')).toContain('wrote 0x00000001 to Status and read 0x00000000 back');
  });

  it('tells a reset that does not end', async () => {
    let started = false;
    const found = await report((good) => ({
      write: (offset, width, value) => {
        started ||= offset === at('Status') && value !== 0;
        return started && offset === at('Status') && value === 0 ? undefined : good.write(offset, width, value);
      },
    }));
    expect(ids(found, 'problem')).toContain('reset');
    expect(said(found, 'reset')).toContain('after the adapter wrote 0 to Status');
  });

  it('tells a power cycle that is none', async () => {
    const found = await report(() => ({ powerCycle: () => {} }));
    expect(ids(found, 'problem')).toEqual(['power-cycle']);
    expect(said(found, 'power-cycle')).toContain('from Status, where a new device has 0x00000000');
  });
});

describe('guest memory', () => {
  it('tells memory that keeps nothing', async () => {
    const found = await report((good) => ({
      memory: { ...good.memory!, read: (_, length) => new Uint8Array(length), write: () => {} },
    }));
    expect(ids(found, 'problem')).toContain('memory');
    expect(said(found, 'memory')).toContain('does not hold what was written there');
  });

  it('tells memory that is smaller than declared', async () => {
    const found = await report((good) => {
      const memory = good.memory!;
      const fold = (address: number) => memory.base + ((address - memory.base) % (memory.size / 2));
      return {
        memory: {
          base: memory.base,
          size: memory.size,
          read: (address, length) => memory.read(fold(address), length),
          write: (address, bytes) => memory.write(fold(address), bytes),
        },
      };
    });
    expect(ids(found, 'problem')).toContain('memory');
    expect(said(found, 'memory')).toContain('two addresses are one place');
  });

  it('tells memory that the device does not see', async () => {
    const found = await report((good) => {
      const { base, size } = good.memory!;
      const own = new Uint8Array(size);
      return {
        memory: {
          base,
          size,
          read: (address: number, length: number) => own.slice(address - base, address - base + length),
          write: (address: number, bytes: Uint8Array) => own.set(bytes, address - base),
        },
        raise: undefined,
        events: undefined,
      } as object;
    });
    expect(ids(found, 'ok')).toContain('memory');
    expect(ids(found, 'problem')).toContain('buffer');
    expect(said(found, 'buffer')).toContain('its used ring counts 0');
  });

  it('tells words written where a byte was', async () => {
    const found = await report((good) => {
      const memory = good.memory!;
      return {
        memory: {
          base: memory.base,
          size: memory.size,
          read: (address, length) => memory.read(address, length),
          write: (address, bytes) => memory.write(address, bytes.length === 1 ? Uint8Array.of(...bytes, 0) : bytes),
        },
      };
    });
    expect(ids(found, 'problem')).toContain('memory-bytes');
  });
});

describe('a target that is lost', () => {
  it('tells a settle that does not return, and tries nothing more', async () => {
    const found = await report(() => ({ settle: never }), { timeout: 200, ...NO_RESTART });
    expect(ids(found, 'problem')).toHaveLength(1);
    expect(found.checks.find((check) => check.verdict === 'problem')?.detail).toContain('hung');
    expect(found.checks.at(-1)?.detail).toContain('the target is gone since');
  });

  it('tells a death and goes on where the target can be started again', async () => {
    let restarts = 0;
    const found = await report(
      () => ({
        settle: () => {
          throw new TargetFault('died', 'exit code 1');
        },
      }),
      {
        restart: async () => {
          restarts += 1;
        },
      },
    );
    expect(said(found, 'settle')).toContain('the target died: exit code 1');
    expect(restarts).toBeGreaterThan(0);
    expect(found.checks.every((check) => !check.detail.includes('gone since'))).toBe(true);
  });
});
