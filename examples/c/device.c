/*
 * A virtio-mmio entropy device with message signalled interrupts (native layout), and the line protocol around it.
 *
 *     make && conformance run -t exec:./build/device
 *
 * The file has two halves. The first is the device; put calls into yours in its place: mmio_read, mmio_write,
 * device_init, device_raise. The second speaks the protocol of docs/protocol.md and can stay as it is.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the device tells the outside: an interrupt message, or a new level of its line. The protocol collects them. */
static void send_message(uint64_t address, uint32_t data);
static void set_line(int level);

/* ------------------------------------------------- the device -------------------------------------------------- */

/* Registers, bytes from the device's base. */
#define MAGIC_VALUE 0x000
#define VERSION 0x004
#define DEVICE_ID 0x008
#define VENDOR_ID 0x00c
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
#define QUEUE_DESC_LOW 0x080
#define QUEUE_DESC_HIGH 0x084
#define QUEUE_DRIVER_LOW 0x090
#define QUEUE_DRIVER_HIGH 0x094
#define QUEUE_DEVICE_LOW 0x0a0
#define QUEUE_DEVICE_HIGH 0x0a4
#define SHM_LEN_LOW 0x0b0
#define SHM_BASE_HIGH 0x0bc
#define CONFIG_GENERATION 0x0fc
/* Added by the native layout. */
#define MSI_VECTOR_COUNT 0x0d0
#define MSI_TABLE_OFFSET 0x0d4
#define MSI_MASK_OFFSET 0x0d8
#define MSI_PBA_OFFSET 0x0dc
#define MSI_CONFIG_VECTOR 0x0e0
#define MSI_QUEUE_VECTOR 0x0e4

/* Each table has a page of its own, since each has other permissions. */
#define MSI_TABLE 0x1000
#define MSI_MASK 0x2000
#define MSI_PBA 0x3000
#define REGION_SIZE 0x4000
#define ENTRY_SIZE 16
#define BIT_TABLE_SIZE 8

#define STATUS_DRIVER_OK 0x04u
#define STATUS_FEATURES_OK 0x08u
#define STATUS_NEEDS_RESET 0x40u
#define STATUS_FROM_DRIVER 0x9fu

#define F_VERSION_1 (1ull << 32)
#define F_MMIO_MSI (1ull << 44)
#define OFFERED (F_VERSION_1 | F_MMIO_MSI)

#define INT_USED_BUFFER 0x1u
#define INT_CONFIG 0x2u

#define DESC_F_NEXT 1
#define DESC_F_WRITE 2
#define AVAIL_F_NO_INTERRUPT 1

#define ENTROPY 4
#define NO_VECTOR 0xffffu
#define VECTORS 3
#define ALL_VECTORS ((1u << VECTORS) - 1)
/* An entropy device has one queue; the second shows that each has its own vector. */
#define QUEUES 2
#define QUEUE_LIMIT 256

#define MEMORY_BASE 0x80000000ull
#define MEMORY_SIZE 0x100000ull

struct queue {
    uint32_t size, ready, vector;
    uint64_t descriptors, driver, device;
    uint16_t seen, used; /* how far we are in the available and in the used ring */
};

static struct {
    uint32_t status, device_features_sel, driver_features_sel, queue_sel, generation;
    uint64_t features; /* what the driver accepted */
    uint32_t interrupt_status;
    struct queue queues[QUEUES];
    /* message signalled interrupts */
    uint32_t config_vector, masked, pending;
    struct { uint32_t low, high, data; } entries[VECTORS];
} dev;

static uint8_t memory[MEMORY_SIZE];

static bool msi_negotiated(void)
{
    return (dev.status & STATUS_FEATURES_OK) && (dev.features & F_MMIO_MSI);
}

/* --- interrupts --- */

static void fire(uint32_t vector)
{
    send_message((uint64_t)dev.entries[vector].high << 32 | dev.entries[vector].low, dev.entries[vector].data);
}

/* An event happened; `vector` is what its source is mapped to, `bit` its bit of InterruptStatus. */
static void notify(uint32_t vector, uint32_t bit)
{
    if (!(dev.status & STATUS_DRIVER_OK))
        return;
    if (!msi_negotiated()) {
        if (!dev.interrupt_status)
            set_line(1);
        dev.interrupt_status |= bit;
    } else if (vector < VECTORS) {
        if (dev.masked >> vector & 1)
            dev.pending |= 1u << vector;
        else
            fire(vector);
    }
}

static void notify_config(void)
{
    notify(dev.config_vector, INT_CONFIG);
}

static void needs_reset(void)
{
    dev.status |= STATUS_NEEDS_RESET;
    notify_config();
}

/* A bit that goes from 1 to 0 lets go of what is pending on its vector, once. */
static void write_mask(uint32_t value)
{
    dev.masked = value & ALL_VECTORS;
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        uint32_t bit = 1u << vector;
        if ((dev.pending & ~dev.masked) & bit) {
            dev.pending &= ~bit;
            fire(vector);
        }
    }
}

/* --- the virtqueues --- */

/* `length` bytes of guest memory at a guest physical address, or NULL. */
static uint8_t *guest(uint64_t address, uint64_t length)
{
    if (address < MEMORY_BASE || address - MEMORY_BASE > MEMORY_SIZE)
        return NULL;
    if (length > MEMORY_SIZE - (address - MEMORY_BASE))
        return NULL;
    return memory + (address - MEMORY_BASE);
}

static uint64_t load(const uint8_t *from, int size)
{
    uint64_t value = 0;
    while (size--)
        value = value << 8 | from[size];
    return value;
}

static void store(uint8_t *to, int size, uint64_t value)
{
    for (int i = 0; i < size; i++, value >>= 8)
        to[i] = (uint8_t)value;
}

static uint32_t random_state = 1;

/* Fills one chain with entropy; the number of bytes written, or -1 where the chain makes no sense. */
static int64_t use_chain(const struct queue *q, const uint8_t *table, uint32_t index)
{
    int64_t written = 0;
    for (uint32_t links = 0; links < q->size; links++) {
        if (index >= q->size)
            return -1;
        const uint8_t *desc = table + 16 * index;
        uint32_t length = (uint32_t)load(desc + 8, 4), flags = (uint32_t)load(desc + 12, 2);
        uint8_t *buffer = guest(load(desc, 8), length);
        if (!buffer)
            return -1;
        if (flags & DESC_F_WRITE) {
            for (uint32_t i = 0; i < length; i++) {
                random_state = random_state * 1103515245u + 12345u;
                buffer[i] = (uint8_t)(random_state >> 16);
            }
            written += length;
        }
        if (!(flags & DESC_F_NEXT))
            return written;
        index = (uint32_t)load(desc + 14, 2);
    }
    return -1; /* a loop */
}

static void serve(struct queue *q)
{
    if (!(dev.status & STATUS_DRIVER_OK) || (dev.status & STATUS_NEEDS_RESET) || !q->ready || !q->size)
        return;
    const uint8_t *table = guest(q->descriptors, 16ull * q->size);
    const uint8_t *avail = guest(q->driver, 4 + 2ull * q->size);
    uint8_t *used = guest(q->device, 4 + 8ull * q->size);
    uint16_t waiting = avail ? (uint16_t)(load(avail + 2, 2) - q->seen) : 0;
    bool broken = !table || !avail || !used || waiting > q->size, any = false;

    for (; !broken && waiting; waiting--) {
        uint32_t head = (uint32_t)load(avail + 4 + 2 * (q->seen % q->size), 2);
        int64_t written = use_chain(q, table, head);
        if (written < 0) {
            broken = true;
            break;
        }
        uint8_t *element = used + 4 + 8 * (q->used % q->size);
        store(element, 4, head);
        store(element + 4, 4, (uint64_t)written);
        q->seen++;
        store(used + 2, 2, ++q->used); /* only now the driver sees it */
        any = true;
    }
    if (any && !(load(avail, 2) & AVAIL_F_NO_INTERRUPT))
        notify(q->vector, INT_USED_BUFFER);
    if (broken)
        needs_reset();
}

/* --- registers --- */

static void device_reset(void)
{
    if (dev.interrupt_status)
        set_line(0);
    memset(&dev, 0, sizeof dev);
    dev.masked = ALL_VECTORS;
    dev.config_vector = NO_VECTOR;
    for (int i = 0; i < QUEUES; i++)
        dev.queues[i].vector = NO_VECTOR;
}

static void write_status(uint32_t value)
{
    if (value == 0) {
        device_reset();
        return;
    }
    uint32_t status = (value & STATUS_FROM_DRIVER) | (dev.status & (STATUS_NEEDS_RESET | STATUS_FEATURES_OK));
    if ((status & ~dev.status & STATUS_FEATURES_OK) && ((dev.features & ~OFFERED) || !(dev.features & F_VERSION_1)))
        status &= ~STATUS_FEATURES_OK;
    dev.status = status;
}

static void set_low(uint64_t *address, uint32_t value) { *address = (*address & ~0xffffffffull) | value; }
static void set_high(uint64_t *address, uint32_t value) { *address = (uint32_t)*address | (uint64_t)value << 32; }

/* The word of a bit table at `offset` from its start. */
static uint32_t bits(uint32_t offset, uint32_t first_word)
{
    return offset == 0 ? first_word : 0;
}

static uint32_t read_entry(uint32_t offset)
{
    uint32_t vector = offset / ENTRY_SIZE;
    if (vector < VECTORS)
        switch (offset % ENTRY_SIZE) {
        case 0: return dev.entries[vector].low;
        case 4: return dev.entries[vector].high;
        case 8: return dev.entries[vector].data;
        }
    return 0;
}

static void write_entry(uint32_t offset, uint32_t value)
{
    uint32_t vector = offset / ENTRY_SIZE;
    if (vector < VECTORS)
        switch (offset % ENTRY_SIZE) {
        case 0: dev.entries[vector].low = value & ~3u; break;
        case 4: dev.entries[vector].high = value; break;
        case 8: dev.entries[vector].data = value; break;
        }
}

/* Only aligned 32-bit accesses mean anything to this device. */
static uint64_t mmio_read(uint32_t offset, int width)
{
    if (width != 32 || offset % 4)
        return 0;
    struct queue *q = dev.queue_sel < QUEUES ? &dev.queues[dev.queue_sel] : NULL;
    switch (offset) {
    case MAGIC_VALUE: return 0x74726976;
    case VERSION: return 2;
    case DEVICE_ID: return ENTROPY;
    case VENDOR_ID: return 0x6c706d65;
    case DEVICE_FEATURES:
        return dev.device_features_sel < 2 ? (uint32_t)(OFFERED >> 32 * dev.device_features_sel) : 0;
    case QUEUE_SIZE_MAX: return q ? QUEUE_LIMIT : 0;
    case QUEUE_READY: return q ? q->ready : 0;
    case INTERRUPT_STATUS: return dev.interrupt_status;
    case STATUS: return dev.status;
    case CONFIG_GENERATION: return dev.generation;
    case MSI_VECTOR_COUNT: return VECTORS;
    case MSI_TABLE_OFFSET: return MSI_TABLE;
    case MSI_MASK_OFFSET: return MSI_MASK;
    case MSI_PBA_OFFSET: return MSI_PBA;
    case MSI_CONFIG_VECTOR: return dev.config_vector;
    case MSI_QUEUE_VECTOR: return q ? q->vector : NO_VECTOR;
    }
    if (offset >= SHM_LEN_LOW && offset <= SHM_BASE_HIGH)
        return 0xffffffff; /* there is no shared memory */
    if (offset >= MSI_TABLE && offset < MSI_MASK)
        return read_entry(offset - MSI_TABLE);
    if (offset >= MSI_MASK && offset < MSI_MASK + BIT_TABLE_SIZE)
        return bits(offset - MSI_MASK, dev.masked);
    if (offset >= MSI_PBA && offset < MSI_PBA + BIT_TABLE_SIZE)
        return bits(offset - MSI_PBA, dev.pending);
    return 0;
}

static void mmio_write(uint32_t offset, int width, uint64_t wide)
{
    if (width != 32 || offset % 4)
        return;
    uint32_t value = (uint32_t)wide;
    struct queue *q = dev.queue_sel < QUEUES ? &dev.queues[dev.queue_sel] : NULL;
    switch (offset) {
    case DEVICE_FEATURES_SEL: dev.device_features_sel = value; return;
    case DRIVER_FEATURES_SEL: dev.driver_features_sel = value; return;
    case QUEUE_SEL: dev.queue_sel = value; return;
    case STATUS: write_status(value); return;
    case DRIVER_FEATURES:
        if (dev.status & STATUS_FEATURES_OK)
            return;
        if (dev.driver_features_sel == 0)
            set_low(&dev.features, value);
        if (dev.driver_features_sel == 1)
            set_high(&dev.features, value);
        return;
    case QUEUE_NOTIFY:
        if (value < QUEUES)
            serve(&dev.queues[value]);
        return;
    case INTERRUPT_ACK:
        if (dev.interrupt_status && !(dev.interrupt_status &= ~value))
            set_line(0);
        return;
    }
    if (q)
        switch (offset) {
        case QUEUE_SIZE: if (value <= QUEUE_LIMIT) q->size = value; return;
        case QUEUE_READY: q->ready = value & 1; return;
        case QUEUE_DESC_LOW: set_low(&q->descriptors, value); return;
        case QUEUE_DESC_HIGH: set_high(&q->descriptors, value); return;
        case QUEUE_DRIVER_LOW: set_low(&q->driver, value); return;
        case QUEUE_DRIVER_HIGH: set_high(&q->driver, value); return;
        case QUEUE_DEVICE_LOW: set_low(&q->device, value); return;
        case QUEUE_DEVICE_HIGH: set_high(&q->device, value); return;
        }
    if (!msi_negotiated())
        return;
    if (offset == MSI_CONFIG_VECTOR)
        dev.config_vector = value < VECTORS ? value : NO_VECTOR;
    else if (offset == MSI_QUEUE_VECTOR && q)
        q->vector = value < VECTORS ? value : NO_VECTOR;
    else if (offset >= MSI_TABLE && offset < MSI_MASK)
        write_entry(offset - MSI_TABLE, value);
    else if (offset == MSI_MASK)
        write_mask(value);
}

/* The state of a newly created device. */
static void device_init(void)
{
    device_reset();
    memset(memory, 0, sizeof memory);
}

/* The back end reports something; false for an event that this device does not have. */
static bool device_raise(const char *event)
{
    if (strcmp(event, "config") == 0) {
        dev.generation++;
        notify_config();
    } else if (strcmp(event, "needs-reset") == 0) {
        needs_reset();
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------ the protocol ------------------------------------------------- */

#define GREETING \
    "ok 1 name=entropy%20device%20in%20C layout=native config=0 captures=message,line events=config,needs-reset power-cycle"

/* Interrupts since the last `irq`, as the words of its answer. */
static char *interrupts;
static size_t interrupts_length, interrupts_room;

static void collect(const char *format, ...)
{
    if (interrupts_room - interrupts_length < 64) {
        interrupts_room = 2 * interrupts_room + 4096;
        interrupts = realloc(interrupts, interrupts_room);
        if (!interrupts)
            exit(1);
    }
    va_list arguments;
    va_start(arguments, format);
    interrupts_length += (size_t)vsnprintf(interrupts + interrupts_length, 64, format, arguments);
    va_end(arguments);
}

static void send_message(uint64_t address, uint32_t data) { collect(" m:0x%" PRIx64 ":0x%" PRIx32, address, data); }
static void set_line(int level) { collect(" l:%d", level); }

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next word of the line, or an empty one. */
static char *word(char **line)
{
    char *start = *line + strspn(*line, " "), *end = start + strcspn(start, " ");
    *line = *end ? end + 1 : end;
    *end = 0;
    return start;
}

static bool number(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    return digit(*text) >= 0 && !*end && !errno;
}

static void answer_memory_read(uint64_t address, uint64_t length)
{
    const uint8_t *bytes = guest(address, length);
    if (!bytes) {
        puts("err no guest memory there");
        return;
    }
    fputs("ok ", stdout);
    for (uint64_t i = 0; i < length; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
}

static void answer_memory_write(uint64_t address, const char *hex)
{
    size_t length = strlen(hex) / 2;
    uint8_t *bytes = guest(address, length);
    for (size_t i = 0; bytes && i < 2 * length; i++)
        if (digit(hex[i]) < 0)
            bytes = NULL;
    if (!bytes || strlen(hex) % 2) {
        puts("err no guest memory there, or no bytes");
        return;
    }
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    puts("ok");
}

/* One request, one answer line. False to end. */
static bool answer(char *line)
{
    char *command = word(&line), *first = word(&line), *second = word(&line);
    uint64_t a = 0, b = 0;
    int width = command[0] ? atoi(command + 1) : 0;
    bool is_width = width == 8 || width == 16 || width == 32 || width == 64;

    if (command[0] == 'r' && is_width && number(first, &a)) {
        printf("ok 0x%" PRIx64 "\n", a < REGION_SIZE ? mmio_read((uint32_t)a, width) : 0);
    } else if (command[0] == 'w' && is_width && number(first, &a) && number(second, &b)) {
        if (a < REGION_SIZE)
            mmio_write((uint32_t)a, width, b);
        puts("ok");
    } else if (strcmp(command, "mr") == 0 && number(first, &a) && number(second, &b)) {
        answer_memory_read(a, b);
    } else if (strcmp(command, "mw") == 0 && number(first, &a)) {
        answer_memory_write(a, second);
    } else if (strcmp(command, "irq") == 0) {
        printf("ok%.*s\n", (int)interrupts_length, interrupts ? interrupts : "");
        interrupts_length = 0;
    } else if (strcmp(command, "raise") == 0) {
        puts(device_raise(first) ? "ok" : "err this device has no such event");
    } else if (strcmp(command, "power-cycle") == 0) {
        device_init();
        interrupts_length = 0;
        puts("ok");
    } else if (strcmp(command, "hello") == 0) {
        if (strcmp(first, "1") == 0)
            printf("%s region=0x%x memory=0x%llx+0x%llx\n", GREETING, REGION_SIZE, MEMORY_BASE, MEMORY_SIZE);
        else
            puts("err version 1");
    } else if (strcmp(command, "bye") == 0) {
        puts("ok");
        return false;
    } else {
        puts("err request not understood");
    }
    return true;
}

/* Requests come many at a time: answer all that are there, flush, and only then wait for more. */
int main(void)
{
    size_t length = 0, room = 1 << 16;
    char *input = malloc(room);
    bool running = input != NULL;

    device_init();
    while (running) {
        ssize_t got = read(STDIN_FILENO, input + length, room - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        char *line = input, *newline;
        while (running && (newline = memchr(line, '\n', length - (size_t)(line - input)))) {
            *newline = 0;
            running = answer(line);
            line = newline + 1;
        }
        fflush(stdout);
        length -= (size_t)(line - input);
        memmove(input, line, length);
        if (length == room && !(input = realloc(input, room *= 2)))
            return 1;
    }
    fflush(stdout);
    free(input);
    free(interrupts);
    return 0;
}
