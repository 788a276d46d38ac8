/*
 * A virtio-mmio driver with message signalled interrupts (native layout) for block and entropy devices, and the line
 * protocol around it.
 *
 *     make && conformance driver -t exec:./build/driver
 *
 * The file has three parts: the bus, which asks the suite by lines; the driver; and the tasks that the suite sets it. Put
 * your driver in the place of the second one: it reaches its device by read32, write32, mem_read, mem_write and wait_irq.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------- the bus --------------------------------------------------- */

static uint64_t memory_base, memory_size;

/* Sends a request; returns what its answer has behind "ok". */
static char *ask(const char *format, ...)
{
    static char line[1 << 14];
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(1);
    line[strcspn(line, "\r\n")] = 0;
    if (strncmp(line, "ok", 2) != 0) {
        fprintf(stderr, "the suite answered: %s\n", line);
        exit(1);
    }
    return line[2] == ' ' ? line + 3 : line + 2;
}

static uint32_t read_bits(unsigned bits, uint32_t offset)
{
    return (uint32_t)strtoul(ask("r%u 0x%" PRIx32, bits, offset), NULL, 0);
}

static uint32_t read32(uint32_t offset)
{
    return read_bits(32, offset);
}

static void write32(uint32_t offset, uint32_t value)
{
    ask("w32 0x%" PRIx32 " 0x%" PRIx32, offset, value);
}

static void mem_write(uint64_t address, const void *bytes, size_t length)
{
    static char digits[1 << 13];
    for (size_t i = 0; i < length; i++) sprintf(digits + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
    ask("mw 0x%" PRIx64 " %s", address, digits);
}

/* A little-endian number of 2 or 4 bytes. */
static uint32_t mem_load(uint64_t address, unsigned size)
{
    const char *digits = ask("mr 0x%" PRIx64 " %u", address, size);
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        unsigned byte;
        sscanf(digits + 2 * i, "%2x", &byte);
        value |= (uint32_t)byte << (8 * i);
    }
    return value;
}

static void mem_store16(uint64_t address, uint16_t value)
{
    mem_write(address, (uint8_t[]){value & 0xff, value >> 8}, 2);
}

struct message {
    uint64_t address;
    uint32_t data;
};

struct irq {
    enum { NO_IRQ, LINE, MESSAGE } kind;
    struct message message;
};

static struct irq wait_irq(void)
{
    struct irq irq = {NO_IRQ, {0, 0}};
    const char *answer = ask("wait");
    if (sscanf(answer, "m:0x%" SCNx64 ":0x%" SCNx32, &irq.message.address, &irq.message.data) == 2) irq.kind = MESSAGE;
    else if (strcmp(answer, "l:1") == 0) irq.kind = LINE;
    return irq;
}

static struct message new_message(void)
{
    struct message message = {0, 0};
    sscanf(ask("message"), "0x%" SCNx64 " 0x%" SCNx32, &message.address, &message.data);
    return message;
}

/* -------------------------------------------------- the driver ------------------------------------------------- */

/* Registers, bytes from the device's base. */
#define MAGIC_VALUE 0x000
#define VERSION 0x004
#define DEVICE_ID 0x008
#define DEVICE_FEATURES 0x010
#define DEVICE_FEATURES_SEL 0x014
#define DRIVER_FEATURES 0x020
#define DRIVER_FEATURES_SEL 0x024
#define QUEUE_SEL 0x030
#define QUEUE_SIZE_MAX 0x034
#define QUEUE_SIZE 0x038
#define QUEUE_READY 0x044
#define QUEUE_NOTIFY 0x050
#define INTERRUPT_STATUS 0x060
#define INTERRUPT_ACK 0x064
#define STATUS 0x070
#define QUEUE_DESC 0x080
#define QUEUE_DRIVER 0x090
#define QUEUE_DEVICE 0x0a0
#define CONFIG_GENERATION 0x0fc
#define CONFIG 0x100
/* Added by the native layout. */
#define MSI_VECTOR_COUNT 0x0d0
#define MSI_TABLE_OFFSET 0x0d4
#define MSI_MASK_OFFSET 0x0d8
#define MSI_CONFIG_VECTOR 0x0e0
#define MSI_QUEUE_VECTOR 0x0e4
#define MSI_ENTRY_SIZE 16

enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64, FAILED = 128 };
enum { USED_BUFFER = 1, CONFIG_CHANGE = 2 };
enum { BLOCK = 2, ENTROPY = 4 };
enum { DESC_NEXT = 1, DESC_WRITE = 2 };

/* Features: BLK_F_MQ in the first window; VERSION_1 (32) and MMIO_MSI (44) in the second. */
#define BLK_F_MQ (1u << 12)
#define F_VERSION_1 (1u << 0)
#define F_MMIO_MSI (1u << 12)

/* One vector at least for each queue, and all in the first dword of masks. */
#define MAX_QUEUES 8
#define MAX_SIZE 16
#define PATIENCE 10000

/* How a task ends that is not done. */
static jmp_buf task_end;
static char why[160];
enum { GAVE_UP = 1, STUCK };

static _Noreturn void end_task(int how, const char *reason)
{
    snprintf(why, sizeof why, "%s", reason);
    longjmp(task_end, how);
}

struct queue {
    unsigned index, size, slots, links;
    uint64_t desc, avail, used;
    uint16_t next_avail, next_used;
    unsigned free[MAX_SIZE], free_count;
};

static struct queue queues[MAX_QUEUES];
static unsigned queue_count;
static uint32_t device_id;
static bool live, uses_msi, held, needs_reset;
static uint64_t next_memory;
/* Buffers to give, given, that came back; configuration changes; the queue whose turn it is. */
static unsigned backlog, outstanding, returned, changes, turn;
static uint32_t generation;

static void reset_device(void)
{
    write32(STATUS, 0);
    for (int reads = 0; reads < PATIENCE; reads++)
        if (read32(STATUS) == 0) return;
    end_task(GAVE_UP, "the device does not come out of its reset");
}

static void add_status(uint32_t bit)
{
    write32(STATUS, read32(STATUS) | bit);
}

static _Noreturn void fail(const char *reason)
{
    add_status(FAILED);
    live = false;
    end_task(GAVE_UP, reason);
}

/* --- buffers --- */

static uint64_t allocate(size_t length)
{
    static const uint8_t zeros[1024];
    uint64_t address = (next_memory + 15) / 16 * 16;
    if (length > sizeof zeros || address + length > memory_base + memory_size) fail("no memory is left");
    next_memory = address + length;
    mem_write(address, zeros, length);
    return address;
}

static void put_descriptor(struct queue *q, unsigned row, size_t length, uint16_t flags)
{
    uint64_t address = allocate(length);
    uint8_t bytes[16] = {0};
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(address >> (8 * i));
    for (int i = 0; i < 4; i++) bytes[8 + i] = (uint8_t)(length >> (8 * i));
    bytes[12] = (uint8_t)flags;
    if (flags & DESC_NEXT) bytes[14] = (uint8_t)(row + 1);
    mem_write(q->desc + 16 * row, bytes, sizeof bytes);
}

/* A request: of a block device, to read a sector; of an entropy device, bytes. */
static void put_request(struct queue *q, unsigned row)
{
    if (device_id == ENTROPY) {
        put_descriptor(q, row, 16, DESC_WRITE);
        return;
    }
    put_descriptor(q, row, 16, DESC_NEXT);
    if (q->links == 3) put_descriptor(q, row + 1, 512, DESC_WRITE | DESC_NEXT);
    /* Where the ring is short, data and status share a buffer. */
    put_descriptor(q, row + q->links - 1, q->links == 3 ? 1 : 513, DESC_WRITE);
}

static bool make_queue(struct queue *q, unsigned index)
{
    write32(QUEUE_SEL, index);
    if (read32(QUEUE_READY) != 0) fail("a queue is enabled after a reset");
    uint32_t size_max = read32(QUEUE_SIZE_MAX);
    if (size_max == 0) return false;
    memset(q, 0, sizeof *q);
    q->index = index;
    for (q->size = 1; q->size * 2 <= size_max && q->size < MAX_SIZE;) q->size *= 2;
    q->links = device_id == ENTROPY ? 1 : q->size < 3 ? 2 : 3;
    q->slots = q->size / q->links;
    q->desc = allocate(16 * q->size);
    q->avail = allocate(6 + 2 * q->size);
    q->used = allocate(6 + 8 * q->size);
    for (unsigned slot = 0; slot < q->slots; slot++) {
        put_request(q, slot * q->links);
        q->free[q->free_count++] = slot * q->links;
    }
    return true;
}

static void write_address(uint32_t reg, uint64_t address)
{
    write32(reg, (uint32_t)address);
    write32(reg + 4, (uint32_t)(address >> 32));
}

static void enable_queue(const struct queue *q)
{
    write32(QUEUE_SEL, q->index);
    write32(QUEUE_SIZE, q->size);
    write_address(QUEUE_DESC, q->desc);
    write_address(QUEUE_DRIVER, q->avail);
    write_address(QUEUE_DEVICE, q->used);
    write32(QUEUE_READY, 1);
}

/* Gives the queues in turn what there is to give, as far as they have room, and notifies each of them once. */
static void give(void)
{
    bool touched[MAX_QUEUES] = {false};
    for (unsigned tried = 0; backlog > 0 && tried < queue_count; turn = (turn + 1) % queue_count) {
        struct queue *q = &queues[turn];
        tried++;
        if (q->free_count == 0) continue;
        tried = 0;
        mem_store16(q->avail + 4 + 2 * (q->next_avail++ % q->size), (uint16_t)q->free[--q->free_count]);
        touched[turn] = true;
        backlog--;
        outstanding++;
    }
    for (unsigned i = 0; i < queue_count; i++) {
        if (!touched[i]) continue;
        mem_store16(queues[i].avail + 2, queues[i].next_avail);
        write32(QUEUE_NOTIFY, queues[i].index);
    }
}

/* Takes back every buffer that the device has used: one notification may be for many. */
static void harvest(struct queue *q)
{
    while (mem_load(q->used + 2, 2) != q->next_used) {
        uint32_t id = mem_load(q->used + 4 + 8 * (q->next_used++ % q->size), 4);
        if (id >= q->size || q->free_count == q->slots) fail("the device uses a buffer that it was not given");
        q->free[q->free_count++] = id;
        outstanding--;
        returned++;
    }
}

static void harvest_all(void)
{
    for (unsigned i = 0; i < queue_count; i++) harvest(&queues[i]);
}

/* --- configuration --- */

/* Widths of the fields of a block device in bytes; capacity, of 8, is read as two of 4. num_queues is at 34. */
static const uint8_t block_fields[] = {4, 4, 4, 4, 2, 1, 1, 4, 1, 1, 2, 4, 1, 1, 2, 4, 4, 4, 4, 4, 1, 1, 1, 1};
#define NUM_QUEUES 34
#define MAX_CONFIG 60

/* Reads the whole configuration between two equal readings of ConfigGeneration. Returns its length. */
static unsigned read_config(uint8_t *bytes)
{
    if (device_id != BLOCK) return 0;
    for (int attempt = 0; attempt < 100; attempt++) {
        unsigned at = 0;
        uint32_t before = read32(CONFIG_GENERATION);
        for (size_t field = 0; field < sizeof block_fields; field++) {
            uint32_t value = read_bits(8u * block_fields[field], CONFIG + at);
            for (unsigned i = 0; i < block_fields[field]; i++) bytes[at++] = (uint8_t)(value >> (8 * i));
        }
        generation = read32(CONFIG_GENERATION);
        if (generation == before) return at;
    }
    end_task(STUCK, "the configuration does not hold still");
}

static void config_changed(void)
{
    uint8_t bytes[MAX_CONFIG];
    if (read32(STATUS) & NEEDS_RESET) {
        needs_reset = true;
        return;
    }
    changes++;
    read_config(bytes);
}

/* --- messages --- */

#define NO_TARGET 0xff
static uint32_t entry_table, mask_table;
static unsigned vectors_used, config_vector, queue_vector[MAX_QUEUES];
/* Messages that were given to vectors since the last reset: an old one may be under way. */
static struct {
    struct message message;
    uint8_t vector;
} targets[256];
static unsigned target_count;

static void mask(unsigned vector)
{
    write32(mask_table, read32(mask_table) | 1u << vector);
}

static void unmask(unsigned vector)
{
    write32(mask_table, read32(mask_table) & ~(1u << vector));
}

/* Writes the entry of a vector, which must be masked. */
static void give_target(unsigned vector)
{
    struct message message = new_message();
    uint32_t entry = entry_table + MSI_ENTRY_SIZE * vector;
    write32(entry, (uint32_t)message.address);
    write32(entry + 4, (uint32_t)(message.address >> 32));
    write32(entry + 8, message.data);
    targets[target_count % 256].message = message;
    targets[target_count++ % 256].vector = (uint8_t)vector;
}

static unsigned vector_of(struct message message)
{
    for (unsigned i = 0; i < target_count && i < 256; i++)
        if (targets[i].message.address == message.address && targets[i].message.data == message.data)
            return targets[i].vector;
    return NO_TARGET;
}

static bool map_vector(uint32_t reg, unsigned vector)
{
    write32(reg, vector);
    return read32(reg) == vector;
}

/* The configuration has vector 0; queues share the others, or that one where it is the only one. */
static bool set_up_messages(void)
{
    uint32_t count = read32(MSI_VECTOR_COUNT);
    if (count == 0) return false;
    entry_table = read32(MSI_TABLE_OFFSET);
    mask_table = read32(MSI_MASK_OFFSET);
    target_count = 0;
    config_vector = 0;
    vectors_used = 1;
    if (!map_vector(MSI_CONFIG_VECTOR, config_vector)) return false;
    for (unsigned i = 0; i < queue_count; i++) {
        queue_vector[i] = count == 1 ? 0 : 1 + i % (count - 1);
        write32(QUEUE_SEL, queues[i].index);
        if (!map_vector(MSI_QUEUE_VECTOR, queue_vector[i])) return false;
        if (queue_vector[i] >= vectors_used) vectors_used = queue_vector[i] + 1;
    }
    for (unsigned vector = 0; vector < vectors_used; vector++) give_target(vector);
    return true;
}

static void handle_message(struct message message)
{
    unsigned vector = vector_of(message);
    if (vector == NO_TARGET) return;
    for (unsigned i = 0; i < queue_count; i++)
        if (queue_vector[i] == vector) harvest(&queues[i]);
    if (config_vector == vector) config_changed();
}

/* --- the line --- */

static void handle_line(void)
{
    uint32_t bits = read32(INTERRUPT_STATUS) & (USED_BUFFER | CONFIG_CHANGE);
    if (bits == 0) return;
    if (bits & USED_BUFFER) harvest_all();
    if (bits & CONFIG_CHANGE) config_changed();
    write32(INTERRUPT_ACK, bits);
    if (needs_reset) return;
    /* What came between looking and acknowledging has lost its bit. */
    if (bits & USED_BUFFER) harvest_all();
    if ((bits & CONFIG_CHANGE) && device_id == BLOCK && read32(CONFIG_GENERATION) != generation) config_changed();
}

/* --- initialisation --- */

/* One go from reset to DRIVER_OK. Returns false where the device refuses; what is left then is another reset. */
static bool attempt(bool with_msi)
{
    reset_device();
    /* The device has let go of all buffers: those that it did not use are to be given to it again. */
    live = needs_reset = false;
    harvest_all();
    backlog += outstanding;
    outstanding = queue_count = turn = 0;
    next_memory = memory_base;
    add_status(ACKNOWLEDGE);
    add_status(DRIVER);

    write32(DEVICE_FEATURES_SEL, 0);
    uint32_t low = read32(DEVICE_FEATURES) & (device_id == BLOCK ? BLK_F_MQ : 0);
    write32(DEVICE_FEATURES_SEL, 1);
    uint32_t high = read32(DEVICE_FEATURES) & (F_VERSION_1 | (with_msi ? F_MMIO_MSI : 0));
    if (!(high & F_VERSION_1)) fail("the device is not of version 1");
    write32(DRIVER_FEATURES_SEL, 0);
    write32(DRIVER_FEATURES, low);
    write32(DRIVER_FEATURES_SEL, 1);
    write32(DRIVER_FEATURES, high);
    uses_msi = (high & F_MMIO_MSI) != 0;
    add_status(FEATURES_OK);
    if (!(read32(STATUS) & FEATURES_OK)) return false;

    uint8_t bytes[MAX_CONFIG];
    read_config(bytes);
    unsigned most = low & BLK_F_MQ ? bytes[NUM_QUEUES] | bytes[NUM_QUEUES + 1] << 8 : 1;
    for (unsigned index = 0; index < most && index < MAX_QUEUES; index++) {
        if (!make_queue(&queues[queue_count], index) || queues[queue_count].slots == 0) continue;
        enable_queue(&queues[queue_count++]);
    }
    if (queue_count == 0) fail("no queue has room for a request");
    if (uses_msi) {
        if (!set_up_messages()) return false;
        for (unsigned vector = 0; vector < vectors_used && !held; vector++) unmask(vector);
    }
    add_status(DRIVER_OK);
    live = true;
    return true;
}

/* With messages, else without. */
static void initialise(void)
{
    if (attempt(true)) return;
    if (!uses_msi || !attempt(false)) fail("the device refuses the features that the driver needs");
}

static void handle(struct irq irq)
{
    if (irq.kind == MESSAGE && uses_msi) handle_message(irq.message);
    if (irq.kind == LINE && !uses_msi) handle_line();
    if (needs_reset) initialise();
    give();
}

/* -------------------------------------------------- the tasks -------------------------------------------------- */

static void start(void)
{
    if (read32(MAGIC_VALUE) != 0x74726976) end_task(GAVE_UP, "there is no virtio device");
    if (read32(VERSION) != 2) end_task(GAVE_UP, "the device is of another version");
    device_id = read32(DEVICE_ID);
    if (device_id != BLOCK && device_id != ENTROPY) end_task(GAVE_UP, "the device is of a type that is not driven");
    held = false;
    initialise();
}

/* Whether there was something to do for the driver. */
static bool sees_work(void)
{
    unsigned before = returned;
    harvest_all();
    if (returned == before && !(read32(STATUS) & NEEDS_RESET)) return false;
    if (returned == before) initialise();
    return true;
}

static unsigned collect(void)
{
    unsigned fruitless = 0;
    while (outstanding + backlog > 0) {
        unsigned before = returned;
        struct irq irq = wait_irq();
        /* Nothing interrupts while vectors are masked: the driver looks by itself. */
        if (irq.kind == NO_IRQ && !(held && sees_work())) end_task(STUCK, "no interrupt comes");
        handle(irq);
        give();
        fruitless = returned == before ? fruitless + 1 : 0;
        if (fruitless > 1000) end_task(STUCK, "interrupts come and bring nothing");
    }
    unsigned count = returned;
    returned = 0;
    return count;
}

static void mask_all(bool masked)
{
    held = masked;
    for (unsigned vector = 0; uses_msi && vector < vectors_used; vector++) masked ? mask(vector) : unmask(vector);
}

static void retarget(void)
{
    for (unsigned vector = 0; uses_msi && vector < vectors_used; vector++) {
        if (!held) mask(vector);
        give_target(vector);
        if (!held) unmask(vector);
    }
}

static unsigned notice(void)
{
    for (int left = 1000; left > 0; left--) {
        struct irq irq = wait_irq();
        if (irq.kind == NO_IRQ) break;
        handle(irq);
    }
    unsigned count = changes;
    changes = 0;
    return count;
}

/* Where a queue goes on that was only stopped, nothing says: the whole device begins anew. */
static void restart_queue(void)
{
    if (uses_msi) mask(queue_vector[0]);
    write32(QUEUE_SEL, queues[0].index);
    write32(QUEUE_READY, 0);
    for (int reads = 0; read32(QUEUE_READY) != 0; reads++)
        if (reads == PATIENCE) fail("a queue does not stop");
    initialise();
    give();
}

static void stop(void)
{
    if (live) mask_all(true);
    reset_device();
    live = held = false;
    queue_count = outstanding = backlog = returned = 0;
}

/* Does a task; its answer is the line that says so. */
static void do_task(const char *task, char *answer, size_t size)
{
    unsigned count = 0;
    snprintf(answer, size, "done");
    if (strcmp(task, "start") == 0) {
        start();
        snprintf(answer, size, "done %s", uses_msi ? "msi" : "line");
    } else if (strcmp(task, "stop") == 0) {
        stop();
    } else if (!live) {
        end_task(GAVE_UP, "the device is not in use");
    } else if (sscanf(task, "transfer %u", &count) == 1) {
        backlog += count;
        give();
        snprintf(answer, size, "done %u", collect());
    } else if (sscanf(task, "submit %u", &count) == 1) {
        backlog += count;
        give();
    } else if (strcmp(task, "collect") == 0) {
        snprintf(answer, size, "done %u", collect());
    } else if (strcmp(task, "notice") == 0) {
        snprintf(answer, size, "done %u", notice());
    } else if (strcmp(task, "configuration") == 0) {
        uint8_t bytes[MAX_CONFIG];
        unsigned length = read_config(bytes);
        int at = snprintf(answer, size, length ? "done " : "done -");
        for (unsigned i = 0; i < length; i++) at += snprintf(answer + at, size - (size_t)at, "%02x", bytes[i]);
    } else if (strcmp(task, "retarget") == 0) {
        retarget();
    } else if (strcmp(task, "mask") == 0 || strcmp(task, "unmask") == 0) {
        mask_all(task[0] == 'm');
    } else if (strcmp(task, "restart-queue") == 0) {
        restart_queue();
    } else {
        snprintf(answer, size, "unsupported");
    }
}

int main(void)
{
    char task[80], answer[256] = "next";
    const char *greeting = ask("hello 1 name=driver%%20in%%20C layout=native");
    const char *memory = strstr(greeting, "memory=");
    if (!memory || sscanf(memory, "memory=0x%" SCNx64 "+0x%" SCNx64, &memory_base, &memory_size) != 2) return 1;
    for (;;) {
        snprintf(task, sizeof task, "%s", ask("%s", answer));
        if (strcmp(task, "end") == 0) return 0;
        switch (setjmp(task_end)) {
        case 0:
            do_task(task, answer, sizeof answer);
            break;
        case GAVE_UP:
            snprintf(answer, sizeof answer, "gave-up %s", why);
            break;
        default:
            snprintf(answer, sizeof answer, "stuck %u %s", returned, why);
        }
    }
}
