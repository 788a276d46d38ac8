// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A test driver for a block device on virtio-mmio with the MSI of the `native` layout, for a kernel whose platform
 * devices can have MSIs (arm64 with GICv2m or an ITS, and `msi-parent` in the device tree). When it is loaded it reads
 * from the device with a message for each request, and says what came of it on the console.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/platform_device.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

/* What the layout adds to virtio-mmio. */
#define MSI_FEATURE 44
#define MSI_VECTOR_COUNT 0x0d0
#define MSI_TABLE_OFFSET 0x0d4
#define MSI_MASK_OFFSET 0x0d8
#define MSI_CONFIG_VECTOR 0x0e0
#define MSI_QUEUE_VECTOR 0x0e4
#define MSI_NO_VECTOR 0xffff
#define MSI_ENTRY_BYTES 16

#define MOST_QUEUES 4
#define MOST_VECTORS (1 + MOST_QUEUES)
#define REQUESTS 4

/* One page: descriptors, rings, and the request. */
enum { DESC = 0, AVAIL = 0x100, USED = 0x200, HEADER = 0x400, STATUS = 0x420, DATA = 0x800 };

struct queue {
	u8 *page;
	dma_addr_t dma;
	u32 size;
	u32 vector;
	u16 made, seen;
	struct completion used;
};

struct tester {
	struct device *dev;
	void __iomem *base, *entries, *masks;
	bool uses_msi;
	/* Of the device, of its queues that are used, and of vectors that are used: one, where that is the line. */
	u32 vectors, queues, used_vectors;
	int irq[MOST_VECTORS];
	atomic_t interrupts;
	struct queue queue[MOST_QUEUES];
};

static u32 get(struct tester *t, u32 offset)
{
	return readl(t->base + offset);
}

static void put(struct tester *t, u32 offset, u32 value)
{
	writel(value, t->base + offset);
}

static void add_status(struct tester *t, u32 bits)
{
	put(t, VIRTIO_MMIO_STATUS, get(t, VIRTIO_MMIO_STATUS) | bits);
}

static int reset(struct tester *t)
{
	u32 status;

	put(t, VIRTIO_MMIO_STATUS, 0);
	return readl_poll_timeout(t->base + VIRTIO_MMIO_STATUS, status, status == 0, 10, USEC_PER_SEC);
}

/* Accepts what it knows of what is offered. */
static bool negotiate(struct tester *t, u64 *accepted)
{
	u64 known = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(MSI_FEATURE) | BIT_ULL(VIRTIO_BLK_F_MQ), offered = 0;
	int half;

	for (half = 1; half >= 0; half--) {
		put(t, VIRTIO_MMIO_DEVICE_FEATURES_SEL, half);
		offered = offered << 32 | get(t, VIRTIO_MMIO_DEVICE_FEATURES);
	}
	*accepted = offered & known;
	for (half = 1; half >= 0; half--) {
		put(t, VIRTIO_MMIO_DRIVER_FEATURES_SEL, half);
		put(t, VIRTIO_MMIO_DRIVER_FEATURES, *accepted >> (32 * half));
	}
	add_status(t, VIRTIO_CONFIG_S_FEATURES_OK);
	return get(t, VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void mask_all(struct tester *t, bool masked)
{
	u32 word, bits;

	if (!t->uses_msi)
		return;
	for (word = 0; word * 32 < t->vectors; word++) {
		bits = t->vectors - word * 32 >= 32 ? ~0u : BIT(t->vectors - word * 32) - 1;
		/* Those that nobody uses stay masked. */
		if (!masked)
			bits &= word ? ~0u : ~(BIT(t->used_vectors) - 1);
		writel(bits, t->masks + 4 * word);
	}
}

/* Called with the vector masked, when its interrupt is requested and freed. */
static void write_entry(struct msi_desc *desc, struct msi_msg *msg)
{
	struct tester *t = dev_get_drvdata(desc->dev);
	void __iomem *entry = t->entries + MSI_ENTRY_BYTES * desc->msi_index;

	writel(msg->address_lo, entry);
	writel(msg->address_hi, entry + 4);
	writel(msg->data, entry + 8);
}

static irqreturn_t handle(int irq, void *data)
{
	struct tester *t = data;
	irqreturn_t result = IRQ_NONE;
	u32 status = 0, i;

	if (!t->uses_msi)
		status = get(t, VIRTIO_MMIO_INTERRUPT_STATUS) & (VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG);
	for (i = 0; i < t->queues; i++) {
		struct queue *q = &t->queue[i];
		struct vring_used *used = (void *)(q->page + USED);

		if (!q->page || t->irq[q->vector] != irq || READ_ONCE(used->idx) == q->seen)
			continue;
		q->seen = used->idx;
		atomic_inc(&t->interrupts);
		complete(&q->used);
		result = IRQ_HANDLED;
	}
	if (!status)
		return result;
	put(t, VIRTIO_MMIO_INTERRUPT_ACK, status);
	return IRQ_HANDLED;
}

static int map(struct tester *t, u32 place, u32 vector)
{
	put(t, place, vector);
	return get(t, place) == vector ? 0 : -ENOSPC;
}

static void put_address(struct tester *t, u32 low, u64 address)
{
	put(t, low, lower_32_bits(address));
	put(t, low + 4, upper_32_bits(address));
}

static int set_up_queue(struct tester *t, u32 index)
{
	struct queue *q = &t->queue[index];
	int error;

	init_completion(&q->used);
	put(t, VIRTIO_MMIO_QUEUE_SEL, index);
	if (get(t, VIRTIO_MMIO_QUEUE_READY))
		return -EBUSY;
	q->size = get(t, VIRTIO_MMIO_QUEUE_NUM_MAX);
	if (q->size < 3)
		return -EINVAL;
	q->size = rounddown_pow_of_two(min(q->size, 8u));
	q->page = dmam_alloc_coherent(t->dev, PAGE_SIZE, &q->dma, GFP_KERNEL);
	if (!q->page)
		return -ENOMEM;
	put(t, VIRTIO_MMIO_QUEUE_NUM, q->size);
	put_address(t, VIRTIO_MMIO_QUEUE_DESC_LOW, q->dma + DESC);
	put_address(t, VIRTIO_MMIO_QUEUE_AVAIL_LOW, q->dma + AVAIL);
	put_address(t, VIRTIO_MMIO_QUEUE_USED_LOW, q->dma + USED);
	q->vector = min(1 + index, t->used_vectors - 1);
	error = t->uses_msi ? map(t, MSI_QUEUE_VECTOR, q->vector) : 0;
	if (error) {
		/* A device may run out of vectors; the one of the configuration is there. */
		q->vector = 0;
		error = map(t, MSI_QUEUE_VECTOR, q->vector);
	}
	if (!error)
		put(t, VIRTIO_MMIO_QUEUE_READY, 1);
	return error;
}

static int read_sector(struct tester *t, u32 index)
{
	struct queue *q = &t->queue[index];
	struct vring_desc *desc = (void *)(q->page + DESC);
	struct vring_avail *avail = (void *)(q->page + AVAIL);
	struct virtio_blk_outhdr *header = (void *)(q->page + HEADER);

	*header = (struct virtio_blk_outhdr){ .type = VIRTIO_BLK_T_IN, .sector = q->made };
	q->page[STATUS] = 0xff;
	desc[0] = (struct vring_desc){ q->dma + HEADER, sizeof(*header), VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc){ q->dma + DATA, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 };
	desc[2] = (struct vring_desc){ q->dma + STATUS, 1, VRING_DESC_F_WRITE, 0 };
	avail->ring[q->made % q->size] = 0;
	wmb();
	WRITE_ONCE(avail->idx, ++q->made);
	put(t, VIRTIO_MMIO_QUEUE_NOTIFY, index);
	if (!wait_for_completion_timeout(&q->used, 5 * HZ))
		return -ETIMEDOUT;
	return q->page[STATUS] == VIRTIO_BLK_S_OK ? 0 : -EIO;
}

static int work(struct tester *t)
{
	int error;
	u32 i;

	for (i = 0; i < t->used_vectors; i++) {
		t->irq[i] = t->uses_msi ? msi_get_virq(t->dev, i) : platform_get_irq(to_platform_device(t->dev), 0);
		if (t->irq[i] < 0)
			return t->irq[i];
		error = devm_request_irq(t->dev, t->irq[i], handle, 0, "virtio-mmio-msi", t);
		if (error)
			return error;
	}
	error = t->uses_msi ? map(t, MSI_CONFIG_VECTOR, 0) : 0;
	for (i = 0; i < t->queues && !error; i++)
		error = set_up_queue(t, i);
	if (error)
		return error;
	add_status(t, VIRTIO_CONFIG_S_DRIVER_OK);
	mask_all(t, false);
	for (i = 0; i < REQUESTS * t->queues && !error; i++)
		error = read_sector(t, i % t->queues);
	mask_all(t, true);
	dev_info(t->dev, "%u of %u requests, %d interrupts, %u vectors of %u\n", error ? i - 1 : i, REQUESTS * t->queues,
		 atomic_read(&t->interrupts), t->uses_msi ? t->used_vectors : 0, t->vectors);
	return error;
}

static int probe(struct platform_device *pdev)
{
	struct tester *t = devm_kzalloc(&pdev->dev, sizeof(*t), GFP_KERNEL);
	u64 accepted;
	int error;
	u32 i;

	if (!t)
		return -ENOMEM;
	t->dev = &pdev->dev;
	platform_set_drvdata(pdev, t);
	t->base = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(t->base))
		return PTR_ERR(t->base);
	if (get(t, VIRTIO_MMIO_MAGIC_VALUE) != ('v' | 'i' << 8 | 'r' << 16 | 't' << 24) || get(t, VIRTIO_MMIO_VERSION) != 2 ||
	    get(t, VIRTIO_MMIO_DEVICE_ID) != VIRTIO_ID_BLOCK)
		return -ENODEV;
	error = reset(t);
	if (error)
		return error;
	add_status(t, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	add_status(t, VIRTIO_CONFIG_S_DRIVER);
	if (!negotiate(t, &accepted)) {
		add_status(t, VIRTIO_CONFIG_S_FAILED);
		return dev_err_probe(t->dev, -ENODEV, "the features are refused\n");
	}
	t->uses_msi = accepted & BIT_ULL(MSI_FEATURE);
	t->queues = 1;
	if (accepted & BIT_ULL(VIRTIO_BLK_F_MQ))
		t->queues = readw(t->base + VIRTIO_MMIO_CONFIG + offsetof(struct virtio_blk_config, num_queues));
	t->queues = min(t->queues, (u32)MOST_QUEUES);
	t->used_vectors = 1;
	if (t->uses_msi) {
		t->vectors = get(t, MSI_VECTOR_COUNT);
		t->entries = t->base + get(t, MSI_TABLE_OFFSET);
		t->masks = t->base + get(t, MSI_MASK_OFFSET);
		t->used_vectors = min(t->vectors, 1 + t->queues);
		error = platform_msi_domain_alloc_irqs(t->dev, t->used_vectors, write_entry);
	}
	if (!error) {
		error = work(t);
		/* What is freed has its entry written. */
		mask_all(t, true);
		for (i = 0; i < t->used_vectors; i++)
			if (t->irq[i] > 0)
				devm_free_irq(t->dev, t->irq[i], t);
		if (t->uses_msi)
			platform_msi_domain_free_irqs(t->dev);
	}
	reset(t);
	return error ? dev_err_probe(t->dev, error, "failed\n") : 0;
}

static const struct of_device_id matches[] = { { .compatible = "virtio,mmio" }, {} };
MODULE_DEVICE_TABLE(of, matches);

static struct platform_driver tester_driver = {
	.probe = probe,
	.driver = { .name = "virtio-mmio-msi-test", .of_match_table = matches },
};
module_platform_driver(tester_driver);
MODULE_DESCRIPTION("Reads from a virtio-mmio block device, a message for each request");
MODULE_LICENSE("GPL");
