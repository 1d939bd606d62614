/* fdc_priv.h - the state of the 82077AA, shared by its register half and its data half. */
/* SPDX-License-Identifier: MIT */
#ifndef FDC_PRIV_H
#define FDC_PRIV_H
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/irq.h"
#include "devmodel/core/isadma.h"
#include "devmodel/core/machine.h"
#include "devmodel/core/mem.h"

/* Four can be addressed, two can be there. */
enum { FDC_DRIVES = 4, FDC_REAL = 2, FDC_SECTOR = 512, FDC_FIFO = 16, FDC_DMA_CHANNEL = 2 };

enum fdc_phase {
    FDC_COMMAND,                     /* RQM, takes command and parameter bytes */
    FDC_EXEC,                        /* busy: timer or disk */
    FDC_TO_HOST,                     /* sector buffer leaves, by DMA or by data port */
    FDC_FROM_HOST,                   /* sector buffer fills */
    FDC_RESULT,                      /* RQM | DIO, gives result bytes */
};

struct fdc_format {                  /* what an image's size says */
    uint32_t bytes;
    uint8_t  tracks, heads, sectors; /* per disk, disk, track */
    uint8_t  rates;                  /* bit n: readable at data rate n of the CCR */
    uint8_t  type;                   /* the drive that fits, as CMOS names it */
};

struct fdc_drive {
    struct fdc *owner;
    struct blk *blk;                 /* the disk in the drive; NULL = none; borrowed */
    const struct fdc_format *fmt;    /* NULL without a disk */
    bool        read_only;
    const char *type_name;           /* property */
    uint8_t     type;                /* CMOS type; 0 = no drive */
    uint8_t     head_cyl;            /* where the heads really are, 0..83 */
    uint8_t     pcn;                 /* where the controller thinks they are */
    bool        changed;             /* the drive's disk change line */
    bool        seeking, seek_done;  /* seek_done: status not yet sensed */
    uint8_t     seek_st0;
    uint8_t     seek_to;             /* head_cyl after the seek */
    uint8_t     seek_pcn;            /* pcn after the seek */
    struct vtimer seek_timer;
};

struct fdc {
    struct device     dev;
    struct mem_region low_ports;     /* 3F0h..3F5h */
    struct mem_region dir_port;      /* 3F7h; 3F6h is the IDE channel's */
    struct irq_line   intr;
    struct isa_dma   *dma;
    struct fdc_drive  drive[FDC_DRIVES];
    struct vtimer     timer;         /* of the command being executed */
    struct vtimer     reset_timer;

    uint8_t dor, rate, tdr, srt_hut, hlt_nd, config, pretrk, perpendicular;
    uint8_t eot;                     /* last SC or EOT, for DUMPREG */
    bool    lock, intr_pending;
    uint8_t reset_sense;             /* statuses of the reset interrupt still to be sensed */

    uint8_t phase;                   /* enum fdc_phase */
    uint8_t fifo[FDC_FIFO];          /* command and parameters, then results */
    uint8_t fifo_pos, fifo_len;      /* fifo_len: bytes wanted or offered, <= FDC_FIFO */

    /* ---- the data command in execution: fdc_data.c */
    uint8_t  cyl, head, sector;      /* the id looked for */
    uint8_t  side;                   /* the head that reads or writes: 0 or 1 */
    uint8_t  track_left;             /* FORMAT, READ TRACK, VERIFY with EC: sectors still to do */
    uint8_t  st1, st2;
    bool     tc;
    uint8_t  rotation;               /* the sector whose id passed last, for READ ID */
    uint16_t buf_pos, buf_len;       /* <= FDC_SECTOR */
    uint8_t  buf[FDC_SECTOR];        /* to and from the host */
    uint8_t  disk[FDC_SECTOR];       /* SCAN: the sector to compare */
    uint16_t dma_tries;
    bool     io_busy;                /* a request is with the backend ... */
    struct blk *io_blk;              /* ... of this process: NULL until submitted after a load */
    struct blk_req io;
};

enum { ST0_ABNORMAL = 0x40, ST0_INVALID = 0x80, ST0_SE = 0x20, ST0_EC = 0x10 };
enum { ST1_MA = 0x01, ST1_NW = 0x02, ST1_ND = 0x04, ST1_OR = 0x10, ST1_DE = 0x20, ST1_EN = 0x80 };
enum { ST2_BC = 0x02, ST2_SN = 0x04, ST2_SH = 0x08, ST2_WC = 0x10, ST2_DD = 0x20, ST2_CM = 0x40 };
enum { DOR_DMAGATE = 0x08, DOR_RUN = 0x04 };
enum { CONFIG_EIS = 0x40, CONFIG_FIFO_OFF = 0x20, CONFIG_THRESHOLD = 0x0f };

/* Register half. */
void fdc_update(struct fdc *f);                  /* all wires from the state */
void fdc_result(struct fdc *f, unsigned n);      /* fifo[0..n) is offered to the host */
void fdc_seek_heads(struct fdc_drive *d, unsigned cyl);  /* at once, moves pcn too */
bool fdc_non_dma(const struct fdc *f);

/* Data half. */
void fdc_data_init(struct fdc *f);
void fdc_data_start(struct fdc *f);              /* fifo holds a whole data command */
void fdc_data_timer(struct fdc *f);
void fdc_data_moved(struct fdc *f);              /* data port: buf_pos reached buf_len */
void fdc_data_resume(struct fdc *f);             /* after a load: submit again */
void fdc_data_abort(struct fdc *f);              /* reset */
void fdc_data_snap(struct fdc *f, struct snap *s);
#endif
