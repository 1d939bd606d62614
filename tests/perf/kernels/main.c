/* main.c - the benchmark as a kernel of its own: booted by multiboot, prints on COM1
 *     @B name events       a test begins; events is 0 unless one event's cost is asked for
 *     @E name sum=HEX      it has ended
 * and leaves by isa-debug-exit at 501h. An "xchg %bx,%bx" before and after the work is a mark for
 * the counting plugin. The command line: s=N is the scale in percent, t=name,name,... what is run;
 * without t= everything. */
/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include "bench.h"
#include "pc.h"

#define MARK() __asm__ volatile(".byte 0x66, 0x87, 0xDB" ::: "memory")

enum { COM1 = 0x3F8, EXIT_PORT = 0x501, MULTIBOOT_MAGIC = 0x2BADB002 };

void bench_main(uint32_t magic, const uint32_t *multiboot);

/* The compiler may call these. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
    uint8_t *d = to;

    for (const uint8_t *s = from; n--;)
        *d++ = *s++;
    return to;
}

void *memset(void *to, int c, size_t n)
{
    for (uint8_t *d = to; n--;)
        *d++ = (uint8_t)c;
    return to;
}

static void open_port(void)
{
    static const uint8_t set[][2] = {       /* no interrupts, 115200 8N1, FIFOs */
        { 1, 0 }, { 3, 0x80 }, { 0, 1 }, { 1, 0 }, { 3, 3 }, { 2, 0xC7 }
    };

    for (unsigned i = 0; i < sizeof set / sizeof *set; i++)
        pc_out8(COM1 + set[i][0], set[i][1]);
}

static void put(char c)
{
    for (int tries = 0; tries < 10000 && !(pc_in8(COM1 + 5) & 0x20); tries++)
        ;
    pc_out8(COM1, (uint8_t)c);
}

static void put_text(const char *s)
{
    while (*s)
        put(*s++);
}

static void put_number(uint32_t v, uint32_t base, int digits)
{
    char text[12];
    int n = 0;

    do
        text[n++] = "0123456789abcdef"[v % base];
    while (v /= base);
    while (n < digits)
        text[n++] = '0';
    while (n)
        put(text[--n]);
}

static bool word(const char *list, const char *name)
{
    while (*name && *list == *name) {
        list++;
        name++;
    }
    return !*name && (*list == ',' || *list == ' ' || !*list);
}

/* Is the name in a comma-separated list? NULL holds every name. */
static bool chosen(const char *list, const char *name)
{
    if (!list)
        return true;
    for (const char *p = list; *p && *p != ' '; p++) {
        if ((p == list || p[-1] == ',') && word(p, name))
            return true;
    }
    return false;
}

static void run(const struct bench *b, const char *list, uint32_t scale)
{
    for (; b->name; b++) {
        uint32_t n = (b->n * scale + 99) / 100, sum;

        if (!chosen(list, b->name))
            continue;
        if (b->prepare)
            b->prepare();
        put_text("@B ");
        put_text(b->name);
        put(' ');
        put_number(b->events * n, 10, 1);
        put('\n');
        MARK();
        sum = b->run(n);
        MARK();
        put_text("@E ");
        put_text(b->name);
        put_text(" sum=");
        put_number(sum, 16, 8);
        put('\n');
    }
}

static uint32_t number(const char *s)
{
    uint32_t v = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        v = v * 10 + (uint32_t)(*s - '0');
    return v;
}

void bench_main(uint32_t magic, const uint32_t *multiboot)
{
    static const struct bench *const tables[] = {
        bench_portable, bench_sse, bench_cpu, bench_paging, bench_events, bench_rows
    };
    const char *line = "", *list = NULL;
    uint32_t scale = 100;

    if (magic == MULTIBOOT_MAGIC && (multiboot[0] & 4))
        line = (const char *)multiboot[4];
    for (const char *p = line; *p; p++) {
        if (p != line && p[-1] != ' ')
            continue;
        if (p[0] == 's' && p[1] == '=')
            scale = number(p + 2);
        if (p[0] == 't' && p[1] == '=')
            list = p + 2;
    }
    open_port();
    pc_tables();
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        run(tables[i], list, scale);
    put_text("@@ done\n");
    pc_out8(EXIT_PORT, 0x10);
}
