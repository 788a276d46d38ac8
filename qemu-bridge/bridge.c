/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A QEMU plugin that puts a device outside of QEMU into a slot of the guest: each access to a region of guest physical
 * memory goes over a unix socket, one at a time, and what the other end wants done to the interrupt line, or sent as a
 * message, comes back the same way.
 *
 * The plugin API has nothing of the kind. What is declared below are QEMU 7.2's own functions and structures, which its
 * binaries export for the sake of their modules. Another release may have changed them without a word: it is refused.
 *
 *   -plugin FILE,socket=PATH,base=ADDRESS,size=BYTES,controller=QOM-TYPE,input=N[,shadow=ADDRESS,shadow-size=BYTES]
 *
 * `controller`, `input`: the interrupt controller and its input that the slot is wired to.
 * `shadow`: addresses that are to be RAM, though the machine has a ROM there (see README.md).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* --- of QEMU 7.2: exec/memory.h, qemu/notify.h, qapi, hw/qdev-core.h, sysemu/hostmem.h ------------------------------ */

typedef uint64_t hwaddr;
typedef struct MemoryRegion MemoryRegion;
typedef struct Object Object;
typedef struct IRQState *qemu_irq;

enum { DEVICE_LITTLE_ENDIAN = 2 };

typedef struct {
    uint64_t (*read)(void *opaque, hwaddr offset, unsigned size);
    void (*write)(void *opaque, hwaddr offset, uint64_t value, unsigned size);
    void *read_with_attrs, *write_with_attrs;
    int endianness;
    struct { unsigned min_access_size, max_access_size; bool unaligned; void *accepts; } valid;
    struct { unsigned min_access_size, max_access_size; bool unaligned; } impl;
} MemoryRegionOps;

typedef struct Notifier {
    void (*notify)(struct Notifier *, void *);
    void *next, *previous;
} Notifier;

typedef struct { int64_t major, minor, micro; } VersionTriple;
typedef struct { VersionTriple *qemu; char *package; } VersionInfo;

VersionInfo *qmp_query_version(void *error);
void qemu_add_machine_init_done_notifier(Notifier *);
void qemu_set_fd_handler(int fd, void (*read)(void *), void (*write)(void *), void *opaque);
MemoryRegion *get_system_memory(void);
void memory_region_init_io(MemoryRegion *, Object *owner, const MemoryRegionOps *, void *opaque, const char *, uint64_t);
void memory_region_init_alias(MemoryRegion *, Object *owner, const char *, MemoryRegion *of, hwaddr offset, uint64_t);
void memory_region_add_subregion_overlap(MemoryRegion *, hwaddr offset, MemoryRegion *sub, int priority);
MemoryRegion *host_memory_backend_get_memory(void *backend);
Object *object_resolve_path_type(const char *path, const char *type, bool *ambiguous);
qemu_irq qdev_get_gpio_in(void *device, int input);
void qemu_set_irq(qemu_irq, int level);
void cpu_physical_memory_rw(hwaddr, void *, hwaddr length, bool is_write);

EXPORT int qemu_plugin_version = 1;

enum { QEMU_MAJOR = 7, QEMU_MINOR = 2 };

/* More than any MemoryRegion has; QEMU fills it in. */
enum { REGION_BYTES = 16384 };

/* Above what the machine itself has there. */
enum { SHADOW_PRIORITY = 50, BRIDGE_PRIORITY = 100 };

/* --- the socket ------------------------------------------------------------------------------------------------------
 * Both ways 24 bytes, little endian. From QEMU: 'H'ello with the version, 'R'ead and 'W'rite, after each of
 * which it waits for an 'A'nswer. To QEMU, also while it does not wait: the 'L'ine's level, a 'M'essage. */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the bridge needs a little-endian host");

struct packet {
    uint8_t op;
    uint8_t size; /* bytes of an access */
    uint8_t unused[6];
    uint64_t address; /* of an access: from the base of the device */
    uint64_t value;
};

static int channel = -1;
static char path[sizeof((struct sockaddr_un *)0)->sun_path];
static hwaddr base, size, shadow, shadow_size;
static char controller[64];
static int input = -1;
static qemu_irq line;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "qemu-bridge: %s%s%s\n", what, *why ? ": " : "", why);
    _exit(3);
}

static void transfer(bool out, void *bytes, size_t left)
{
    for (char *at = bytes; left > 0;) {
        ssize_t n = out ? send(channel, at, left, MSG_NOSIGNAL) : recv(channel, at, left, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            fail("the device is gone", n < 0 ? strerror(errno) : "");
        at += n;
        left -= n;
    }
}

/* Whether the packet is the answer to an access. */
static bool obey(struct packet *packet)
{
    uint32_t data = packet->value;
    switch (packet->op) {
    case 'A':
        return true;
    case 'L':
        qemu_set_irq(line, packet->value != 0);
        return false;
    case 'M':
        cpu_physical_memory_rw(packet->address, &data, sizeof data, true);
        return false;
    default:
        fail("a packet of no known kind came", "");
        return false;
    }
}

/* All of this runs under QEMU's big lock, so that one access at most is under way. */
static uint64_t ask(struct packet packet)
{
    transfer(true, &packet, sizeof packet);
    do
        transfer(false, &packet, sizeof packet);
    while (!obey(&packet));
    return packet.value;
}

static uint64_t bridge_read(void *opaque, hwaddr offset, unsigned bytes)
{
    return ask((struct packet){ .op = 'R', .size = bytes, .address = offset });
}

static void bridge_write(void *opaque, hwaddr offset, uint64_t value, unsigned bytes)
{
    ask((struct packet){ .op = 'W', .size = bytes, .address = offset, .value = value });
}

/* Of any width and alignment: whether there is such an access is for the device to say. */
static const MemoryRegionOps operations = {
    .read = bridge_read,
    .write = bridge_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

static void unasked(void *opaque)
{
    struct packet packet;
    /* A processor that waited for its answer may have taken it meanwhile. */
    ssize_t n = recv(channel, &packet, 1, MSG_DONTWAIT | MSG_PEEK);
    if (n < 0)
        return;
    transfer(false, &packet, sizeof packet);
    if (obey(&packet))
        fail("an answer came that nothing had asked for", "");
}

/* --- when the machine is built -------------------------------------------------------------------------------------- */

static MemoryRegion *new_region(void)
{
    return calloc(1, REGION_BYTES);
}

static void *the_one_object(const char *type)
{
    bool ambiguous = false;
    Object *object = object_resolve_path_type("", type, &ambiguous);
    if (!object)
        fail(ambiguous ? "the machine has several objects of this type" : "the machine has no object of this type", type);
    return object;
}

static void add_shadow(void)
{
    MemoryRegion *region = new_region();
    void *ram = the_one_object("memory-backend-file");
    memory_region_init_alias(region, NULL, "qemu-bridge-shadow", host_memory_backend_get_memory(ram), shadow, shadow_size);
    memory_region_add_subregion_overlap(get_system_memory(), shadow, region, SHADOW_PRIORITY);
}

static void machine_built(Notifier *notifier, void *data)
{
    MemoryRegion *region = new_region();
    VersionTriple *version = qmp_query_version(NULL)->qemu;
    struct packet hello = { .op = 'H', .address = version->major, .value = version->minor };
    memory_region_init_io(region, NULL, &operations, NULL, "qemu-bridge", size);
    memory_region_add_subregion_overlap(get_system_memory(), base, region, BRIDGE_PRIORITY);
    if (shadow_size > 0)
        add_shadow();
    line = qdev_get_gpio_in(the_one_object(controller), input);
    transfer(true, &hello, sizeof hello);
    qemu_set_fd_handler(channel, unasked, NULL, NULL);
}

static Notifier when_built = { .notify = machine_built };

/* --- when the plugin is loaded -------------------------------------------------------------------------------------- */

static bool take_option(const char *option)
{
    const char *value = strchr(option, '=');
    size_t length = value ? value - option : 0;
#define IS(name) (length == strlen(name) && memcmp(option, name, length) == 0)
    if (!value++)
        return false;
    if (IS("socket"))
        return snprintf(path, sizeof path, "%s", value) < (int)sizeof path;
    if (IS("controller"))
        return snprintf(controller, sizeof controller, "%s", value) < (int)sizeof controller;
    hwaddr number = strtoull(value, NULL, 0);
    if (IS("base"))
        base = number;
    else if (IS("size"))
        size = number;
    else if (IS("input"))
        input = number;
    else if (IS("shadow"))
        shadow = number;
    else if (IS("shadow-size"))
        shadow_size = number;
    else
        return false;
    return true;
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    VersionTriple *version = qmp_query_version(NULL)->qemu;
    if (version->major != QEMU_MAJOR || version->minor != QEMU_MINOR) {
        fprintf(stderr, "qemu-bridge: this is QEMU %d.%d, and the bridge leans on what QEMU %d.%d has inside\n",
                (int)version->major, (int)version->minor, QEMU_MAJOR, QEMU_MINOR);
        return 1;
    }
    for (int i = 0; i < argc; i++) {
        if (take_option(argv[i]))
            continue;
        fprintf(stderr, "qemu-bridge: option '%s' is none, or too long\n", argv[i]);
        return 1;
    }
    if (!*path || size == 0 || !*controller || input < 0) {
        fprintf(stderr, "qemu-bridge: socket, base, size, controller and input are needed\n");
        return 1;
    }
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, path, sizeof path);
    channel = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (channel < 0 || connect(channel, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "qemu-bridge: nothing listens at %s: %s\n", path, strerror(errno));
        return 1;
    }
    qemu_add_machine_init_done_notifier(&when_built);
    return 0;
}
