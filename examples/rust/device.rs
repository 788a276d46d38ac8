//! A virtio-mmio entropy device with message signalled interrupts (native layout), and the line protocol around it.
//!
//!     rustc -O --out-dir build device.rs && conformance run -t exec:./build/device
//!
//! `mod device` is the device; put calls into yours in its place. The rest speaks the protocol of docs/protocol.md and
//! can stay as it is.

mod device {
    /// Registers, bytes from the device's base.
    mod reg {
        pub const MAGIC_VALUE: u32 = 0x000;
        pub const VERSION: u32 = 0x004;
        pub const DEVICE_ID: u32 = 0x008;
        pub const VENDOR_ID: u32 = 0x00c;
        pub const DEVICE_FEATURES: u32 = 0x010;
        pub const DEVICE_FEATURES_SEL: u32 = 0x014;
        pub const DRIVER_FEATURES: u32 = 0x020;
        pub const DRIVER_FEATURES_SEL: u32 = 0x024;
        pub const QUEUE_SEL: u32 = 0x030;
        pub const QUEUE_SIZE_MAX: u32 = 0x034;
        pub const QUEUE_SIZE: u32 = 0x038;
        pub const QUEUE_READY: u32 = 0x044;
        pub const QUEUE_NOTIFY: u32 = 0x050;
        pub const INTERRUPT_STATUS: u32 = 0x060;
        pub const INTERRUPT_ACK: u32 = 0x064;
        pub const STATUS: u32 = 0x070;
        pub const QUEUE_DESC_LOW: u32 = 0x080;
        pub const QUEUE_DESC_HIGH: u32 = 0x084;
        pub const QUEUE_DRIVER_LOW: u32 = 0x090;
        pub const QUEUE_DRIVER_HIGH: u32 = 0x094;
        pub const QUEUE_DEVICE_LOW: u32 = 0x0a0;
        pub const QUEUE_DEVICE_HIGH: u32 = 0x0a4;
        pub const SHM_LEN_LOW: u32 = 0x0b0;
        pub const SHM_BASE_HIGH: u32 = 0x0bc;
        pub const CONFIG_GENERATION: u32 = 0x0fc;
        // Added by the native layout.
        pub const MSI_VECTOR_COUNT: u32 = 0x0d0;
        pub const MSI_TABLE_OFFSET: u32 = 0x0d4;
        pub const MSI_MASK_OFFSET: u32 = 0x0d8;
        pub const MSI_PBA_OFFSET: u32 = 0x0dc;
        pub const MSI_CONFIG_VECTOR: u32 = 0x0e0;
        pub const MSI_QUEUE_VECTOR: u32 = 0x0e4;
        // Each table has a page of its own, since each has other permissions.
        pub const MSI_TABLE: u32 = 0x1000;
        pub const MSI_MASK: u32 = 0x2000;
        pub const MSI_PBA: u32 = 0x3000;
        pub const MSI_TABLE_LAST: u32 = MSI_TABLE + (super::VECTORS as u32) * 16 - 4;
    }

    pub const REGION_SIZE: u64 = 0x4000;

    const STATUS_DRIVER_OK: u32 = 0x04;
    const STATUS_FEATURES_OK: u32 = 0x08;
    const STATUS_NEEDS_RESET: u32 = 0x40;
    const STATUS_FROM_DRIVER: u32 = 0x9f;

    const F_VERSION_1: u64 = 1 << 32;
    const F_MMIO_MSI: u64 = 1 << 44;
    const OFFERED: u64 = F_VERSION_1 | F_MMIO_MSI;

    const INT_USED_BUFFER: u32 = 0x1;
    const INT_CONFIG: u32 = 0x2;

    const DESC_F_NEXT: u64 = 1;
    const DESC_F_WRITE: u64 = 2;
    const AVAIL_F_NO_INTERRUPT: u64 = 1;

    const ENTROPY: u32 = 4;
    const NO_VECTOR: u32 = 0xffff;
    const VECTORS: usize = 3;
    const ALL_VECTORS: u32 = (1 << VECTORS) - 1;
    /// An entropy device has one queue; the second shows that each has its own vector.
    const QUEUES: usize = 2;
    const QUEUE_LIMIT: u32 = 256;

    pub const MEMORY_BASE: u64 = 0x8000_0000;
    pub const MEMORY_SIZE: u64 = 0x10_0000;

    /// What the device tells the outside.
    #[derive(Clone, Copy)]
    pub enum Interrupt {
        Message { address: u64, data: u32 },
        Line(bool),
    }

    /// A queue's rings or descriptors make no sense.
    pub struct Broken;

    /// Guest memory; addresses are guest physical.
    pub struct Memory(Vec<u8>);

    impl Memory {
        fn range(&self, address: u64, length: u64) -> Result<std::ops::Range<usize>, Broken> {
            let start = address.checked_sub(MEMORY_BASE).ok_or(Broken)?;
            let end = start.checked_add(length).filter(|end| *end <= MEMORY_SIZE).ok_or(Broken)?;
            Ok(start as usize..end as usize)
        }

        pub fn bytes(&mut self, address: u64, length: u64) -> Result<&mut [u8], Broken> {
            let range = self.range(address, length)?;
            Ok(&mut self.0[range])
        }

        fn load(&mut self, address: u64, size: u64) -> Result<u64, Broken> {
            Ok(self.bytes(address, size)?.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
        }

        fn store(&mut self, address: u64, size: u64, value: u64) -> Result<(), Broken> {
            self.bytes(address, size)?.copy_from_slice(&value.to_le_bytes()[..size as usize]);
            Ok(())
        }
    }

    /// A split virtqueue: what the driver set up, and how far the device has come.
    struct Queue {
        size: u32,
        ready: u32,
        vector: u32,
        descriptors: u64,
        driver: u64,
        device: u64,
        seen: u16,
        used: u16,
    }

    impl Queue {
        fn new() -> Queue {
            Queue { size: 0, ready: 0, vector: NO_VECTOR, descriptors: 0, driver: 0, device: 0, seen: 0, used: 0 }
        }
    }

    /// Everything that a reset of the device clears.
    struct State {
        status: u32,
        device_features_sel: u32,
        driver_features_sel: u32,
        queue_sel: u32,
        generation: u32,
        features: u64,
        interrupt_status: u32,
        queues: [Queue; QUEUES],
        config_vector: u32,
        masked: u32,
        pending: u32,
        /// Address low, address high, data.
        entries: [[u32; 3]; VECTORS],
    }

    impl State {
        fn new() -> State {
            State {
                status: 0,
                device_features_sel: 0,
                driver_features_sel: 0,
                queue_sel: 0,
                generation: 0,
                features: 0,
                interrupt_status: 0,
                queues: [Queue::new(), Queue::new()],
                config_vector: NO_VECTOR,
                masked: ALL_VECTORS,
                pending: 0,
                entries: [[0; 3]; VECTORS],
            }
        }
    }

    pub struct Device {
        state: State,
        pub memory: Memory,
        /// Delivered and not yet collected, oldest first.
        pub interrupts: Vec<Interrupt>,
        random: u32,
    }

    impl Device {
        pub fn new() -> Device {
            let memory = Memory(vec![0; MEMORY_SIZE as usize]);
            Device { state: State::new(), memory, interrupts: Vec::new(), random: 1 }
        }

        fn reset(&mut self) {
            if self.state.interrupt_status != 0 {
                self.interrupts.push(Interrupt::Line(false));
            }
            self.state = State::new();
        }

        fn msi_negotiated(&self) -> bool {
            self.state.status & STATUS_FEATURES_OK != 0 && self.state.features & F_MMIO_MSI != 0
        }

        fn selected(&mut self) -> Option<&mut Queue> {
            self.state.queues.get_mut(self.state.queue_sel as usize)
        }

        // --- interrupts ---

        fn fire(&mut self, vector: usize) {
            let [low, high, data] = self.state.entries[vector];
            let address = u64::from(high) << 32 | u64::from(low);
            self.interrupts.push(Interrupt::Message { address, data });
        }

        /// An event happened; `vector` is what its source is mapped to, `bit` its bit of InterruptStatus.
        fn notify(&mut self, vector: u32, bit: u32) {
            if self.state.status & STATUS_DRIVER_OK == 0 {
                return;
            }
            if !self.msi_negotiated() {
                if self.state.interrupt_status == 0 {
                    self.interrupts.push(Interrupt::Line(true));
                }
                self.state.interrupt_status |= bit;
            } else if (vector as usize) < VECTORS {
                if self.state.masked >> vector & 1 == 1 {
                    self.state.pending |= 1 << vector;
                } else {
                    self.fire(vector as usize);
                }
            }
        }

        fn notify_config(&mut self) {
            self.notify(self.state.config_vector, INT_CONFIG);
        }

        fn needs_reset(&mut self) {
            self.state.status |= STATUS_NEEDS_RESET;
            self.notify_config();
        }

        /// A bit that goes from 1 to 0 lets go of what is pending on its vector, once.
        fn write_mask(&mut self, value: u32) {
            self.state.masked = value & ALL_VECTORS;
            for vector in 0..VECTORS {
                if self.state.pending & !self.state.masked & 1 << vector != 0 {
                    self.state.pending &= !(1 << vector);
                    self.fire(vector);
                }
            }
        }

        // --- the virtqueues ---

        fn serve(&mut self, index: usize) {
            let queue = &self.state.queues[index];
            let is_running = self.state.status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET) == STATUS_DRIVER_OK;
            if !is_running || queue.ready == 0 || queue.size == 0 {
                return;
            }
            let before = queue.used;
            let result = self.use_all(index);
            let queue = &self.state.queues[index];
            let flags = self.memory.load(queue.driver, 2).unwrap_or(0);
            if queue.used != before && flags & AVAIL_F_NO_INTERRUPT == 0 {
                self.notify(queue.vector, INT_USED_BUFFER);
            }
            if result.is_err() {
                self.needs_reset();
            }
        }

        fn use_all(&mut self, index: usize) -> Result<(), Broken> {
            let queue = &self.state.queues[index];
            let (size, driver, device) = (queue.size, queue.driver, queue.device);
            let waiting = (self.memory.load(driver.wrapping_add(2), 2)? as u16).wrapping_sub(queue.seen);
            if u32::from(waiting) > size {
                return Err(Broken);
            }
            for _ in 0..waiting {
                let queue = &self.state.queues[index];
                let (seen, used) = (queue.seen, queue.used);
                let head = self.memory.load(driver.wrapping_add(4 + 2 * (u64::from(seen) % u64::from(size))), 2)?;
                let written = self.fill(index, head)?;
                let element = device.wrapping_add(4 + 8 * (u64::from(used) % u64::from(size)));
                self.memory.store(element, 4, head)?;
                self.memory.store(element.wrapping_add(4), 4, written)?;
                self.memory.store(device.wrapping_add(2), 2, u64::from(used.wrapping_add(1)))?; // only now the driver sees it
                let queue = &mut self.state.queues[index];
                queue.seen = seen.wrapping_add(1);
                queue.used = used.wrapping_add(1);
            }
            Ok(())
        }

        /// Fills one chain with entropy; the number of bytes written.
        fn fill(&mut self, index: usize, head: u64) -> Result<u64, Broken> {
            let (size, table) = (u64::from(self.state.queues[index].size), self.state.queues[index].descriptors);
            let (mut at, mut written) = (head, 0);
            for _ in 0..size {
                if at >= size {
                    return Err(Broken);
                }
                let descriptor = table.wrapping_add(16 * at);
                let address = self.memory.load(descriptor, 8)?;
                let length = self.memory.load(descriptor.wrapping_add(8), 4)?;
                let flags = self.memory.load(descriptor.wrapping_add(12), 2)?;
                let buffer = self.memory.bytes(address, length)?;
                if flags & DESC_F_WRITE != 0 {
                    for byte in buffer {
                        self.random = self.random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                        *byte = (self.random >> 16) as u8;
                    }
                    written += length;
                }
                if flags & DESC_F_NEXT == 0 {
                    return Ok(written);
                }
                at = self.memory.load(descriptor.wrapping_add(14), 2)?;
            }
            Err(Broken) // a loop
        }

        // --- registers ---

        /// Only aligned 32-bit accesses mean anything to this device.
        pub fn read(&mut self, offset: u32, width: u32) -> u64 {
            if width != 32 || offset % 4 != 0 {
                return 0;
            }
            let state = &self.state;
            let queue = state.queues.get(state.queue_sel as usize);
            u64::from(match offset {
                reg::MAGIC_VALUE => 0x7472_6976,
                reg::VERSION => 2,
                reg::DEVICE_ID => ENTROPY,
                reg::VENDOR_ID => 0x6c70_6d65,
                reg::DEVICE_FEATURES if state.device_features_sel < 2 => {
                    (OFFERED >> (32 * state.device_features_sel)) as u32
                }
                reg::QUEUE_SIZE_MAX => queue.map_or(0, |_| QUEUE_LIMIT),
                reg::QUEUE_READY => queue.map_or(0, |queue| queue.ready),
                reg::INTERRUPT_STATUS => state.interrupt_status,
                reg::STATUS => state.status,
                reg::SHM_LEN_LOW..=reg::SHM_BASE_HIGH => 0xffff_ffff, // there is no shared memory
                reg::CONFIG_GENERATION => state.generation,
                reg::MSI_VECTOR_COUNT => VECTORS as u32,
                reg::MSI_TABLE_OFFSET => reg::MSI_TABLE,
                reg::MSI_MASK_OFFSET => reg::MSI_MASK,
                reg::MSI_PBA_OFFSET => reg::MSI_PBA,
                reg::MSI_CONFIG_VECTOR => state.config_vector,
                reg::MSI_QUEUE_VECTOR => queue.map_or(NO_VECTOR, |queue| queue.vector),
                reg::MSI_TABLE..=reg::MSI_TABLE_LAST => {
                    let at = offset - reg::MSI_TABLE;
                    state.entries[(at / 16) as usize].get((at % 16 / 4) as usize).copied().unwrap_or(0)
                }
                reg::MSI_MASK => state.masked,
                reg::MSI_PBA => state.pending,
                _ => 0,
            })
        }

        pub fn write(&mut self, offset: u32, width: u32, value: u64) {
            if width != 32 || offset % 4 != 0 {
                return;
            }
            let value = value as u32;
            match offset {
                reg::DEVICE_FEATURES_SEL => self.state.device_features_sel = value,
                reg::DRIVER_FEATURES_SEL => self.state.driver_features_sel = value,
                reg::DRIVER_FEATURES => {
                    if self.state.status & STATUS_FEATURES_OK == 0 && self.state.driver_features_sel < 2 {
                        set_half(&mut self.state.features, self.state.driver_features_sel == 1, value);
                    }
                }
                reg::QUEUE_SEL => self.state.queue_sel = value,
                reg::QUEUE_NOTIFY if (value as usize) < QUEUES => self.serve(value as usize),
                reg::INTERRUPT_ACK if self.state.interrupt_status != 0 => {
                    self.state.interrupt_status &= !value;
                    if self.state.interrupt_status == 0 {
                        self.interrupts.push(Interrupt::Line(false));
                    }
                }
                reg::STATUS => self.write_status(value),
                reg::QUEUE_SIZE..=reg::QUEUE_DEVICE_HIGH => {
                    if let Some(queue) = self.selected() {
                        write_queue(queue, offset, value);
                    }
                }
                _ if self.msi_negotiated() => self.write_msi(offset, value),
                _ => {}
            }
        }

        fn write_msi(&mut self, offset: u32, value: u32) {
            let vector = if (value as usize) < VECTORS { value } else { NO_VECTOR };
            match offset {
                reg::MSI_CONFIG_VECTOR => self.state.config_vector = vector,
                reg::MSI_QUEUE_VECTOR => {
                    if let Some(queue) = self.selected() {
                        queue.vector = vector;
                    }
                }
                reg::MSI_TABLE..=reg::MSI_TABLE_LAST => {
                    let (entry, field) = ((offset - reg::MSI_TABLE) / 16, (offset % 16 / 4) as usize);
                    if field < 3 {
                        self.state.entries[entry as usize][field] = if field == 0 { value & !3 } else { value };
                    }
                }
                reg::MSI_MASK => self.write_mask(value),
                _ => {}
            }
        }

        fn write_status(&mut self, value: u32) {
            if value == 0 {
                self.reset();
                return;
            }
            let old = self.state.status;
            let mut status = value & STATUS_FROM_DRIVER | old & (STATUS_NEEDS_RESET | STATUS_FEATURES_OK);
            let is_acceptable = self.state.features & !OFFERED == 0 && self.state.features & F_VERSION_1 != 0;
            if status & !old & STATUS_FEATURES_OK != 0 && !is_acceptable {
                status &= !STATUS_FEATURES_OK;
            }
            self.state.status = status;
        }

        /// The back end reports something; false for an event that this device does not have.
        pub fn raise(&mut self, event: &str) -> bool {
            match event {
                "config" => {
                    self.state.generation = self.state.generation.wrapping_add(1);
                    self.notify_config();
                }
                "needs-reset" => self.needs_reset(),
                _ => return false,
            }
            true
        }
    }

    fn set_half(whole: &mut u64, is_high: bool, value: u32) {
        let shift = if is_high { 32 } else { 0 };
        *whole = *whole & !(0xffff_ffff << shift) | u64::from(value) << shift;
    }

    fn write_queue(queue: &mut Queue, offset: u32, value: u32) {
        match offset {
            reg::QUEUE_SIZE if value <= QUEUE_LIMIT => queue.size = value,
            reg::QUEUE_READY => queue.ready = value & 1,
            reg::QUEUE_DESC_LOW => set_half(&mut queue.descriptors, false, value),
            reg::QUEUE_DESC_HIGH => set_half(&mut queue.descriptors, true, value),
            reg::QUEUE_DRIVER_LOW => set_half(&mut queue.driver, false, value),
            reg::QUEUE_DRIVER_HIGH => set_half(&mut queue.driver, true, value),
            reg::QUEUE_DEVICE_LOW => set_half(&mut queue.device, false, value),
            reg::QUEUE_DEVICE_HIGH => set_half(&mut queue.device, true, value),
            _ => {}
        }
    }
}

// -------------------------------------------------- the protocol --------------------------------------------------

use device::{Device, Interrupt, MEMORY_BASE, MEMORY_SIZE, REGION_SIZE};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, BufWriter, Write};

const GREETING: &str = "ok 1 name=entropy%20device%20in%20Rust layout=native config=0 captures=message,line \
                        events=config,needs-reset power-cycle";

fn number(word: Option<&str>) -> Option<u64> {
    let word = word?;
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

fn parse_bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() % 2 != 0 {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// The answer to one request; `None` where it is not understood.
fn answer(device: &mut Device, line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let command = words.next()?;
    let mut ok = String::from("ok");
    match command {
        "hello" if words.next() == Some("1") => {
            return Some(format!("{GREETING} region={REGION_SIZE:#x} memory={MEMORY_BASE:#x}+{MEMORY_SIZE:#x}"));
        }
        "hello" => return Some("err version 1".into()),
        "mr" => {
            let (address, length) = (number(words.next())?, number(words.next())?);
            // A match, where newer compilers have let-else: Debian 12 builds this with Rust 1.63.
            let bytes = match device.memory.bytes(address, length) {
                Ok(bytes) => bytes,
                Err(_) => return Some("err no guest memory there".into()),
            };
            ok.push(' ');
            for byte in bytes {
                write!(ok, "{byte:02x}").ok()?;
            }
        }
        "mw" => {
            let (address, bytes) = (number(words.next())?, parse_bytes(words.next()?)?);
            match device.memory.bytes(address, bytes.len() as u64) {
                Ok(place) => place.copy_from_slice(&bytes),
                Err(_) => return Some("err no guest memory there".into()),
            }
        }
        "irq" => {
            for interrupt in device.interrupts.drain(..) {
                match interrupt {
                    Interrupt::Message { address, data } => write!(ok, " m:{address:#x}:{data:#x}").ok()?,
                    Interrupt::Line(level) => write!(ok, " l:{}", u8::from(level)).ok()?,
                }
            }
        }
        "raise" if !device.raise(words.next()?) => return Some("err this device has no such event".into()),
        "raise" | "bye" => {}
        "power-cycle" => *device = Device::new(),
        _ => {
            let width: u32 = command.get(1..)?.parse().ok().filter(|width| [8, 16, 32, 64].contains(width))?;
            let offset = number(words.next())?;
            let is_inside = offset < REGION_SIZE;
            match &command[..1] {
                "r" => {
                    let value = if is_inside { device.read(offset as u32, width) } else { 0 };
                    write!(ok, " {value:#x}").ok()?;
                }
                "w" => {
                    let value = number(words.next())?;
                    if is_inside {
                        device.write(offset as u32, width, value);
                    }
                }
                _ => return None,
            }
        }
    }
    Some(ok)
}

/// Requests come many at a time: answers all that are there, flushes, and only then waits for more.
fn main() -> std::io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut device = Device::new();
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let request = line.trim_end();
        let reply = answer(&mut device, request).unwrap_or_else(|| "err request not understood".into());
        writeln!(output, "{reply}")?;
        if request == "bye" {
            break;
        }
        line.clear();
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
    output.flush()
}
