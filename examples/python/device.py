#!/usr/bin/env python3
"""A virtio-mmio entropy device with message signalled interrupts (native layout), and the line protocol around it.

    conformance run -t 'exec:python3 device.py'

The first class is the device; put calls into yours in its place. `serve` speaks the protocol of docs/protocol.md and
can stay as it is.
"""

import os
import random
import sys

# ------------------------------------------------- the device --------------------------------------------------

# Registers, bytes from the device's base.
MAGIC_VALUE = 0x000
VERSION = 0x004
DEVICE_ID = 0x008
VENDOR_ID = 0x00C
DEVICE_FEATURES = 0x010
DEVICE_FEATURES_SEL = 0x014
DRIVER_FEATURES = 0x020
DRIVER_FEATURES_SEL = 0x024
QUEUE_SEL = 0x030
QUEUE_SIZE_MAX = 0x034
QUEUE_SIZE = 0x038
QUEUE_READY = 0x044
QUEUE_NOTIFY = 0x050
INTERRUPT_STATUS = 0x060
INTERRUPT_ACK = 0x064
STATUS = 0x070
QUEUE_DESC_LOW = 0x080
QUEUE_DESC_HIGH = 0x084
QUEUE_DRIVER_LOW = 0x090
QUEUE_DRIVER_HIGH = 0x094
QUEUE_DEVICE_LOW = 0x0A0
QUEUE_DEVICE_HIGH = 0x0A4
SHM_LEN_LOW = 0x0B0
SHM_BASE_HIGH = 0x0BC
CONFIG_GENERATION = 0x0FC
# Added by the native layout.
MSI_VECTOR_COUNT = 0x0D0
MSI_TABLE_OFFSET = 0x0D4
MSI_MASK_OFFSET = 0x0D8
MSI_PBA_OFFSET = 0x0DC
MSI_CONFIG_VECTOR = 0x0E0
MSI_QUEUE_VECTOR = 0x0E4

# Each table has a page of its own, since each has other permissions.
MSI_TABLE = 0x1000
MSI_MASK = 0x2000
MSI_PBA = 0x3000
REGION_SIZE = 0x4000
ENTRY_SIZE = 16

STATUS_DRIVER_OK = 0x04
STATUS_FEATURES_OK = 0x08
STATUS_NEEDS_RESET = 0x40
STATUS_FROM_DRIVER = 0x9F

F_VERSION_1 = 1 << 32
F_MMIO_MSI = 1 << 44
OFFERED = F_VERSION_1 | F_MMIO_MSI

INT_USED_BUFFER = 0x1
INT_CONFIG = 0x2

DESC_F_NEXT = 1
DESC_F_WRITE = 2
AVAIL_F_NO_INTERRUPT = 1

ENTROPY = 4
NO_VECTOR = 0xFFFF
VECTORS = 3
ALL_VECTORS = (1 << VECTORS) - 1
# An entropy device has one queue; the second shows that each has its own vector.
QUEUES = 2
QUEUE_LIMIT = 256

MEMORY_BASE = 0x80000000
MEMORY_SIZE = 0x100000
LOW_HALF = 0xFFFFFFFF

CONSTANTS = {
    MAGIC_VALUE: 0x74726976,
    VERSION: 2,
    DEVICE_ID: ENTROPY,
    VENDOR_ID: 0x6C706D65,
    MSI_VECTOR_COUNT: VECTORS,
    MSI_TABLE_OFFSET: MSI_TABLE,
    MSI_MASK_OFFSET: MSI_MASK,
    MSI_PBA_OFFSET: MSI_PBA,
}

# Which half of which of a queue's addresses a register holds.
QUEUE_ADDRESSES = {
    QUEUE_DESC_LOW: ("descriptors", False),
    QUEUE_DESC_HIGH: ("descriptors", True),
    QUEUE_DRIVER_LOW: ("driver", False),
    QUEUE_DRIVER_HIGH: ("driver", True),
    QUEUE_DEVICE_LOW: ("device", False),
    QUEUE_DEVICE_HIGH: ("device", True),
}


class Broken(Exception):
    """A queue's rings or descriptors make no sense."""


class Memory:
    """Guest memory; addresses are guest physical."""

    def __init__(self):
        self.bytes = bytearray(MEMORY_SIZE)

    def place(self, address, length):
        start = address - MEMORY_BASE
        if start < 0 or start + length > MEMORY_SIZE:
            raise Broken("no guest memory there")
        return start

    def read(self, address, length):
        start = self.place(address, length)
        return bytes(self.bytes[start : start + length])

    def write(self, address, data):
        start = self.place(address, len(data))
        self.bytes[start : start + len(data)] = data

    def load(self, address, size):
        return int.from_bytes(self.read(address, size), "little")

    def store(self, address, size, value):
        self.write(address, value.to_bytes(size, "little"))


class Queue:
    """A split virtqueue: what the driver set up, and how far the device has come."""

    def __init__(self):
        self.size = self.ready = 0
        self.vector = NO_VECTOR
        self.addresses = {"descriptors": 0, "driver": 0, "device": 0}
        self.seen = self.used = 0


class Device:
    """`send_message(address, data)` and `set_line(level)` are what it tells the outside."""

    def __init__(self, send_message, set_line):
        self.send_message = send_message
        self.set_line = set_line
        self.memory = Memory()
        self.random = random.Random(1)
        self.interrupt_status = 0
        self.reset()

    def reset(self):
        if self.interrupt_status:
            self.set_line(0)
        self.status = self.features = self.generation = self.interrupt_status = 0
        self.device_features_sel = self.driver_features_sel = self.queue_sel = 0
        self.queues = [Queue() for _ in range(QUEUES)]
        self.config_vector = NO_VECTOR
        self.masked, self.pending = ALL_VECTORS, 0
        self.entries = [[0, 0, 0] for _ in range(VECTORS)]

    @property
    def msi_negotiated(self):
        return bool(self.status & STATUS_FEATURES_OK and self.features & F_MMIO_MSI)

    @property
    def selected(self):
        return self.queues[self.queue_sel] if self.queue_sel < QUEUES else None

    # --- interrupts ---

    def fire(self, vector):
        low, high, data = self.entries[vector]
        self.send_message(high << 32 | low, data)

    def notify(self, vector, bit):
        """An event happened; `vector` is what its source is mapped to, `bit` its bit of InterruptStatus."""
        if not self.status & STATUS_DRIVER_OK:
            return
        if not self.msi_negotiated:
            if not self.interrupt_status:
                self.set_line(1)
            self.interrupt_status |= bit
        elif vector < VECTORS:
            if self.masked >> vector & 1:
                self.pending |= 1 << vector
            else:
                self.fire(vector)

    def notify_config(self):
        self.notify(self.config_vector, INT_CONFIG)

    def needs_reset(self):
        self.status |= STATUS_NEEDS_RESET
        self.notify_config()

    def write_mask(self, value):
        """A bit that goes from 1 to 0 lets go of what is pending on its vector, once."""
        self.masked = value & ALL_VECTORS
        for vector in range(VECTORS):
            if self.pending & ~self.masked & 1 << vector:
                self.pending &= ~(1 << vector)
                self.fire(vector)

    # --- the virtqueues ---

    def serve(self, queue):
        idle = not self.status & STATUS_DRIVER_OK or self.status & STATUS_NEEDS_RESET
        if idle or not queue.ready or not queue.size:
            return
        before, broken = queue.used, False
        avail = queue.addresses["driver"]
        try:
            waiting = self.memory.load(avail + 2, 2) - queue.seen & 0xFFFF
            if waiting > queue.size:
                raise Broken("more buffers than descriptors")
            for _ in range(waiting):
                self.use(queue, self.memory.load(avail + 4 + 2 * (queue.seen % queue.size), 2))
        except Broken:
            broken = True
        if queue.used != before and not self.memory.load(avail, 2) & AVAIL_F_NO_INTERRUPT:
            self.notify(queue.vector, INT_USED_BUFFER)
        if broken:
            self.needs_reset()

    def use(self, queue, head):
        """Fills one chain with entropy and gives it back."""
        written = 0
        for address, length, flags in self.chain(queue, head):
            self.memory.place(address, length)
            if flags & DESC_F_WRITE:
                self.memory.write(address, self.random.randbytes(length))
                written += length
        used = queue.addresses["device"]
        element = used + 4 + 8 * (queue.used % queue.size)
        self.memory.store(element, 4, head)
        self.memory.store(element + 4, 4, written)
        queue.seen = queue.seen + 1 & 0xFFFF
        queue.used = queue.used + 1 & 0xFFFF
        self.memory.store(used + 2, 2, queue.used)  # only now the driver sees it

    def chain(self, queue, index):
        for _ in range(queue.size):
            if index >= queue.size:
                raise Broken("no such descriptor")
            at = queue.addresses["descriptors"] + 16 * index
            flags = self.memory.load(at + 12, 2)
            yield self.memory.load(at, 8), self.memory.load(at + 8, 4), flags
            if not flags & DESC_F_NEXT:
                return
            index = self.memory.load(at + 14, 2)
        raise Broken("a loop")

    # --- registers ---

    def read(self, offset, width):
        """Only aligned 32-bit accesses mean anything to this device."""
        if width != 32 or offset % 4:
            return 0
        queue = self.selected
        if offset in CONSTANTS:
            return CONSTANTS[offset]
        if offset == DEVICE_FEATURES:
            return OFFERED >> 32 * self.device_features_sel & LOW_HALF if self.device_features_sel < 2 else 0
        if offset == QUEUE_SIZE_MAX:
            return QUEUE_LIMIT if queue else 0
        if offset == QUEUE_READY:
            return queue.ready if queue else 0
        if offset == INTERRUPT_STATUS:
            return self.interrupt_status
        if offset == STATUS:
            return self.status
        if offset == CONFIG_GENERATION:
            return self.generation
        if offset == MSI_CONFIG_VECTOR:
            return self.config_vector
        if offset == MSI_QUEUE_VECTOR:
            return queue.vector if queue else NO_VECTOR
        if SHM_LEN_LOW <= offset <= SHM_BASE_HIGH:
            return LOW_HALF  # there is no shared memory
        if offset == MSI_MASK:
            return self.masked
        if offset == MSI_PBA:
            return self.pending
        vector, field = self.entry_at(offset)
        return self.entries[vector][field] if vector is not None else 0

    def write(self, offset, width, value):
        if width != 32 or offset % 4:
            return
        queue = self.selected
        if offset == DEVICE_FEATURES_SEL:
            self.device_features_sel = value
        elif offset == DRIVER_FEATURES_SEL:
            self.driver_features_sel = value
        elif offset == DRIVER_FEATURES:
            if not self.status & STATUS_FEATURES_OK and self.driver_features_sel < 2:
                shift = 32 * self.driver_features_sel
                self.features = self.features & ~(LOW_HALF << shift) | value << shift
        elif offset == QUEUE_SEL:
            self.queue_sel = value
        elif offset == QUEUE_NOTIFY:
            if value < QUEUES:
                self.serve(self.queues[value])
        elif offset == INTERRUPT_ACK:
            if self.interrupt_status:
                self.interrupt_status &= ~value
                if not self.interrupt_status:
                    self.set_line(0)
        elif offset == STATUS:
            self.write_status(value)
        elif offset == QUEUE_SIZE:
            if queue and value <= QUEUE_LIMIT:
                queue.size = value
        elif offset == QUEUE_READY:
            if queue:
                queue.ready = value & 1
        elif offset in QUEUE_ADDRESSES:
            if queue:
                name, is_high = QUEUE_ADDRESSES[offset]
                old = queue.addresses[name]
                queue.addresses[name] = old & LOW_HALF | value << 32 if is_high else old & ~LOW_HALF | value
        elif self.msi_negotiated:
            self.write_msi(offset, value)

    def write_msi(self, offset, value):
        vector = value if value < VECTORS else NO_VECTOR
        if offset == MSI_CONFIG_VECTOR:
            self.config_vector = vector
        elif offset == MSI_QUEUE_VECTOR:
            if self.selected:
                self.selected.vector = vector
        elif offset == MSI_MASK:
            self.write_mask(value)
        else:
            vector, field = self.entry_at(offset)
            if vector is not None:
                self.entries[vector][field] = value & ~3 if field == 0 else value

    @staticmethod
    def entry_at(offset):
        """The vector and the field (address low, address high, data) there, if any."""
        vector, rest = divmod(offset - MSI_TABLE, ENTRY_SIZE)
        return (vector, rest // 4) if 0 <= vector < VECTORS and rest < 12 else (None, None)

    def write_status(self, value):
        if value == 0:
            self.reset()
            return
        status = value & STATUS_FROM_DRIVER | self.status & (STATUS_NEEDS_RESET | STATUS_FEATURES_OK)
        acceptable = not self.features & ~OFFERED and self.features & F_VERSION_1
        if status & ~self.status & STATUS_FEATURES_OK and not acceptable:
            status &= ~STATUS_FEATURES_OK
        self.status = status

    def raise_event(self, event):
        """The back end reports something; False for an event that this device does not have."""
        if event == "config":
            self.generation += 1
            self.notify_config()
        elif event == "needs-reset":
            self.needs_reset()
        else:
            return False
        return True


# ------------------------------------------------ the protocol -------------------------------------------------

GREETING = (
    "ok 1 name=entropy%20device%20in%20Python layout=native config=0 captures=message,line events=config,needs-reset "
    f"power-cycle region={REGION_SIZE:#x} memory={MEMORY_BASE:#x}+{MEMORY_SIZE:#x}"
)


class Protocol:
    def __init__(self):
        self.power_cycle()

    def power_cycle(self):
        self.interrupts = []
        self.device = Device(
            lambda address, data: self.interrupts.append(f" m:{address:#x}:{data:#x}"),
            lambda level: self.interrupts.append(f" l:{level}"),
        )

    def answer(self, line):
        """The answer to one request."""
        command, *words = line.split()
        if command[0] in "rw" and command[1:] in ("8", "16", "32", "64"):
            offset, *value = (int(word, 0) for word in words)
            if command[0] == "r":
                return f"ok {self.device.read(offset, int(command[1:])):#x}"
            self.device.write(offset, int(command[1:]), value[0])
        elif command == "mr":
            return "ok " + self.device.memory.read(int(words[0], 0), int(words[1], 0)).hex()
        elif command == "mw":
            self.device.memory.write(int(words[0], 0), bytes.fromhex(words[1]))
        elif command == "irq":
            taken, self.interrupts = self.interrupts, []
            return "ok" + "".join(taken)
        elif command == "raise":
            if not self.device.raise_event(words[0]):
                return "err this device has no such event"
        elif command == "power-cycle":
            self.power_cycle()
        elif command == "hello":
            return GREETING if words == ["1"] else "err version 1"
        elif command != "bye":
            return "err request not understood"
        return "ok"


def serve():
    """Requests come many at a time: answers all that are there, and only then waits for more."""
    protocol, rest = Protocol(), b""
    while chunk := os.read(0, 1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        answers = []
        for line in lines:
            try:
                answers.append(protocol.answer(line.decode()))
            except (Broken, ValueError, IndexError) as error:
                answers.append(f"err {error}")
        sys.stdout.write("".join(answer + "\n" for answer in answers))
        sys.stdout.flush()
        if b"bye" in lines:
            return


if __name__ == "__main__":
    serve()
