/* ide.h - one ATA channel with two drives: what the PCI function owns and its parts share.
 *
 * ATA/ATAPI-6 (T13 1410D) unless a comment names another. The channel decodes registers, carries
 * INTRQ and moves bytes; what a command means is a row of ide_commands[] with code in ata_disk.c
 * or atapi.c. All state is data: a drive is waiting for exactly one thing, named by its phase. */
/* SPDX-License-Identifier: MIT */
#ifndef IDE_H
#define IDE_H
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/mem.h"
struct machine; struct snap; struct ide_channel;

enum { IDE_BUF = 65536, IDE_SECTOR = 512, IDE_MULT_MAX = 16 };      /* bytes, bytes, sectors */
enum { ATA_ERR = 0x01, ATA_DRQ = 0x08, ATA_DSC = 0x10, ATA_DF = 0x20, ATA_DRDY = 0x40,
       ATA_BSY = 0x80 };                                               /* status */
enum { ATA_ABRT = 0x04, ATA_IDNF = 0x10, ATA_UNC = 0x40 };             /* error */
enum { ATA_DEV_SLAVE = 0x10, ATA_DEV_LBA = 0x40 };

enum ide_kind { IDE_NONE, IDE_DISK, IDE_CD };
enum ide_phase {
    IDE_IDLE,                        /* a command */
    IDE_START,                       /* the channel's command timer */
    IDE_IO,                          /* the block backend */
    IDE_PIO_IN, IDE_PIO_OUT,         /* DRQ: the host moves buf[pos..end) */
    IDE_DMA_IN, IDE_DMA_OUT,         /* the bus master moves buf[pos..end) */
};

struct ide_sense { uint8_t key, asc, ascq; };

struct ide_drive {
    struct ide_channel *ch;
    struct blk *blk;                 /* medium; NULL = none; borrowed */
    const char *serial, *model;
    uint64_t    sectors;             /* medium's, of 512 bytes */
    uint8_t     unit;                /* 0 or 1 */
    uint8_t     kind;                /* enum ide_kind */
    bool        read_only;

    /* Task file. [1] is the value before the last write (48-bit commands, HOB). */
    uint8_t feature[2], nsect[2], lbal[2], lbam[2], lbah[2];
    uint8_t status, error, cmd;
    bool    intrq;
    uint8_t phase;                   /* enum ide_phase */
    uint32_t pos, end;               /* in buf; pos <= end <= IDE_BUF */

    /* ATA settings */
    uint8_t mult;                    /* sectors a DRQ block of READ MULTIPLE; 0 = not set */
    uint8_t dma_mode;                /* as SET FEATURES 03h: 2xh multiword, 4xh ultra; 0 = none */
    uint8_t power;                   /* CHECK POWER MODE's answer */
    bool    write_cache, look_ahead, sleeping, max_read;
    uint16_t cyls; uint8_t heads, spt;           /* translation in force */
    uint64_t max_sectors;            /* that the host may use: SET MAX lowers it */

    /* The running disk command */
    uint64_t lba;
    uint32_t left, chunk;            /* sectors; chunk: in the present step */
    bool     flushing;               /* the last step: cache to medium */

    /* ATAPI */
    uint8_t  cdb[12];
    struct ide_sense sense, attention;           /* attention.key != 0: pending unit attention */
    bool     packet_dma, locked, tray_open;
    uint8_t  media_event;            /* GET EVENT STATUS: 0 none, 2 new, 3 removed */
    uint16_t byte_limit;             /* of one DRQ block */
    uint32_t reply;                  /* bytes of buf that are to go */
    uint8_t  raw;                    /* READ CD: 1 = whole 2352-byte sectors */

    bool       io_busy;              /* a request is with the backend ... */
    struct blk *io_blk;              /* ... of this process: NULL until submitted after a load */
    struct blk_req io;
    uint8_t    *buf;                 /* IDE_BUF bytes, owned */
};

/* The bus master's side; self is the PCI function's. */
struct ide_bus_master {
    /* Moves up to n bytes; fewer when stopped or at the table's end. */
    size_t (*move)(void *self, unsigned channel, uint8_t *p, size_t n, bool to_memory);
    void   (*intrq)(void *self, unsigned channel, bool level);         /* INTRQ's present level */
};

struct ide_channel {
    struct mem_region cmd_ports, ctl_port;       /* 8 ports and 1 */
    struct irq_line   irq;
    struct ide_drive  drive[2];
    struct vtimer     timer;         /* a written command begins */
    uint8_t           nr;            /* 0 primary, 1 secondary */
    uint8_t           device, control;
    const struct ide_bus_master *bm; void *bm_self;
};

enum ide_flag { IDE_WRITE = 1, IDE_EXT = 2, IDE_MULT = 4, IDE_DMA = 8, IDE_FUA = 16,
                IDE_VERIFY = 32, IDE_FOR_DISK = 64, IDE_FOR_CD = 128 };
struct ide_command {
    uint8_t first, last;             /* opcodes */
    uint8_t flags;
    void  (*start)(struct ide_drive *d);
    void  (*moved)(struct ide_drive *d);         /* pos reached end */
    void  (*io_done)(struct ide_drive *d, int rc);
};
const struct ide_command *ide_command(const struct ide_drive *d);      /* of d->cmd; never NULL */

/* ata.c: the channel */
int  ide_channel_init(struct ide_channel *c, struct machine *m, struct vm_error *e);
void ide_channel_free(struct ide_channel *c);
void ide_channel_reset(struct ide_channel *c);   /* hardware reset */
void ide_channel_drive(struct ide_channel *c);
void ide_channel_snap(struct ide_channel *c, struct snap *s, const char *name);
void ide_channel_dma_ready(struct ide_channel *c);       /* the bus master was started */
void ide_set_medium(struct ide_drive *d, struct blk *b); /* NULL = none; a running request fails */
void ide_signature(struct ide_drive *d);
void ide_stop(struct ide_drive *d);              /* drops what is going on, no interrupt */

/* What a command's code ends or continues with. */
void ide_finish(struct ide_drive *d);            /* done: interrupt */
void ide_finish_quietly(struct ide_drive *d);
void ide_abort(struct ide_drive *d, uint8_t error, uint8_t more_status);
void ide_pio(struct ide_drive *d, enum ide_phase phase, uint32_t from, uint32_t n, bool interrupt);
void ide_dma(struct ide_drive *d, enum ide_phase phase, uint32_t n);
void ide_io(struct ide_drive *d, enum blk_op op, uint64_t off, uint32_t len);

/* ata_disk.c, ata_identify.c, atapi.c */
void disk_reset(struct ide_drive *d, bool power_on);
void disk_rw(struct ide_drive *d);
void disk_rw_moved(struct ide_drive *d);
void disk_rw_io(struct ide_drive *d, int rc);
void disk_flush(struct ide_drive *d);
void disk_flush_io(struct ide_drive *d, int rc);
void disk_read_buffer(struct ide_drive *d);
void disk_write_buffer(struct ide_drive *d);
void disk_recalibrate(struct ide_drive *d);
void disk_seek(struct ide_drive *d);
void disk_init_params(struct ide_drive *d);
void disk_set_multiple(struct ide_drive *d);
void disk_native_max(struct ide_drive *d);
void disk_set_max(struct ide_drive *d);
void ata_power(struct ide_drive *d);
void ata_set_features(struct ide_drive *d);
void ata_identify(struct ide_drive *d);
void atapi_identify(struct ide_drive *d);
void atapi_packet(struct ide_drive *d);
void atapi_moved(struct ide_drive *d);
void atapi_io(struct ide_drive *d, int rc);
void atapi_reset(struct ide_drive *d, bool power_on);

/* atapi_info.c: replies that need no medium access. Each fills buf and returns its length, or -1
 * for "invalid field in CDB". */
int  atapi_inquiry(struct ide_drive *d);
int  atapi_mode_sense(struct ide_drive *d);
int  atapi_configuration(struct ide_drive *d);
int  atapi_event_status(struct ide_drive *d);
int  atapi_toc(struct ide_drive *d, uint32_t blocks);
int  atapi_disc_info(struct ide_drive *d);
int  atapi_track_info(struct ide_drive *d, uint32_t blocks);
int  atapi_mechanism(struct ide_drive *d);
uint32_t atapi_blocks(const struct ide_drive *d);        /* of 2048 bytes; 0 without medium */
#endif
