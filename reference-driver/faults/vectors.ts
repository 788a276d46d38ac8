/** Vectors: whether there are any, how many, and mapping events to them. */
import { GaveUp } from '../../harness/driver/api.ts';
import type { Fault } from './fault.ts';
import { beforeFeaturesOk, msi, msix, native, vectors, wrap } from './help.ts';

export const vectorFaults: readonly Fault[] = [
  {
    id: 'count-read-unoffered',
    clause: 'DRV-OFFERED',
    summary: 'reads how many vectors there are before it knows whether there are any',
    needsMsi: true,
    apply(d) {
      wrap(d, 'negotiate', (original) => (wanted) => {
        vectors(d).readCount();
        original(wanted);
      });
    },
  },
  {
    id: 'mapped-unnegotiated',
    clause: 'DRV-OFFERED',
    summary: 'maps the configuration before FEATURES_OK',
    needsMsi: true,
    apply(d) {
      beforeFeaturesOk(d, () => {
        if (d.usesMsi) vectors(d).mapConfig(0);
      });
    },
  },
  {
    id: 'mapped-declined',
    clause: 'DRV-OFFERED',
    summary: 'writes NO_VECTOR to the vector registers of a device whose MSI it has not accepted',
    variant: 'line',
    needsMsi: true,
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        vectors(d).mapConfig(vectors(d).noVector);
        return original();
      });
    },
  },
  {
    id: 'enabled-unnegotiated',
    clause: 'DRV-OFFERED',
    summary: 'sets enable before FEATURES_OK',
    mechanism: 'vector-control',
    apply(d) {
      beforeFeaturesOk(d, () => {
        if (d.usesMsi) msix(d).writeSwitches({ enable: true, functionMask: true });
      });
    },
  },
  {
    id: 'count-ignored',
    clause: 'DRV-COUNT',
    summary: 'uses a vector for each source, however many there are',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'plan', (original) => () => original(Number.POSITIVE_INFINITY));
    },
  },
  {
    id: 'count-off-by-one',
    clause: 'DRV-COUNT',
    summary: 'takes the vector count for the number of the last vector, and uses it',
    variant: 'highest-vectors',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'plan', (original) => (count) => original(count + 1));
    },
  },
  {
    id: 'one-vector-refused',
    clause: 'DRV-COUNT',
    summary: 'gives a device up that has a single vector',
    needsMsi: true,
    apply(d) {
      wrap(
        msi(d),
        'plan',
        (original) => (count) => (count === 1 ? d.giveUp('one vector is too few') : original(count)),
      );
    },
  },
  {
    id: 'masks-beyond-count',
    clause: 'DRV-COUNT',
    summary: 'masks as many vectors as there can be, whatever the count is',
    mechanism: 'mask-table',
    apply(d) {
      wrap(native(d), 'open', (original) => () => {
        original();
        const words = d.layout.constant(native(d).msi.vectorLimit) / 32;
        for (let word = 0; word < words; word++) native(d).readWord(word);
      });
    },
  },
  {
    id: 'mapping-unread',
    clause: 'DRV-READBACK',
    summary: 'maps and does not read back',
    needsMsi: true,
    apply(d) {
      vectors(d).map = (register, vector) => {
        d.registers.write(register, vector);
        return true;
      };
    },
  },
  {
    id: 'queue-mapping-unread',
    clause: 'DRV-READBACK',
    summary: 'reads back the vector of the configuration and none of a queue',
    needsMsi: true,
    apply(d) {
      vectors(d).mapQueue = (index, vector) => {
        d.registers.write('QueueSel', index);
        d.registers.write(vectors(d).msi.queueVector, vector);
        return true;
      };
    },
  },
  {
    id: 'refusal-ignored',
    clause: 'DRV-READBACK',
    summary: 'reads a mapping back and takes NO_VECTOR for success',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'map', (original) => (register, vector) => {
        original(register, vector);
        return true;
      });
    },
  },
  {
    id: 'refusal-silent',
    clause: 'DRV-READBACK',
    summary: 'gives up where a mapping is refused, without a reset or FAILED',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'map', (original) => (register, vector) => {
        const done = original(register, vector);
        if (!done) throw new GaveUp('a mapping was refused');
        return done;
      });
    },
  },
  {
    id: 'config-refusal-ignored',
    clause: 'DRV-READBACK',
    summary: 'reads the vector of the configuration back and makes nothing of it',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'mapConfig', (original) => (vector) => {
        original(vector);
        return true;
      });
    },
  },
  {
    id: 'control-never-read',
    clause: 'DRV-RSVD',
    summary: 'writes vector control without having read it',
    mechanism: 'vector-control',
    apply(d) {
      msix(d).change = (vector, masked) => {
        const field = d.layout.msi?.other['vector-control']?.split('.')[1] ?? '';
        d.registers.writeAt(msix(d).dword(vector, field), msix(d).withMask(0, masked));
      };
    },
  },
];
