/** Counted by hand: which accesses trap, and what each of them was for. */
import { describe, expect, it } from 'vitest';
import { profileOf } from '../../harness/driver/device-profile.ts';
import { trapsOf } from '../../harness/driver/engine/traps.ts';
import type { LogEntry } from '../../harness/driver/log.ts';
import { Monitor } from '../../harness/driver/monitor/monitor.ts';
import { resolvePlace } from '../../harness/places.ts';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults } from '../../reference-device/settings.ts';
import { loadLayout } from '../../spec/load.ts';

function count(name: 'native' | 'msix', lines: readonly (string | LogEntry)[]) {
  const layout = loadLayout(name);
  const profile = profileOf(new Device(layout, defaults, new Ram()));
  const monitor = new Monitor(layout, { profile, interrupts: true, used: true, widths: true, fromTheStart: true });
  const log = lines.map((line): LogEntry => {
    if (typeof line !== 'string') return line;
    const [word = '', place = '', value = '0'] = line.split(' ');
    const { offset } = resolvePlace(place, profile);
    return { kind: word === 'r' ? 'read' : 'write', offset, width: 32, value: Number(value) };
  });
  for (const entry of log) monitor.take(entry);
  return trapsOf(log, monitor.view);
}

const task = (what: 'retarget' | 'mask' | 'transfer' | 'stop' | 'start'): LogEntry => ({
  kind: 'task',
  task: what === 'transfer' ? { do: what, count: 1 } : { do: what },
});
const done = (what: 'retarget' | 'mask' | 'stop' | 'start'): LogEntry => ({
  kind: 'result',
  task: { do: what },
  result: what === 'start' ? { outcome: 'done', interrupts: 'msi' } : { outcome: 'done' },
});
const message: LogEntry = { kind: 'interrupt', interrupt: { kind: 'message', address: 0xfee00000, data: 0x20 } };
const line = (level: 0 | 1): LogEntry => ({ kind: 'interrupt', interrupt: { kind: 'line', level } });

const SET_UP = ['r MagicValue 0x74726976', 'w Status 0', 'r Status 0', 'w Status 11'];

describe('accesses that trap', () => {
  it('entries in a page that is mapped do not, those of a page that traps do', () => {
    const write = (place: string) => ['address-low', 'address-high', 'data'].map((part) => `w ${place}.${part} 1`);
    const native = count('native', [...SET_UP, ...write('entry[0]'), 'w mask[0] 0', 'w Status 15']);
    expect(native.setUp).toEqual({ times: 1, accesses: 9, traps: 6 });
    const msix = count('msix', [...SET_UP, ...write('entry[0]'), 'w entry[0].vector-control 0', 'w Status 15']);
    expect(msix.setUp).toEqual({ times: 1, accesses: 9, traps: 9 });
  });

  it('a set-up ends with DRIVER_OK; one that never gets there, and what follows a stop, are none', () => {
    const never = count('native', [task('start'), ...SET_UP]);
    expect(never.setUp).toEqual({ times: 0, accesses: 0, traps: 0 });
    const twice = [task('start'), ...SET_UP, 'w Status 15', done('start')];
    const stop = [task('stop'), 'w Status 0', 'r Status 0', done('stop')];
    expect(count('native', [...twice, ...stop, ...twice, ...stop]).setUp).toEqual({
      times: 2,
      accesses: 10,
      traps: 10,
    });
  });

  it('an interrupt costs what it takes to be told, until the next wait, and not what the driver does then', () => {
    const handled = ['r InterruptStatus 1', 'w InterruptACK 1', 'w QueueNotify 0', 'r Config+0 0'];
    const idle: LogEntry = { kind: 'idle' };
    const log = [...SET_UP, 'w Status 15', line(1), ...handled, line(0), idle, 'r InterruptStatus 0', message, idle];
    expect(count('native', log).interrupt).toEqual({ times: 2, accesses: 2, traps: 2 });
  });

  it('masking around an interrupt belongs to it, where it can be told from taking the device down', () => {
    const masking = [message, 'w mask[0] 1', 'w mask[0] 0', 'r pba[0] 0'];
    const guest = [...SET_UP, 'w Status 15', ...masking];
    expect(count('native', guest).interrupt).toEqual({ times: 1, accesses: 0, traps: 0 });
    const asked = [...SET_UP, 'w Status 15', task('transfer'), ...masking];
    expect(count('native', asked).interrupt).toEqual({ times: 1, accesses: 3, traps: 2 });
  });

  it('tasks have their own', () => {
    const retarget = [task('retarget'), 'r mask[0] 0', 'w mask[0] 1', 'w entry[0].data 5', 'w mask[0] 0'];
    const mask = [task('mask'), 'w mask[0] 1', done('mask')];
    const counted = count('native', [...SET_UP, 'w Status 15', ...retarget, done('retarget'), ...mask]);
    expect(counted.retarget).toEqual({ times: 1, accesses: 4, traps: 3 });
    expect(counted.mask).toEqual({ times: 1, accesses: 1, traps: 1 });
    expect(counted.all).toEqual({ times: 1, accesses: 10, traps: 9 });
  });
});
