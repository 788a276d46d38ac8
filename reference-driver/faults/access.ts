/** Where, how wide and in which direction registers and configuration are accessed. */
import type { Fault } from './fault.ts';
import { offset, wrap } from './help.ts';

/** Bytes of a register. */
const WORD = 4;
const HALF = 2n ** 32n;

export const accessFaults: readonly Fault[] = [
  {
    id: 'legacy-page-size',
    clause: 'DRV-UNDEFINED',
    summary: 'writes GuestPageSize, which only legacy devices have, behind DriverFeaturesSel',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        d.registers.writeAt(offset(d, 'DriverFeaturesSel') + WORD, 0x1000);
        return original();
      });
    },
  },
  {
    id: 'legacy-queue-align',
    clause: 'DRV-UNDEFINED',
    summary: 'writes QueueAlign, which only legacy devices have, behind QueueSize',
    apply(d) {
      wrap(d.transport, 'describe', (original) => (queue) => {
        original(queue);
        d.registers.writeAt(offset(d, 'QueueSize') + WORD, 0x1000);
      });
    },
  },
  {
    id: 'config-of-none',
    clause: 'DRV-UNDEFINED',
    summary: 'reads the configuration of a device type that has none',
    apply(d) {
      wrap(d, 'configuration', (original) => () => {
        const { config } = d;
        if (config?.size === 0) config.readPiece({ at: 0, size: WORD });
        return original();
      });
    },
  },
  {
    id: 'config-beyond-end',
    clause: 'DRV-UNDEFINED',
    summary: 'reads a dword of configuration more than there is',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        const { config } = d;
        if (config) {
          wrap(config, 'readAll', (readAll) => () => {
            const bytes = readAll();
            config.readPiece({ at: config.size, size: WORD });
            return bytes;
          });
        }
        return original();
      });
    },
  },
  {
    id: 'queue-select-read',
    clause: 'DRV-DIRECTION',
    summary: 'reads QueueSel back, which can only be written',
    apply(d) {
      wrap(d.transport, 'selectQueue', (original) => (index) => {
        original(index);
        d.registers.read('QueueSel');
      });
    },
  },
  {
    id: 'interrupt-status-written',
    clause: 'DRV-DIRECTION',
    summary: 'clears InterruptStatus by writing it',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => (bits) => {
        d.registers.write('InterruptStatus', 0);
        original(bits);
      });
    },
  },
  {
    id: 'queue-address-wide',
    clause: 'DRV-WIDTH',
    summary: 'writes both halves of a queue address by one access of 64 bits',
    apply(d) {
      d.transport.writeAddress = (part, address) => d.bus.write(offset(d, `${part}Low`), BigInt(address), 64);
    },
  },
  {
    id: 'status-byte',
    clause: 'DRV-WIDTH',
    summary: 'reads Status by its only byte that has a meaning',
    apply(d) {
      let isFirst = true;
      wrap(d.transport, 'status', (original) => () => {
        if (isFirst) d.bus.read(offset(d, 'Status'), 8);
        isFirst = false;
        return original();
      });
    },
  },
  {
    id: 'config-field-wide',
    clause: 'DRV-WIDTH',
    summary: 'reads a field of 64 bits by one access',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        const wide = Object.values(d.type?.config ?? {}).find(({ size }) => size === 8);
        if (wide) d.bus.read(d.layout.data.config.offset + wide.offset, 64);
        return original();
      });
    },
  },
  {
    id: 'config-field-by-bytes',
    clause: 'DRV-WIDTH',
    summary: 'reads the configuration as bytes, whatever its fields are',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        const { config } = d;
        if (config) config.pieces = () => Array.from({ length: config.size }, (_, at) => ({ at, size: 1 }));
        return original();
      });
    },
  },
  {
    id: 'config-field-by-dword',
    clause: 'DRV-WIDTH',
    summary: 'reads a field of 16 bits as part of a dword',
    apply(d) {
      wrap(d, 'queuesTold', (original) => () => {
        const field = Object.values(d.type?.config ?? {}).find(({ size }) => size === 2);
        if (field) d.registers.readAt(d.layout.data.config.offset + field.offset - (field.offset % WORD));
        return original();
      });
    },
  },
  {
    id: 'config-generation-unread',
    clause: 'DRV-CONFIGREAD',
    summary: 'reads the configuration without ConfigGeneration',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        if (d.config) d.config.readGeneration = () => 0;
        return original();
      });
    },
  },
  {
    id: 'config-generation-before-only',
    clause: 'DRV-CONFIGREAD',
    summary: 'reads ConfigGeneration before it reads the configuration, and not afterwards',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        const { config } = d;
        if (config) {
          config.read = () => {
            config.readGeneration();
            return config.readAll();
          };
        }
        return original();
      });
    },
  },
  {
    id: 'config-generation-not-compared',
    clause: 'DRV-CONFIGREAD',
    summary: 'reads ConfigGeneration before and after and does not compare',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        if (d.config) d.config.isWhole = () => true;
        return original();
      });
    },
  },
  {
    id: 'shared-memory-looked-at',
    clause: 'DRV-SHM',
    summary: 'asks for shared memory that it has no use for',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        d.registers.write('SHMSel', 0);
        d.registers.read('SHMLenLow');
        return original();
      });
    },
  },
  {
    id: 'entry-wide',
    clause: 'DRV-ACCESS',
    summary: "writes both halves of an entry's address by one access of 64 bits",
    needsMsi: true,
    apply(d) {
      const vectors = d.msi?.vectors;
      if (!vectors) return;
      wrap(vectors, 'writeEntry', (original) => (vector, message) => {
        original(vector, message);
        const low = BigInt(message.address) % HALF;
        d.bus.write(vectors.dword(vector, 'address-low'), low + (BigInt(message.address) / HALF) * HALF, 64);
      });
    },
  },
  {
    id: 'vector-narrow',
    clause: 'DRV-ACCESS',
    summary: 'writes vector registers by 16 bits, as wide as those of PCI are',
    needsMsi: true,
    apply(d) {
      if (!d.msi) return;
      wrap(d.msi.vectors, 'map', (original) => (register, vector) => {
        d.bus.write(offset(d, register), vector, 16);
        return original(register, vector);
      });
    },
  },
  {
    id: 'count-written',
    clause: 'DRV-ACCESS',
    summary: 'writes how many vectors it wants to the register that says how many there are',
    mechanism: 'mask-table',
    apply(d) {
      if (!d.msi) return;
      wrap(d.msi.vectors, 'readHeader', (original) => () => {
        d.registers.write(d.layout.msi?.vectorCount ?? '', 1 + d.queues.length);
        return original();
      });
    },
  },
  {
    id: 'masks-narrow',
    clause: 'DRV-ACCESS',
    summary: 'reads the mask table byte by byte',
    mechanism: 'mask-table',
    apply(d) {
      const vectors = d.msi?.vectors;
      if (!vectors) return;
      wrap(vectors, 'unmask', (original) => (list) => {
        d.bus.read(vectors.placeOf(vectors.msi.maskTable ?? ''), 8);
        original(list);
      });
    },
  },
  {
    id: 'table-place-written',
    clause: 'DRV-ACCESS',
    summary: 'writes where it would like to have the table, as if that were its choice',
    mechanism: 'vector-control',
    apply(d) {
      const { msi } = d;
      if (!msi) return;
      wrap(msi.vectors, 'readHeader', (original) => () => {
        const done = original();
        const [register = ''] = d.layout.table(msi.vectors.msi.entryTable).at.split('.');
        d.registers.write(register, d.registers.read(register));
        return done;
      });
    },
  },
];
