/** Reading what must not be torn: DRV-CONFIGREAD. */
import { WORD } from '../../../places.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

/** A field of more than 32 bits that was read since ConfigGeneration was. */
interface Reading {
  field: string;
  /** What ConfigGeneration read before; undefined: it was not read. */
  generation: number | undefined;
  words: Set<number>;
  at: number;
}

export class ConfigurationRule implements Rule {
  /**
   * What ConfigGeneration read last. How long before the configuration it is read the text leaves open: a driver may keep
   * it.
   */
  private generation: number | undefined;
  private readings = new Map<string, Reading>();

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    // What the device does meanwhile ends no reading.
    if (entry.kind === 'used' || entry.kind === 'device' || entry.kind === 'astray') return;
    if (entry.kind !== 'read') {
      this.close(judge);
      return;
    }
    if (view.register(entry)?.name === 'ConfigGeneration') {
      this.compare(Number(entry.value), judge);
      return;
    }
    if (!view.inConfig(entry.offset)) return;
    const at = entry.offset - view.layout.data.config.offset;
    const fields = Object.entries(view.profile.deviceType?.config ?? {});
    const [name, field] = fields.find(([, one]) => at >= one.offset && at < one.offset + one.size) ?? [];
    if (name === undefined || !field || field.size <= WORD) return;
    const reading = this.readings.get(name) ?? {
      ...{ field: name, generation: this.generation, words: new Set(), at: judge.index },
    };
    reading.words.add(Math.floor((at - field.offset) / WORD));
    reading.at = judge.index;
    this.readings.set(name, reading);
  }

  end(_view: DeviceView, judge: Judge): void {
    this.close(judge);
  }

  private compare(value: number, judge: Judge): void {
    for (const [field, { generation, words }] of this.readings) {
      // A part of it cannot be torn, and what is read from here on is another reading.
      if (words.size >= 2 && generation === undefined) continue;
      // Another value: what was read is read again, or nobody knows that it was thrown away.
      this.readings.delete(field);
      if (words.size < 2) continue;
      if (generation === value) judge.hit('DRV-CONFIGREAD');
    }
    this.generation = value;
  }

  /** The driver goes on to something else: what was read by now is what it uses. */
  private close(judge: Judge): void {
    for (const { field, generation, words, at } of this.readings.values()) {
      if (words.size < 2) continue;
      const expected = `${field}, of more than 32 bits, is read between two equal readings of ConfigGeneration`;
      const actual = generation === undefined ? 'it was not read before' : 'it was not read after';
      judge.violate('DRV-CONFIGREAD', expected, `ConfigGeneration: ${actual}`, at);
    }
    this.readings.clear();
  }
}
