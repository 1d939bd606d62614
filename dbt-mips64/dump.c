/* dump.c - a translation listed, guest and host side by side. */
/* SPDX-License-Identifier: MIT */
#include "dbt-mips64/dump.h"
#include "dbt-mips64/mips_dis.h"
#include <inttypes.h>

enum { LEFT = 50, BYTES = 8 };       /* columns of the guest's side; instruction bytes in it */

static int put_guest(const struct dump_insn *g, FILE *out)
{
    char text[64], hex[2 * BYTES + 3] = "";
    size_t n = 0;

    for (unsigned i = 0; g->bytes && i < g->insn->len && i < BYTES; i++)
        n += (size_t)sprintf(hex + n, "%02x", g->bytes[i]);
    if (g->bytes && g->insn->len > BYTES)
        sprintf(hex + n, "..");
    x86_disasm(g->insn, g->rip, text, sizeof text);
    return fprintf(out, "%08" PRIx64 "  %-18s  %s", g->rip, hex, text);
}

static void put_host(const struct dump *d, unsigned w, int used, FILE *out)
{
    char text[48];
    uint64_t pc = d->pc + 4ull * w;

    mips_dis(d->host[w], pc, text, sizeof text);
    fprintf(out, "%*s  %09" PRIx64 "  %08x  %s\n", used < LEFT ? LEFT - used : 0, "", pc,
            d->host[w], text);
}

/* The guest instructions from `next` that are before number `end`: they have no words. */
static unsigned put_wordless(const struct dump *d, unsigned next, unsigned end, FILE *out)
{
    for (; next < end; next++) {
        put_guest(&d->guest[next], out);
        fputc('\n', out);
    }
    return next;
}

/* The left side where words of `owner` begin: whole the first time, then by rip. Returns columns;
 * *next is the first guest instruction that has not been listed. */
static int put_left(const struct dump *d, int32_t owner, unsigned *next, FILE *out)
{
    if ((unsigned)owner >= d->guests)                   /* -1, too */
        return fprintf(out, "%8s", "-");
    if ((unsigned)owner < *next)
        return fprintf(out, "%08" PRIx64 "  again", d->guest[owner].rip);
    put_wordless(d, *next, (unsigned)owner, out);
    *next = (unsigned)owner + 1;
    return put_guest(&d->guest[owner], out);
}

void dbt_dump(const struct dump *d, FILE *out)
{
    unsigned m = 0, next = 0;
    int32_t owner = -1;

    fprintf(out, "; %u guest instructions, %u host words\n", d->guests, d->words);
    for (unsigned w = 0; w < d->words; w++) {
        bool begins = w == 0;

        for (; m < d->maps && d->map[m].word <= w; m++) {
            owner = d->map[m].insn;
            begins = true;
        }
        put_host(d, w, begins ? put_left(d, owner, &next, out) : 0, out);
    }
    put_wordless(d, next, d->guests, out);
}

unsigned dbt_dump_decode(struct x86_insn *insn, struct dump_insn *list, unsigned max,
                         const uint8_t *bytes, unsigned n, gva_t rip, bool code32)
{
    unsigned count = 0, at = 0;

    while (count < max) {
        int len = x86_decode(&insn[count], bytes + at, n - at, code32);

        if (len <= 0)
            break;
        list[count] = (struct dump_insn){ &insn[count], rip + at, bytes + at };
        at += (unsigned)len;
        count++;
    }
    return count;
}
