/** The mask table. */
import { Bits } from '../bits.ts';
import type { Device } from '../device.ts';
import type { Fault } from './fault.ts';
import { CONFIG, native, wrap } from './help.ts';

/** Masks that a fresh device and one that was reset both have. */
function freshMasks(device: Device, change: (masks: Bits) => void): void {
  wrap(device.vectors, 'resetMasks', (original) => () => {
    original();
    change(device.vectors.masks);
  });
  device.vectors.resetMasks();
}

/** A second set of mask bits that the device goes by, beside those that it shows. */
function effectiveMasks(device: Device): Bits {
  const { vectors } = device;
  const masks = new Bits(vectors.count);
  masks.fill(true);
  wrap(vectors, 'resetMasks', (original) => () => {
    original();
    masks.fill(true);
  });
  vectors.blocked = (v) => masks.get(v);
  return masks;
}

export const maskFaults: readonly Fault[] = [
  {
    id: 'masks-reset-to-zero',
    clause: 'MSK-RESET',
    summary: 'a fresh device has no vector masked',
    deep: false,
    apply(d) {
      freshMasks(d, (masks) => masks.fill(false));
    },
  },
  {
    id: 'masks-reset-first-only',
    clause: 'MSK-RESET',
    summary: 'a fresh device has only vector 0 masked',
    deep: false,
    apply(d) {
      freshMasks(d, (masks) => {
        masks.fill(false);
        masks.set(0, true);
      });
    },
  },
  {
    id: 'masks-reset-first-dword',
    clause: 'MSK-RESET',
    summary: 'in a fresh device only the vectors of the first dword are masked',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      freshMasks(d, (masks) => masks.words.fill(0, 1));
    },
  },
  {
    id: 'masks-reset-last-missed',
    clause: 'MSK-RESET',
    summary: 'in a fresh device the last vector is not masked',
    deep: false,
    apply(d) {
      freshMasks(d, (masks) => masks.set(masks.length - 1, false));
    },
  },
  {
    id: 'mask-write-spreads',
    clause: 'MSK-RW',
    summary: 'the last bit of a dword follows the first',
    deep: false,
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        original(word, value);
        const last = Math.min(d.vectors.count, (word + 1) * 32) - 1;
        if (last > word * 32) d.vectors.setMask(last, (value & 1) === 1);
      });
    },
  },
  {
    id: 'mask-second-dword-aliases',
    clause: 'MSK-RW',
    summary: 'a write to the second dword changes the first one too',
    deep: false,
    variant: 'vectors-64',
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        original(word, value);
        if (word === 1) original(0, value);
      });
    },
  },
  {
    id: 'mask-bit-31-stuck',
    clause: 'MSK-RW',
    summary: 'the top bit of a dword cannot be cleared: its sign gets lost',
    deep: false,
    variant: 'vectors-32',
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => original(word, (value | (1 << 31)) >>> 0));
    },
  },
  {
    id: 'mask-second-dword-ignored',
    clause: 'MSK-RW',
    summary: 'vectors from 32 up cannot be unmasked',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        if (word === 0) original(word, value);
      });
    },
  },
  {
    id: 'mask-one-change-a-write',
    clause: 'MSK-RW',
    summary: 'of a write that changes several bits only the lowest takes effect',
    deep: false,
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        const old = d.vectors.masks.word(word);
        const changes = (old ^ value) & d.vectors.masks.valid(word);
        original(word, (old ^ (changes & -changes)) >>> 0);
      });
    },
  },
  {
    id: 'mask-mixed-write-only-unmasks',
    clause: 'MSK-RW',
    summary: 'a write that masks some vectors and unmasks others only unmasks',
    deep: false,
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        const old = d.vectors.masks.word(word);
        const unmasks = (old & ~value) !== 0;
        original(word, unmasks ? (old & value) >>> 0 : value);
      });
    },
  },
  {
    id: 'mask-mixed-write-only-masks',
    clause: 'MSK-RW',
    summary: 'a write that masks some vectors and unmasks others only masks',
    deep: false,
    apply(d) {
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        const old = d.vectors.masks.word(word);
        const masks = (~old & value & d.vectors.masks.valid(word)) !== 0;
        original(word, masks ? (old | value) >>> 0 : value);
      });
    },
  },
  {
    id: 'mask-reserved-kept',
    clause: 'MSK-RSVD',
    summary: 'mask bits from the vector count up keep what is written',
    deep: false,
    apply(d) {
      const msi = native(d);
      const kept: number[] = [];
      wrap(msi, 'writeMaskWord', (original) => (word, value) => {
        kept[word] = (value & ~d.vectors.masks.valid(word)) >>> 0;
        original(word, value);
      });
      wrap(msi, 'readMaskWord', (original) => (word) => (original(word) | (kept[word] ?? 0)) >>> 0);
    },
  },
  {
    id: 'mask-reserved-ones',
    clause: 'MSK-RSVD',
    summary: 'mask bits from the vector count up read 1',
    deep: false,
    apply(d) {
      wrap(native(d), 'readMaskWord', (original) => (word) => (original(word) | ~d.vectors.masks.valid(word)) >>> 0);
    },
  },
  {
    id: 'mask-reserved-padding-ones',
    clause: 'MSK-RSVD',
    summary: 'the dword that only rounds the mask table up reads all ones',
    deep: false,
    variant: 'vectors-32',
    apply(d) {
      wrap(
        native(d),
        'readMaskWord',
        (original) => (word) => (d.vectors.masks.valid(word) === 0 ? 2 ** 32 - 1 : original(word)),
      );
    },
  },
  {
    id: 'mask-ignored',
    clause: 'MSK-HOLD',
    summary: 'a masked vector sends its message all the same',
    deep: false,
    apply(d) {
      d.vectors.blocked = () => false;
    },
  },
  {
    id: 'mask-ignored-for-config',
    clause: 'MSK-HOLD',
    summary: 'a configuration change is sent although its vector is masked',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (source === CONFIG) d.vectors.send(v);
        else original(v, source);
      });
    },
  },
  {
    id: 'mask-of-whole-device',
    clause: 'MSK-HOLD',
    summary: 'a mask holds only while every vector is masked',
    deep: false,
    apply(d) {
      const { masks } = d.vectors;
      d.vectors.blocked = () => masks.words.every((word, w) => word === masks.valid(w));
    },
  },
  {
    id: 'mask-of-vector-modulo-32',
    clause: 'MSK-HOLD',
    summary: 'a vector from 32 up goes by the mask bit of the vector 32 below it',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      wrap(d.vectors, 'blocked', (original) => (v) => original(v & 31));
    },
  },
  {
    id: 'mask-again-has-no-effect',
    clause: 'MSK-HOLD',
    summary: 'a vector that was unmasked once sends although it is masked again',
    deep: false,
    apply(d) {
      const masks = effectiveMasks(d);
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        if (!masked) masks.set(v, false);
        original(v, masked);
      });
    },
  },
  {
    id: 'mask-in-mixed-write-has-no-effect',
    clause: 'MSK-HOLD',
    summary: 'a vector that is masked by a write that unmasks another goes on sending, though its bit reads 1',
    deep: false,
    apply(d) {
      const masks = effectiveMasks(d);
      let unmasking = false;
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        unmasking = (d.vectors.masks.word(word) & ~value) !== 0;
        original(word, value);
        unmasking = false;
      });
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        if (!(masked && unmasking)) masks.set(v, masked);
        original(v, masked);
      });
    },
  },
  {
    id: 'mask-takes-effect-late',
    clause: 'MSK-HOLD',
    summary: 'the first event after masking is still sent',
    deep: false,
    apply(d) {
      const fresh = new Set<number>();
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        if (masked && !d.vectors.masks.get(v)) fresh.add(v);
        original(v, masked);
      });
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (fresh.delete(v) && d.vectors.masks.get(v)) d.vectors.send(v);
        else original(v, source);
      });
    },
  },
  {
    id: 'mapping-unmasks',
    clause: 'MSK-RW',
    summary: 'mapping an event to a vector unmasks the vector',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v !== undefined) d.vectors.setMask(v, false);
      });
    },
  },
  {
    id: 'mapping-releases-pending',
    clause: 'MSK-HOLD',
    summary: 'mapping an event to a masked vector sends what is pending there',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v !== undefined) d.vectors.release(v);
      });
    },
  },
];
