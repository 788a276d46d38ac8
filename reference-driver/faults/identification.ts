/** Finding a device. */
import type { Fault } from './fault.ts';
import { wrap } from './help.ts';

export const identificationFaults: readonly Fault[] = [
  {
    id: 'magic-unchecked',
    clause: 'DRV-MAGIC',
    summary: 'reads MagicValue and does not look at it',
    apply(d) {
      d.transport.checkMagic = () => {};
    },
  },
  {
    id: 'magic-low-half',
    clause: 'DRV-MAGIC',
    summary: 'compares the low half of MagicValue',
    apply(d) {
      wrap(d.transport, 'checkMagic', (original) => (magic) => {
        const wanted = d.layout.register('MagicValue').value ?? 0;
        if (((magic ^ wanted) & 0xffff) !== 0) original(magic);
      });
    },
  },
  {
    id: 'version-unchecked',
    clause: 'DRV-VERSION',
    summary: 'reads Version and does not look at it',
    apply(d) {
      d.transport.checkVersion = () => {};
    },
  },
  {
    id: 'version-at-most',
    clause: 'DRV-VERSION',
    summary: 'takes a legacy device for one of today',
    apply(d) {
      wrap(d.transport, 'checkVersion', (original) => (version) => {
        if (version !== d.layout.constant('VERSION_LEGACY')) original(version);
      });
    },
  },
  {
    id: 'placeholder-described',
    clause: 'DRV-PLACEHOLDER',
    summary: 'reads VendorID of a placeholder',
    apply(d) {
      wrap(d.transport, 'typeOf', (original) => (id) => {
        if (id === d.layout.constant('NO_DEVICE')) d.registers.read('VendorID');
        return original(id);
      });
    },
  },
  {
    id: 'placeholder-failed',
    clause: 'DRV-PLACEHOLDER',
    summary: 'sets FAILED in the Status of a placeholder',
    apply(d) {
      wrap(d.transport, 'typeOf', (original) => (id) => {
        if (id === d.layout.constant('NO_DEVICE')) d.transport.addStatus('FAILED');
        return original(id);
      });
    },
  },
  {
    id: 'probe-device-id-first',
    clause: 'DRV-PROBE',
    summary: 'reads DeviceID before it knows that there is a virtio device',
    apply(d) {
      wrap(d.transport, 'probe', (original) => () => {
        d.registers.read('DeviceID');
        return original();
      });
    },
  },
  {
    id: 'probe-resets-first',
    clause: 'DRV-PROBE',
    summary: 'resets whatever is there before it looks what it is',
    apply(d) {
      wrap(d.transport, 'probe', (original) => () => {
        d.transport.reset();
        return original();
      });
    },
  },
];
