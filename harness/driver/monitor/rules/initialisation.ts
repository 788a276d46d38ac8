/** The order of initialisation: DRV-INIT, DRV-FEATURES, DRV-VERSION1, DRV-FEATURESOK, DRV-SELFEATURES, DRV-RESET, DRV-CONFIGWRITE, DRV-FAILED. */

import type { Feature } from '../../../../spec/layout.ts';
import { hex } from '../../../program.ts';
import type { Access } from '../../bus.ts';
import { isFuture } from '../../future-features.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

/** What the driver sets in Status, in this order. */
const ORDER = ['ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'];

export class InitialisationRule implements Rule {
  /** FEATURES_OK was written and not read back. */
  private unread = false;
  /** FEATURES_OK read back as 0; the index of that reading. */
  private refused = false;
  private failed = false;
  /** The driver has gone on without having seen a reset complete, and was told so. */
  private toldReset = false;
  /** Status read what it was before the reset: what the driver writes may be made of that. */
  private stale = false;
  /** Queues that were enabled since the device was reset. */
  private readonly enabled = new Set<number>();
  private enabledUnknown = false;

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const register = view.register(entry);
    const name = register?.name;
    if (view.status === undefined && !(name === 'Status' && entry.kind === 'write') && !view.facts.fromTheStart) return;
    if (name === 'Status') this.seesReset(entry, view);
    // Whoever builds on a Status of before the reset was told so; what comes of it is no other failure.
    if (this.stale && this.toldReset) return;
    if (entry.kind === 'read') {
      this.read(entry, name, view, judge);
      return;
    }
    const value = Number(entry.value) >>> 0;
    if (name === 'Status') {
      this.status(value, view, judge);
      return;
    }
    // Who takes queues down after the reset that ends a driver's life does not initialise the device.
    if (name !== 'QueueSel' && !(name === 'QueueReady' && value === 0)) {
      this.waitsForReset(view, judge, view.name(entry.offset));
    }
    this.goesOn(view, judge, `writes ${view.name(entry.offset)}`, name);
    if (view.inConfig(entry.offset)) this.config(view, judge);
    else if (name === 'DriverFeatures') this.features(value, view, judge);
    else if (name === 'QueueReady' && value !== 0) this.enables(view, judge);
    else if (name === 'QueueNotify') this.before(view, judge, 'DRIVER_OK', 'the device is notified');
  }

  private read(access: Access, name: string | undefined, view: DeviceView, judge: Judge): void {
    if (name === 'Status' && this.unread) {
      this.unread = false;
      this.refused = (Number(access.value) & view.layout.bit('Status', 'FEATURES_OK')) === 0;
      judge.hit('DRV-FEATURESOK');
    }
    if (name === 'DeviceFeatures') this.selected(view, judge, 'DeviceFeaturesSel', 'DeviceFeatures is read');
  }

  private seesReset({ kind, value }: Access, view: DeviceView): void {
    const status = Number(value) >>> 0;
    const own = ORDER.reduce((bits, flag) => bits | view.layout.bit('Status', flag), 0);
    if (status === 0) this.stale = false;
    else if (kind === 'read' && view.resetUnseen && (status & own & ~(view.status ?? 0)) !== 0) this.stale = true;
  }

  /** A queue that is set up again was set up in time. */
  private enables(view: DeviceView, judge: Judge): void {
    this.before(view, judge, 'FEATURES_OK', 'queues are enabled');
    const { selected } = view;
    // Which one it was nobody knows, so that any may be one that is set up again.
    if (selected === undefined) this.enabledUnknown = true;
    if (selected === undefined || this.enabledUnknown || this.enabled.has(selected)) return;
    this.enabled.add(selected);
    if (!view.has('DRIVER_OK') || !view.facts.fromTheStart) return;
    const actual = `queue ${selected} is enabled for the first time after it`;
    judge.violate('DRV-INIT', 'queues are set up before DRIVER_OK is set', actual);
  }

  // --- Status ---

  private status(value: number, view: DeviceView, judge: Judge): void {
    const { layout } = view;
    const bit = (flag: string) => layout.bit('Status', flag);
    if (value === 0) {
      Object.assign(this, { unread: false, refused: false, failed: false, toldReset: false });
      this.enabled.clear();
      return;
    }
    judge.hit('DRV-INIT');
    const before = view.status;
    if (before === undefined) {
      if (view.facts.fromTheStart)
        judge.violate('DRV-INIT', 'the device is reset first: 0 is written to Status', shown(value));
      return;
    }
    this.waitsForReset(view, judge, 'Status');
    if (this.stale && this.toldReset) return;
    if (this.failed && (value & bit('FAILED')) === 0) {
      judge.violate('DRV-FAILED', 'after FAILED the device is reset before it is initialised again', shown(value));
      this.failed = false;
      return;
    }
    if (this.failed && (value & ~before & ~bit('FAILED')) !== 0) {
      judge.violate('DRV-FAILED', 'after FAILED nothing but a reset is written to Status', shown(value));
      return;
    }
    if ((value & bit('FAILED')) !== 0) {
      this.failed = true;
      judge.hit('DRV-FAILED');
      return;
    }
    // What the device did not keep the driver does not clear; that it goes on all the same is told elsewhere.
    const kept = view.refused ? ORDER.filter((flag) => flag !== 'FEATURES_OK') : ORDER;
    const own = kept.reduce((bits, flag) => bits | bit(flag), 0);
    const missing = kept.find(
      (flag, index) => (value & bit(flag)) === 0 && kept.slice(index + 1).some((later) => (value & bit(later)) !== 0),
    );
    if ((before & own & ~value) !== 0) {
      judge.violate('DRV-INIT', `no bit of Status is cleared, which was ${hex(before)}`, shown(value));
    } else if (missing !== undefined) {
      judge.violate('DRV-INIT', `${missing} is set before what comes after it`, shown(value));
    }
    const sets = (flag: string) => (value & ~before & bit(flag)) !== 0;
    if (sets('DRIVER_OK')) this.driverOk(value, before, view, judge);
    else this.goesOn(view, judge, shown(value), 'Status', value);
    // Without FEATURES_OK what was accepted by DRIVER_OK is the set.
    if (sets('FEATURES_OK') || (sets('DRIVER_OK') && missing === 'FEATURES_OK')) this.negotiates(view, judge);
    if (sets('FEATURES_OK')) this.unread = true;
  }

  private driverOk(value: number, before: number, view: DeviceView, judge: Judge): void {
    if ((before & view.layout.bit('Status', 'FEATURES_OK')) === 0) {
      judge.violate('DRV-FEATURESOK', 'FEATURES_OK is written and read back before DRIVER_OK is set', shown(value));
    } else this.goesOn(view, judge, shown(value), 'Status');
  }

  /** Whether FEATURES_OK was read back, and read 1, before the driver builds on it. */
  private goesOn(view: DeviceView, judge: Judge, actual: string, name: string | undefined, value = 0): void {
    // Another try with other features is no going on.
    if (['DriverFeatures', 'DriverFeaturesSel', 'DeviceFeaturesSel'].includes(name ?? '')) return;
    if (name === 'Status' && value !== 0 && (value & view.layout.bit('Status', 'DRIVER_OK')) === 0) return;
    if (this.unread) {
      judge.violate(
        'DRV-FEATURESOK',
        'Status is read after FEATURES_OK was written, before anything else',
        `the driver ${actual}`,
      );
      this.unread = false;
    } else if (this.refused) {
      judge.violate(
        'DRV-FEATURESOK',
        'nothing is done with a device that has not kept FEATURES_OK',
        `the driver ${actual}`,
      );
      this.refused = false;
    }
  }

  /** Only the first access after it is told. */
  private waitsForReset(view: DeviceView, judge: Judge, name: string): void {
    if (view.status === undefined || this.toldReset) return;
    if (!view.resetUnseen) {
      if (view.status === 0) judge.hit('DRV-RESET');
      return;
    }
    this.toldReset = true;
    judge.violate('DRV-RESET', 'Status reads 0 before the device is used again', `the driver writes ${name}`);
  }

  private before(view: DeviceView, judge: Judge, flag: string, what: string): void {
    judge.hit('DRV-INIT');
    if (view.has(flag)) return;
    judge.violate('DRV-INIT', `${flag} is set before ${what}`, `Status was written ${hex(view.status ?? 0)}`);
  }

  // --- features ---

  private selected(view: DeviceView, judge: Judge, selector: string, what: string): void {
    judge.hit('DRV-SELFEATURES');
    if (view.selectors.has(selector)) return;
    judge.violate('DRV-SELFEATURES', `${selector} is written before ${what}`, 'it was not, since the device was reset');
  }

  private features(value: number, view: DeviceView, judge: Judge): void {
    this.selected(view, judge, 'DriverFeaturesSel', 'DriverFeatures is written');
    judge.hit('DRV-FEATURES');
    const window = view.selectors.get('DriverFeaturesSel');
    if (!view.has('DRIVER')) {
      judge.violate(
        'DRV-INIT',
        'DRIVER is set before features are accepted',
        `Status was written ${hex(view.status ?? 0)}`,
      );
    }
    if (window === undefined) return;
    const offered = view.facts.profile ? (view.facts.profile.features[window] ?? 0) : view.offered.get(window);
    const more = (value & ~(offered ?? 0xffffffff)) >>> 0;
    if (more !== 0) {
      judge.violate(
        'DRV-FEATURES',
        'only features that are offered are accepted',
        `bits ${bitsOf(more, window)} are not`,
      );
    }
    const future = bitsIn(value, window).filter((bit) => isFuture(view.layout, bit, view.profile.siblings));
    if (more === 0 && future.length > 0) {
      const expected = 'only features that the driver understands are accepted';
      judge.violate('DRV-FEATURES', expected, `bits ${future.join(', ')}, which nobody has given a meaning, are`);
    }
    const late = (value & ~(view.accepted.get(window) ?? 0)) >>> 0;
    if (view.negotiated && late !== 0) {
      judge.violate('DRV-FEATURES', 'no feature is accepted after FEATURES_OK', `bits ${bitsOf(late, window)} are`);
    }
  }

  /** The whole set, when FEATURES_OK is written. */
  private negotiates(view: DeviceView, judge: Judge): void {
    const { features } = view.layout.data;
    const version1 = 'VIRTIO_F_VERSION_1';
    if (view.offers(version1)) {
      judge.hit('DRV-VERSION1');
      if (!view.accepts(version1)) {
        judge.violate('DRV-VERSION1', `${version1} is accepted: it is offered`, 'FEATURES_OK is written without it');
      }
    }
    for (const feature of Object.values(features)) {
      const lacking = view.accepts(feature.name) ? requiredOf(feature).find((name) => !view.accepts(name)) : undefined;
      if (lacking === undefined || lacking === version1) continue;
      judge.violate(
        'DRV-FEATURES',
        `${feature.name} is accepted with ${lacking}, which it requires`,
        `${lacking} is not accepted`,
      );
    }
  }

  private config(view: DeviceView, judge: Judge): void {
    judge.hit('DRV-CONFIGWRITE');
    if (view.has('FEATURES_OK')) return;
    const actual = `Status was written ${hex(view.status ?? 0)}`;
    judge.violate('DRV-CONFIGWRITE', 'the configuration is written after FEATURES_OK only', actual);
  }
}

const requiredOf = ({ requires = [] }: Feature) => requires;
const shown = (value: number) => `writes Status ${hex(value)}`;

const bitsOf = (value: number, window: number): string => bitsIn(value, window).join(', ');

function bitsIn(value: number, window: number): number[] {
  const bits = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((value >>> bit) & 1) === 1);
  return bits.map((bit) => window * 32 + bit);
}
