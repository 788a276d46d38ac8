/** What a driver does with vectors: DRV-OFFERED, DRV-COUNT, DRV-MASKED, DRV-COMPLETE, DRV-ALIGN, DRV-RSVD, DRV-READBACK, DRV-QUIESCE. */

import type { EntryTable, MsiBinding } from '../../../../spec/layout.ts';
import type { Spot } from '../../../places.ts';
import { WORD } from '../../../places.ts';
import { hex } from '../../../program.ts';
import type { Access } from '../../bus.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView, Source } from '../view.ts';

export class VectorRule implements Rule {
  /** Mappings that were written and not read back: the value, and at which entry. */
  private readonly unread = new Map<Source, { value: number; at: number }>();
  /** Sources of which a mapping was refused, and nothing was done about it since. */
  private readonly refused = new Set<Source>();
  /** Reserved dwords as they were last read, by offset. */
  private readonly reserved = new Map<number, number>();

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind === 'result') this.tooLate(judge);
    if (entry.kind === 'result' && entry.result.outcome === 'gave-up') this.leaves(judge);
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const { msi } = view.layout;
    if (!msi || entry.width !== 32 || entry.offset % WORD !== 0) return;
    const spot = view.spot(entry.offset);
    const name = spot.kind === 'register' ? spot.register.name : '';
    const value = Number(entry.value) >>> 0;
    if (name === msi.configVector || name === msi.queueVector) this.mapping(entry, name, value, view, judge, msi);
    if (entry.kind === 'read') {
      if (spot.kind === 'entry') this.reserved.set(entry.offset, value);
      return;
    }
    if (name === 'Status') this.status(value, view, judge);
    if (name === 'QueueNotify') this.tooLate(judge, value & 0xffff);
    if ((name === 'QueueReady' && value === 0) || (name === 'QueueReset' && value === 1)) this.quiet(name, view, judge);
    this.table(entry, spot, value, view, judge);
    if (name !== '' && view.mechanism?.switches?.place === name) this.switches(value, view, judge);
  }

  end(_view: DeviceView, judge: Judge): void {
    this.tooLate(judge);
  }

  // --- mapping ---

  private mapping(access: Access, name: string, value: number, view: DeviceView, judge: Judge, msi: MsiBinding): void {
    const source = name === msi.configVector ? 'config' : view.selected;
    if (source === undefined) return;
    const none = view.layout.constant(msi.noVector);
    if (access.kind === 'read') {
      if (this.unread.delete(source)) judge.hit('DRV-READBACK');
      if (value === none) this.refused.add(source);
      return;
    }
    this.refused.delete(source);
    if (!view.msiNegotiated) {
      // Unmapping maps nothing.
      if (value === none) return;
      judge.violate(
        'DRV-OFFERED',
        `${name} is written once ${msi.feature} is negotiated`,
        `the driver writes ${hex(value)} before`,
      );
      return;
    }
    judge.hit('DRV-COUNT');
    if (value !== none && !view.isVector(value)) {
      const expected = `${name} is written a vector, 0 to ${(view.vectorCount ?? 1) - 1}, or NO_VECTOR`;
      judge.violate('DRV-COUNT', expected, hex(value));
      return;
    }
    this.unread.delete(source);
    if (value !== none) this.unread.set(source, { value, at: judge.index });
  }

  /** The driver builds on its mappings: those that it did not read back are not verified. */
  private tooLate(judge: Judge, queue?: number): void {
    for (const [source, { value, at }] of this.unread) {
      if (queue !== undefined && source !== queue) continue;
      const what = source === 'config' ? 'the configuration' : `queue ${source}`;
      const actual = `the driver mapped ${what} to ${hex(value)} and did not`;
      judge.violate('DRV-READBACK', 'a vector is read back after it was mapped', actual, at);
      this.unread.delete(source);
    }
  }

  /** The driver has given up. */
  private leaves(judge: Judge): void {
    if (this.refused.size === 0) return;
    this.refused.clear();
    const expected = 'where a mapping is refused the driver uses fewer vectors, resets the device or sets FAILED';
    judge.violate('DRV-READBACK', expected, 'it gives the device up and leaves it as it is');
  }

  private status(value: number, view: DeviceView, judge: Judge): void {
    if (value === 0 || (value & view.layout.bit('Status', 'FAILED')) !== 0) this.refused.clear();
    // A reset undoes what nobody verified.
    if (value === 0) this.unread.clear();
    else if ((value & view.layout.bit('Status', 'DRIVER_OK')) !== 0) this.tooLate(judge);
  }

  private quiet(name: string, view: DeviceView, judge: Judge): void {
    const { selected } = view;
    if (selected === undefined || !view.msiNegotiated || !view.queue(selected).ready) return;
    judge.hit('DRV-QUIESCE');
    const vector = view.mapping(selected);
    if (!view.isVector(vector) || !view.isOpen(vector)) return;
    const actual = `${name} of queue ${selected} is written while vector ${vector} is unmasked`;
    judge.violate('DRV-QUIESCE', 'the vector of a queue is masked or unmapped before the queue is stopped', actual);
  }

  // --- tables ---

  private table(access: Access, spot: Spot, value: number, view: DeviceView, judge: Judge): void {
    const meaning = view.mechanism?.meaning(spot);
    if (!meaning) return;
    if (meaning.kind === 'message') this.message(meaning.vector, meaning.part, value, view, judge);
    else if (meaning.kind === 'reserved') this.keepsReserved(access.offset, value, 0xffffffff, view, judge);
    else if (meaning.kind === 'masks') {
      const own = spot.kind === 'entry' ? 1 : bitsOf(meaning.first, meaning.count, view.vectorCount ?? 0);
      if (spot.kind === 'entry') this.keepsReserved(access.offset, value, ~1 >>> 0, view, judge);
      else {
        judge.hit('DRV-RSVD');
        const beyond = (value & ~own) >>> 0;
        if (beyond !== 0) {
          const expected = `mask bits from vector ${view.vectorCount} up are written 0`;
          judge.violate('DRV-RSVD', expected, `${hex(value)} at ${view.name(access.offset)}`);
        }
      }
      this.masks(meaning.first, meaning.count, value, view, judge);
    }
  }

  private message(vector: number, part: string, value: number, view: DeviceView, judge: Judge): void {
    judge.hit('DRV-MASKED');
    if (view.msiNegotiated && view.isOpen(vector)) {
      const actual = `the driver writes ${part} of vector ${vector}, which is unmasked`;
      judge.violate('DRV-MASKED', 'an entry is written while its vector is masked', actual);
    }
    const bits = alignment(view, part);
    if (bits === 0) return;
    judge.hit('DRV-ALIGN');
    if ((value & bits) === 0) return;
    judge.violate(
      'DRV-ALIGN',
      'bits 1:0 of the message address are written 0',
      `${part} of vector ${vector}: ${hex(value)}`,
    );
  }

  private keepsReserved(offset: number, value: number, bits: number, view: DeviceView, judge: Judge): void {
    judge.hit('DRV-RSVD');
    const written = (value & bits) >>> 0;
    const isWhole = bits === 0xffffffff;
    const known = this.reserved.get(offset);
    const read = ((known ?? 0) & bits) >>> 0;
    // A dword that means nothing may be written 0 as well; bits beside ones with a meaning are kept.
    if (isWhole ? written === 0 || written === read : known !== undefined && written === read) return;
    const expected = `what is reserved in ${view.name(offset)} is written as it was read`;
    judge.violate(
      'DRV-RSVD',
      known === undefined ? expected : `${expected}, ${hex(read)}`,
      known === undefined ? `${hex(value)}, and it was not read` : hex(value),
    );
  }

  private masks(first: number, count: number, value: number, view: DeviceView, judge: Judge): void {
    for (let bit = 0; bit < count; bit++) {
      const vector = first + bit;
      if (vector >= (view.vectorCount ?? 0)) return;
      const unmasks = ((value >>> bit) & 1) === 0 && view.vector(vector).masked;
      if (unmasks && !this.mayUnmask(vector, view, judge)) return;
      if (unmasks && view.switches.enabled && !view.switches.held) this.complete(vector, view, judge);
    }
  }

  private mayUnmask(vector: number, view: DeviceView, judge: Judge): boolean {
    if (view.msiNegotiated) return true;
    const feature = view.layout.msi?.feature;
    judge.violate(
      'DRV-OFFERED',
      `a vector is unmasked once ${feature} is negotiated`,
      `the driver unmasks vector ${vector} before`,
    );
    return false;
  }

  /** The vector can send from now on: is there something to send? */
  private complete(vector: number, view: DeviceView, judge: Judge): void {
    judge.hit('DRV-COMPLETE');
    const { parts } = view.vector(vector);
    const missing = messageParts(view).filter((part) => !parts.has(part));
    if (missing.length === 0) return;
    const actual = `vector ${vector} is unmasked without ${missing.join(', ')}`;
    judge.violate('DRV-COMPLETE', 'address and data of an entry are written before its vector is unmasked', actual);
  }

  private switches(value: number, view: DeviceView, judge: Judge): void {
    const { switches } = view.mechanism ?? {};
    if (!switches) return;
    const next = switches.decode(value);
    if (next.enabled && !view.msiNegotiated) {
      const feature = view.layout.msi?.feature;
      judge.violate(
        'DRV-OFFERED',
        `MSI is enabled once ${feature} is negotiated`,
        `the driver writes ${hex(value)} to ${switches.place}`,
      );
    }
    judge.hit('DRV-RSVD');
    const { fields } = view.layout.register(switches.place);
    const reserved = fields.reserved?.mask ?? 0;
    if ((value & reserved) !== 0) {
      judge.violate('DRV-RSVD', `the reserved bits of ${switches.place} are written 0`, hex(value));
    }
    const opens = next.enabled && !next.held && !(view.switches.enabled && !view.switches.held);
    if (!opens || !view.msiNegotiated) return;
    for (const [vector, { masked }] of view.vectors) if (!masked) this.complete(vector, view, judge);
  }
}

function entryTable(view: DeviceView): EntryTable | undefined {
  const { msi } = view.layout;
  const table = msi && view.layout.table(msi.entryTable);
  return table?.kind === 'entries' ? table : undefined;
}

/** Fields of an entry that a message is made of. */
function messageParts(view: DeviceView): string[] {
  const own = view.layout.msi?.other['vector-control']?.split('.')[1];
  const fields = Object.values(entryTable(view)?.fields ?? {});
  return fields.filter(({ name, access }) => access !== 'reserved' && name !== own).map(({ name }) => name);
}

/** The bits of a part of a message that are always 0: those that may read 0 whatever was written. */
function alignment(view: DeviceView, part: string): number {
  return entryTable(view)?.fields[part]?.mayReadZero ?? 0;
}

/** The bits of a word of a bit table that belong to vectors. */
function bitsOf(first: number, count: number, vectors: number): number {
  const left = vectors - first;
  if (left >= count) return 0xffffffff;
  return left <= 0 ? 0 : 2 ** left - 1;
}
