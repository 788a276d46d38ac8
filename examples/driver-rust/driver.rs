//! A virtio-mmio driver with message signalled interrupts (native layout) for block and entropy devices, and the line
//! protocol around it.
//!
//!     rustc -O --edition 2021 --out-dir build driver.rs && conformance driver -t exec:./build/driver
//!
//! `mod bus` asks the suite by lines, `mod driver` is the driver, and `main` does the tasks that the suite sets it. Put
//! your driver in the place of the second one: it reaches its device through `Bus`.

mod bus {
    use std::io::{self, BufRead, Write};

    /// How a task ends that is not done.
    pub enum End {
        /// The device must not be used, or cannot be.
        GaveUp(String),
        /// Something does not come.
        Stuck(String),
    }

    pub type Result<T> = std::result::Result<T, End>;

    pub enum Irq {
        Line,
        Message(u64, u32),
    }

    pub struct Bus {
        pub memory_base: u64,
        pub memory_size: u64,
    }

    impl Bus {
        /// Greets the suite.
        pub fn new() -> Bus {
            let mut bus = Bus { memory_base: 0, memory_size: 0 };
            let greeting = bus.ask("hello 1 name=driver%20in%20Rust layout=native");
            let memory = greeting.split(' ').find_map(|word| word.strip_prefix("memory=")).expect("no memory");
            let (base, size) = memory.split_once('+').expect("no size of memory");
            bus.memory_base = number(base);
            bus.memory_size = number(size);
            bus
        }

        /// Sends a request; returns what its answer has behind `ok`.
        pub fn ask(&mut self, request: &str) -> String {
            println!("{}", request);
            io::stdout().flush().expect("the suite is gone");
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).expect("the suite is gone");
            let line = line.trim_end();
            match line.strip_prefix("ok") {
                Some(rest) => rest.trim_start().to_string(),
                None => {
                    eprintln!("the suite answered {:?} to {}", line, request);
                    std::process::exit(1);
                }
            }
        }

        pub fn read(&mut self, bits: u32, offset: u32) -> u32 {
            number(&self.ask(&format!("r{} {:#x}", bits, offset))) as u32
        }

        pub fn read32(&mut self, offset: u32) -> u32 {
            self.read(32, offset)
        }

        pub fn write32(&mut self, offset: u32, value: u32) {
            self.ask(&format!("w32 {:#x} {:#x}", offset, value));
        }

        pub fn write_memory(&mut self, address: u64, bytes: &[u8]) {
            let digits: String = bytes.iter().map(|byte| format!("{:02x}", byte)).collect();
            self.ask(&format!("mw {:#x} {}", address, digits));
        }

        /// A little-endian number of so many bytes.
        pub fn load(&mut self, address: u64, size: usize) -> u32 {
            let digits = self.ask(&format!("mr {:#x} {}", address, size));
            let byte = |at: usize| u32::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("no bytes");
            (0..size).map(|at| byte(at) << (8 * at)).sum()
        }

        /// A new address and data for an entry.
        pub fn message(&mut self) -> (u64, u32) {
            let answer = self.ask("message");
            let (address, data) = answer.split_once(' ').expect("no message");
            (number(address), number(data) as u32)
        }

        /// The next interrupt; `None` where nothing will come.
        pub fn wait(&mut self) -> Option<Irq> {
            let answer = self.ask("wait");
            let mut words = answer.split(':');
            match (words.next(), words.next(), words.next()) {
                (Some("m"), Some(address), Some(data)) => Some(Irq::Message(number(address), number(data) as u32)),
                (Some("l"), Some("1"), None) => Some(Irq::Line),
                _ => None,
            }
        }
    }

    fn number(word: &str) -> u64 {
        let found = match word.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => word.parse(),
        };
        found.unwrap_or_else(|_| panic!("the suite sent {:?}, which is no number", word))
    }
}

mod driver {
    use crate::bus::{Bus, End, Irq, Result};
    use std::collections::HashMap;

    /// Registers, bytes from the device's base.
    mod reg {
        pub const MAGIC_VALUE: u32 = 0x000;
        pub const VERSION: u32 = 0x004;
        pub const DEVICE_ID: u32 = 0x008;
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
        pub const QUEUE_DESC: u32 = 0x080;
        pub const QUEUE_DRIVER: u32 = 0x090;
        pub const QUEUE_DEVICE: u32 = 0x0a0;
        pub const CONFIG_GENERATION: u32 = 0x0fc;
        pub const CONFIG: u32 = 0x100;
        // Added by the native layout.
        pub const MSI_VECTOR_COUNT: u32 = 0x0d0;
        pub const MSI_TABLE_OFFSET: u32 = 0x0d4;
        pub const MSI_MASK_OFFSET: u32 = 0x0d8;
        pub const MSI_CONFIG_VECTOR: u32 = 0x0e0;
        pub const MSI_QUEUE_VECTOR: u32 = 0x0e4;
        pub const MSI_ENTRY_SIZE: u32 = 16;
    }

    mod status {
        pub const ACKNOWLEDGE: u32 = 1;
        pub const DRIVER: u32 = 2;
        pub const DRIVER_OK: u32 = 4;
        pub const FEATURES_OK: u32 = 8;
        pub const NEEDS_RESET: u32 = 64;
        pub const FAILED: u32 = 128;
    }

    const USED_BUFFER: u32 = 1;
    const CONFIG_CHANGE: u32 = 2;
    const BLOCK: u32 = 2;
    const ENTROPY: u32 = 4;
    const DESC_NEXT: u16 = 1;
    const DESC_WRITE: u16 = 2;
    /// In the first window of features.
    const BLK_F_MQ: u32 = 1 << 12;
    /// In the second one: bits 32 and 44.
    const F_VERSION_1: u32 = 1;
    const F_MMIO_MSI: u32 = 1 << 12;
    /// So many that all vectors in use have their masks in the first dword.
    const MAX_QUEUES: u32 = 8;
    const MAX_SIZE: u32 = 16;
    const PATIENCE: u32 = 10_000;
    /// Widths of the fields of a block device in bytes; capacity, of 8, is read as two of 4.
    const BLOCK_FIELDS: [u32; 24] = [4, 4, 4, 4, 2, 1, 1, 4, 1, 1, 2, 4, 1, 1, 2, 4, 4, 4, 4, 4, 1, 1, 1, 1];
    const NUM_QUEUES: usize = 34;

    struct Queue {
        index: u32,
        size: u32,
        avail: u64,
        used: u64,
        next_avail: u16,
        next_used: u16,
        /// Descriptors that begin a request which may be given.
        free: Vec<u32>,
        slots: usize,
        vector: u32,
    }

    pub struct Driver {
        pub bus: Bus,
        device_id: u32,
        queues: Vec<Queue>,
        next_memory: u64,
        pub live: bool,
        pub uses_msi: bool,
        /// Everything is to stay masked.
        held: bool,
        needs_reset: bool,
        /// Buffers that are still to be given, that the device has, that came back and were not reported.
        backlog: usize,
        outstanding: usize,
        pub returned: usize,
        changes: usize,
        /// The queue whose turn it is.
        turn: usize,
        generation: u32,
        entry_table: u32,
        mask_table: u32,
        /// Vectors in use, from 0; the first is the configuration's.
        vectors: u32,
        /// Vectors by the messages they were given since the last reset: an old one may be under way.
        targets: HashMap<(u64, u32), u32>,
    }

    impl Driver {
        pub fn new(bus: Bus) -> Driver {
            let next_memory = bus.memory_base;
            Driver {
                bus,
                device_id: 0,
                queues: Vec::new(),
                next_memory,
                live: false,
                uses_msi: false,
                held: false,
                needs_reset: false,
                backlog: 0,
                outstanding: 0,
                returned: 0,
                changes: 0,
                turn: 0,
                generation: 0,
                entry_table: 0,
                mask_table: 0,
                vectors: 0,
                targets: HashMap::new(),
            }
        }

        // --- initialisation ---

        pub fn start(&mut self) -> Result<()> {
            if self.bus.read32(reg::MAGIC_VALUE) != 0x7472_6976 {
                return gave_up("there is no virtio device");
            }
            if self.bus.read32(reg::VERSION) != 2 {
                return gave_up("the device is of another version");
            }
            self.device_id = self.bus.read32(reg::DEVICE_ID);
            if self.device_id != BLOCK && self.device_id != ENTROPY {
                return gave_up("the device is of a type that is not driven");
            }
            self.held = false;
            self.initialise()
        }

        /// With messages, else without.
        fn initialise(&mut self) -> Result<()> {
            if self.attempt(true)? || (self.uses_msi && self.attempt(false)?) {
                return Ok(());
            }
            self.fail("the device refuses the features that the driver needs")
        }

        /// One go from reset to DRIVER_OK; false where the device refuses: what is left then is another reset.
        fn attempt(&mut self, with_msi: bool) -> Result<bool> {
            self.reset()?;
            self.forget()?;
            self.add_status(status::ACKNOWLEDGE);
            self.add_status(status::DRIVER);
            let multi_queue = self.negotiate(with_msi)?;
            self.add_status(status::FEATURES_OK);
            if self.bus.read32(reg::STATUS) & status::FEATURES_OK == 0 {
                return Ok(false);
            }
            let config = self.configuration()?;
            let most = if multi_queue { u32::from(u16::from_le_bytes([config[NUM_QUEUES], config[NUM_QUEUES + 1]])) } else { 1 };
            for index in 0..most.min(MAX_QUEUES) {
                self.make_queue(index)?;
            }
            if self.queues.is_empty() {
                return self.fail("no queue has room for a request");
            }
            if self.uses_msi {
                if !self.set_up_messages() {
                    return Ok(false);
                }
                if !self.held {
                    self.unmask(all(self.vectors));
                }
            }
            self.add_status(status::DRIVER_OK);
            self.live = true;
            Ok(true)
        }

        fn reset(&mut self) -> Result<()> {
            self.bus.write32(reg::STATUS, 0);
            for _ in 0..PATIENCE {
                if self.bus.read32(reg::STATUS) == 0 {
                    return Ok(());
                }
            }
            gave_up("the device does not come out of its reset")
        }

        /// After a reset the device has no buffers any more: those that it did not use are to be given to it again.
        fn forget(&mut self) -> Result<()> {
            self.live = false;
            self.needs_reset = false;
            self.harvest_all()?;
            self.backlog += self.outstanding;
            self.outstanding = 0;
            self.turn = 0;
            self.queues.clear();
            self.next_memory = self.bus.memory_base;
            Ok(())
        }

        /// Accepts what the driver makes use of; whether the device has several queues.
        fn negotiate(&mut self, with_msi: bool) -> Result<bool> {
            let own = if self.device_id == BLOCK { BLK_F_MQ } else { 0 };
            let low = self.offered(0) & own;
            let high = self.offered(1) & (F_VERSION_1 | if with_msi { F_MMIO_MSI } else { 0 });
            if high & F_VERSION_1 == 0 {
                return self.fail("the device is not of version 1");
            }
            for (window, word) in [(0, low), (1, high)] {
                self.bus.write32(reg::DRIVER_FEATURES_SEL, window);
                self.bus.write32(reg::DRIVER_FEATURES, word);
            }
            self.uses_msi = high & F_MMIO_MSI != 0;
            Ok(low & BLK_F_MQ != 0)
        }

        fn offered(&mut self, window: u32) -> u32 {
            self.bus.write32(reg::DEVICE_FEATURES_SEL, window);
            self.bus.read32(reg::DEVICE_FEATURES)
        }

        fn add_status(&mut self, bit: u32) {
            let status = self.bus.read32(reg::STATUS);
            self.bus.write32(reg::STATUS, status | bit);
        }

        fn fail<T>(&mut self, why: &str) -> Result<T> {
            self.add_status(status::FAILED);
            self.live = false;
            gave_up(why)
        }

        // --- queues ---

        fn allocate(&mut self, length: u64) -> Result<u64> {
            let address = (self.next_memory + 15) / 16 * 16;
            if address + length > self.bus.memory_base + self.bus.memory_size {
                return self.fail("no memory is left");
            }
            self.next_memory = address + length;
            self.bus.write_memory(address, &vec![0; length as usize]);
            Ok(address)
        }

        /// Sets a queue up and enables it; leaves out one that does not exist, or has no room.
        fn make_queue(&mut self, index: u32) -> Result<()> {
            self.bus.write32(reg::QUEUE_SEL, index);
            if self.bus.read32(reg::QUEUE_READY) != 0 {
                return self.fail("a queue is enabled after a reset");
            }
            let size_max = self.bus.read32(reg::QUEUE_SIZE_MAX);
            if size_max == 0 {
                return Ok(());
            }
            // The largest power of two.
            let size = 1 << (31 - size_max.min(MAX_SIZE).leading_zeros());
            let request = self.request(size);
            let links = request.len() as u32;
            if links > size {
                return Ok(());
            }
            let desc = self.allocate(16 * u64::from(size))?;
            let avail = self.allocate(6 + 2 * u64::from(size))?;
            let used = self.allocate(6 + 8 * u64::from(size))?;
            let free: Vec<u32> = (0..size / links).map(|slot| slot * links).collect();
            for head in &free {
                self.put_request(desc, *head, &request)?;
            }
            self.bus.write32(reg::QUEUE_SIZE, size);
            for (register, address) in [(reg::QUEUE_DESC, desc), (reg::QUEUE_DRIVER, avail), (reg::QUEUE_DEVICE, used)] {
                self.bus.write32(register, address as u32);
                self.bus.write32(register + 4, (address >> 32) as u32);
            }
            self.bus.write32(reg::QUEUE_READY, 1);
            let slots = free.len();
            self.queues.push(Queue { index, size, avail, used, next_avail: 0, next_used: 0, free, slots, vector: 0 });
            Ok(())
        }

        /// Lengths of the buffers of a request, and whether the device writes them.
        fn request(&self, size: u32) -> Vec<(u32, bool)> {
            match (self.device_id, size) {
                (ENTROPY, _) => vec![(16, true)],
                // Where the ring is short, data and status share a buffer.
                (_, 1) | (_, 2) => vec![(16, false), (513, true)],
                _ => vec![(16, false), (512, true), (1, true)],
            }
        }

        fn put_request(&mut self, desc: u64, head: u32, request: &[(u32, bool)]) -> Result<()> {
            for (at, (length, device_writes)) in (0u32..).zip(request) {
                let address = self.allocate(u64::from(*length))?;
                let is_last = at as usize == request.len() - 1;
                let flags = if *device_writes { DESC_WRITE } else { 0 } | if is_last { 0 } else { DESC_NEXT };
                let next = if is_last { 0 } else { (head + at + 1) as u16 };
                let mut bytes = address.to_le_bytes().to_vec();
                bytes.extend(length.to_le_bytes());
                bytes.extend(flags.to_le_bytes());
                bytes.extend(next.to_le_bytes());
                self.bus.write_memory(desc + 16 * u64::from(head + at), &bytes);
            }
            Ok(())
        }

        /// Gives the queues in turn what there is to give, as far as they have room, and notifies each of them once.
        fn give(&mut self) {
            let mut touched = vec![false; self.queues.len()];
            while self.backlog > 0 && self.queues.iter().any(|queue| !queue.free.is_empty()) {
                let turn = self.turn;
                self.turn = (turn + 1) % self.queues.len();
                let queue = &mut self.queues[turn];
                if let Some(head) = queue.free.pop() {
                    let place = queue.avail + 4 + 2 * u64::from(u32::from(queue.next_avail) % queue.size);
                    self.bus.write_memory(place, &(head as u16).to_le_bytes());
                    queue.next_avail = queue.next_avail.wrapping_add(1);
                    touched[turn] = true;
                    self.backlog -= 1;
                    self.outstanding += 1;
                }
            }
            for (queue, _) in self.queues.iter().zip(touched).filter(|(_, touched)| *touched) {
                self.bus.write_memory(queue.avail + 2, &queue.next_avail.to_le_bytes());
                self.bus.write32(reg::QUEUE_NOTIFY, queue.index);
            }
        }

        /// Takes back every buffer that the device has used: one notification may be for many.
        fn harvest(&mut self, at: usize) -> Result<()> {
            let queue = &mut self.queues[at];
            while self.bus.load(queue.used + 2, 2) != u32::from(queue.next_used) {
                let place = queue.used + 4 + 8 * u64::from(u32::from(queue.next_used) % queue.size);
                let id = self.bus.load(place, 4);
                queue.next_used = queue.next_used.wrapping_add(1);
                if id >= queue.size || queue.free.len() == queue.slots {
                    return self.fail("the device uses a buffer that it was not given");
                }
                queue.free.push(id);
                self.outstanding -= 1;
                self.returned += 1;
            }
            Ok(())
        }

        fn harvest_all(&mut self) -> Result<()> {
            (0..self.queues.len()).try_for_each(|at| self.harvest(at))
        }

        // --- configuration ---

        /// All of it, between two equal readings of ConfigGeneration.
        pub fn configuration(&mut self) -> Result<Vec<u8>> {
            if self.device_id != BLOCK {
                return Ok(Vec::new());
            }
            for _ in 0..100 {
                let before = self.bus.read32(reg::CONFIG_GENERATION);
                let mut bytes = Vec::new();
                for width in BLOCK_FIELDS {
                    let value = self.bus.read(8 * width, reg::CONFIG + bytes.len() as u32);
                    bytes.extend(&value.to_le_bytes()[..width as usize]);
                }
                self.generation = self.bus.read32(reg::CONFIG_GENERATION);
                if self.generation == before {
                    return Ok(bytes);
                }
            }
            Err(End::Stuck("the configuration does not hold still".to_string()))
        }

        fn config_changed(&mut self) -> Result<()> {
            if self.bus.read32(reg::STATUS) & status::NEEDS_RESET != 0 {
                self.needs_reset = true;
                return Ok(());
            }
            self.changes += 1;
            self.configuration().map(|_| ())
        }

        // --- messages ---

        /// The configuration has vector 0; queues share the others, or that one where it is the only one.
        fn set_up_messages(&mut self) -> bool {
            let count = self.bus.read32(reg::MSI_VECTOR_COUNT);
            if count == 0 {
                return false;
            }
            self.entry_table = self.bus.read32(reg::MSI_TABLE_OFFSET);
            self.mask_table = self.bus.read32(reg::MSI_MASK_OFFSET);
            self.targets.clear();
            self.vectors = 1;
            if !self.map(reg::MSI_CONFIG_VECTOR, 0) {
                return false;
            }
            for at in 0..self.queues.len() {
                let vector = if count == 1 { 0 } else { 1 + at as u32 % (count - 1) };
                self.queues[at].vector = vector;
                self.bus.write32(reg::QUEUE_SEL, self.queues[at].index);
                if !self.map(reg::MSI_QUEUE_VECTOR, vector) {
                    return false;
                }
                self.vectors = self.vectors.max(vector + 1);
            }
            (0..self.vectors).for_each(|vector| self.give_target(vector));
            true
        }

        /// Whether the device took it.
        fn map(&mut self, register: u32, vector: u32) -> bool {
            self.bus.write32(register, vector);
            self.bus.read32(register) == vector
        }

        /// Writes the entry of a vector, which must be masked.
        fn give_target(&mut self, vector: u32) {
            let (address, data) = self.bus.message();
            let entry = self.entry_table + reg::MSI_ENTRY_SIZE * vector;
            self.bus.write32(entry, address as u32);
            self.bus.write32(entry + 4, (address >> 32) as u32);
            self.bus.write32(entry + 8, data);
            self.targets.insert((address, data), vector);
        }

        fn mask(&mut self, vectors: u32) {
            let masks = self.bus.read32(self.mask_table);
            self.bus.write32(self.mask_table, masks | vectors);
        }

        fn unmask(&mut self, vectors: u32) {
            let masks = self.bus.read32(self.mask_table);
            self.bus.write32(self.mask_table, masks & !vectors);
        }

        // --- interrupts ---

        fn handle(&mut self, irq: Irq) -> Result<()> {
            match irq {
                Irq::Message(address, data) if self.uses_msi => self.handle_message(address, data)?,
                Irq::Line if !self.uses_msi => self.handle_line()?,
                _ => {}
            }
            if self.needs_reset {
                self.initialise()?;
            }
            self.give();
            Ok(())
        }

        /// A message may be for any source of its vector, for several of them, or for none.
        fn handle_message(&mut self, address: u64, data: u32) -> Result<()> {
            let vector = match self.targets.get(&(address, data)) {
                Some(vector) => *vector,
                None => return Ok(()),
            };
            for at in 0..self.queues.len() {
                if self.queues[at].vector == vector {
                    self.harvest(at)?;
                }
            }
            if vector == 0 {
                self.config_changed()?;
            }
            Ok(())
        }

        fn handle_line(&mut self) -> Result<()> {
            let bits = self.bus.read32(reg::INTERRUPT_STATUS) & (USED_BUFFER | CONFIG_CHANGE);
            if bits == 0 {
                return Ok(());
            }
            if bits & USED_BUFFER != 0 {
                self.harvest_all()?;
            }
            if bits & CONFIG_CHANGE != 0 {
                self.config_changed()?;
            }
            self.bus.write32(reg::INTERRUPT_ACK, bits);
            if self.needs_reset {
                return Ok(());
            }
            // What came between looking and acknowledging has lost its bit.
            if bits & USED_BUFFER != 0 {
                self.harvest_all()?;
            }
            let is_stale = self.device_id == BLOCK && bits & CONFIG_CHANGE != 0;
            if is_stale && self.bus.read32(reg::CONFIG_GENERATION) != self.generation {
                self.config_changed()?;
            }
            Ok(())
        }

        // --- the other tasks ---

        pub fn submit(&mut self, count: usize) {
            self.backlog += count;
            self.give();
        }

        pub fn collect(&mut self) -> Result<usize> {
            let mut fruitless = 0;
            while self.outstanding + self.backlog > 0 {
                let before = self.returned;
                match self.bus.wait() {
                    Some(irq) => self.handle(irq)?,
                    // Nothing interrupts while vectors are masked: the driver looks by itself.
                    None if self.held && self.sees_work()? => {}
                    None => return Err(End::Stuck("no interrupt comes".to_string())),
                }
                self.give();
                fruitless = if self.returned == before { fruitless + 1 } else { 0 };
                if fruitless > 1000 {
                    return Err(End::Stuck("interrupts come and bring nothing".to_string()));
                }
            }
            Ok(std::mem::take(&mut self.returned))
        }

        /// Whether there was something to do for the driver.
        fn sees_work(&mut self) -> Result<bool> {
            let before = self.returned;
            self.harvest_all()?;
            if self.returned > before {
                return Ok(true);
            }
            if self.bus.read32(reg::STATUS) & status::NEEDS_RESET == 0 {
                return Ok(false);
            }
            self.initialise()?;
            Ok(true)
        }

        pub fn mask_all(&mut self, masked: bool) {
            self.held = masked;
            if !self.uses_msi {
                return;
            }
            let vectors = all(self.vectors);
            if masked {
                self.mask(vectors);
            } else {
                self.unmask(vectors);
            }
        }

        pub fn retarget(&mut self) {
            for vector in 0..if self.uses_msi { self.vectors } else { 0 } {
                if self.held {
                    self.give_target(vector);
                    continue;
                }
                self.mask(1 << vector);
                self.give_target(vector);
                self.unmask(1 << vector);
            }
        }

        pub fn notice(&mut self) -> Result<usize> {
            for _ in 0..1000 {
                match self.bus.wait() {
                    Some(irq) => self.handle(irq)?,
                    None => break,
                }
            }
            Ok(std::mem::take(&mut self.changes))
        }

        /// Where a queue goes on that was only stopped, nothing says: the whole device begins anew.
        pub fn restart_queue(&mut self) -> Result<()> {
            let (index, vector) = (self.queues[0].index, self.queues[0].vector);
            if self.uses_msi {
                self.mask(1 << vector);
            }
            self.bus.write32(reg::QUEUE_SEL, index);
            self.bus.write32(reg::QUEUE_READY, 0);
            for _ in 0..PATIENCE {
                if self.bus.read32(reg::QUEUE_READY) == 0 {
                    self.initialise()?;
                    self.give();
                    return Ok(());
                }
            }
            self.fail("a queue does not stop")
        }

        pub fn stop(&mut self) -> Result<()> {
            if self.live {
                self.mask_all(true);
            }
            self.reset()?;
            self.forget()?;
            self.held = false;
            self.backlog = 0;
            self.returned = 0;
            Ok(())
        }
    }

    fn gave_up<T>(why: &str) -> Result<T> {
        Err(End::GaveUp(why.to_string()))
    }

    /// The mask bits of the first `count` vectors.
    fn all(count: u32) -> u32 {
        (1 << count) - 1
    }
}

use bus::{Bus, End, Result};
use driver::Driver;

fn main() {
    let mut driver = Driver::new(Bus::new());
    let mut answer = "next".to_string();
    loop {
        let task = driver.bus.ask(&answer);
        if task == "end" {
            return;
        }
        answer = match do_task(&mut driver, &task) {
            Ok(done) => done,
            Err(End::GaveUp(why)) => format!("gave-up {}", why),
            Err(End::Stuck(why)) => format!("stuck {} {}", driver.returned, why),
        };
    }
}

/// Does a task; returns the line that says so.
fn do_task(driver: &mut Driver, task: &str) -> Result<String> {
    let mut words = task.split(' ');
    let name = words.next().unwrap_or("");
    let count: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let done = |more: String| Ok(format!("done {}", more).trim_end().to_string());
    if name != "start" && name != "stop" && !driver.live {
        return Err(End::GaveUp("the device is not in use".to_string()));
    }
    match name {
        "start" => {
            driver.start()?;
            done(if driver.uses_msi { "msi" } else { "line" }.to_string())
        }
        "transfer" => {
            driver.submit(count);
            done(driver.collect()?.to_string())
        }
        "submit" => {
            driver.submit(count);
            done(String::new())
        }
        "collect" => done(driver.collect()?.to_string()),
        "notice" => done(driver.notice()?.to_string()),
        "configuration" => {
            let digits: String = driver.configuration()?.iter().map(|byte| format!("{:02x}", byte)).collect();
            done(if digits.is_empty() { "-".to_string() } else { digits })
        }
        "retarget" => {
            driver.retarget();
            done(String::new())
        }
        "mask" | "unmask" => {
            driver.mask_all(name == "mask");
            done(String::new())
        }
        "restart-queue" => {
            driver.restart_queue()?;
            done(String::new())
        }
        "stop" => {
            driver.stop()?;
            done(String::new())
        }
        _ => Ok("unsupported".to_string()),
    }
}
