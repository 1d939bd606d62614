/* count.c - a plugin of qemu that counts executed guest instructions. Argument: out=FILE. In a user
 * mode emulator of MIPS64 the file gets, for each line of text that the program writes to its
 * standard output,
 *     line INSNS GENERATED SECONDS INSNS GENERATED SECONDS TEXT
 * with tabs between: what all threads had executed when the first character was written and when
 * the line ended, how much of it in generated code (memory that is neither the program's nor a
 * library's), and the processor seconds of the emulator. In a system emulator of x86 each executed
 * 66 87 DB (xchg %bx,%bx) gives "mark INSNS". Last comes "end INSNS GENERATED SECONDS". */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "qemu_plugin.h"
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 1024, LINE = 512, PAGES = 65536, SYS_WRITE = 5001, SYS_WRITEV = 5019 };

struct count {
    uint64_t insns, generated;
    double seconds;
};

/* QEMU's interface has no pointer of the plugin's own: what must last is here. */
static struct thread {
    uint64_t insns[2];               /* [1]: in generated code */
    uint64_t pad[6];                 /* a cache line for each thread */
} threads[MAX_THREADS];
static FILE *out;
static bool is_system;
static char line[LINE];
static size_t line_length;
static struct count line_start;

PLUGIN_EXPORT int qemu_plugin_version = 1;

static struct count count_now(void)
{
    struct timespec t;
    struct count c = { 0 };

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    c.seconds = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
    for (int i = 0; i < MAX_THREADS; i++) {
        c.insns += threads[i].insns[0] + threads[i].insns[1];
        c.generated += threads[i].insns[1];
    }
    return c;
}

static void print_count(const struct count *c)
{
    fprintf(out, "\t%llu\t%llu\t%.3f", (unsigned long long)c->insns,
            (unsigned long long)c->generated, c->seconds);
}

/* Is the address in memory that no file backs? The program's own maps say so. */
static bool in_anonymous_memory(uint64_t address)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char text[512];
    bool anonymous = true;

    while (maps && fgets(text, sizeof text, maps)) {
        unsigned long from, to;
        char path[256] = "";

        if (sscanf(text, "%lx-%lx %*s %*s %*s %*s %255s", &from, &to, path) < 2 ||
            address < from || address >= to)
            continue;
        anonymous = path[0] != '/' || strstr(path, "memfd:") || strstr(path, "/dev/shm/");
        break;
    }
    if (maps)
        fclose(maps);
    return anonymous;
}

static bool is_generated(uint64_t address)
{
    static struct { uint64_t page; bool generated; } known[PAGES];     /* page + 1: 0 is empty */
    uint64_t page = (address >> 12) + 1;
    unsigned slot = page % PAGES;

    if (is_system || (address >= qemu_plugin_start_code() && address < qemu_plugin_end_code()))
        return false;
    if (known[slot].page != page) {
        known[slot].generated = in_anonymous_memory(address);
        known[slot].page = page;
    }
    return known[slot].generated;
}

static void on_block(unsigned vcpu, void *arg)
{
    uintptr_t v = (uintptr_t)arg;

    threads[vcpu % MAX_THREADS].insns[v & 1] += v >> 1;
}

static void on_mark(unsigned vcpu, void *arg)
{
    (void)vcpu;
    (void)arg;
    fprintf(out, "mark\t%llu\n", (unsigned long long)count_now().insns);
    fflush(out);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    uintptr_t arg = n << 1 | is_generated(qemu_plugin_tb_vaddr(tb));

    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, (void *)arg);
    for (size_t i = 0; is_system && i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

        if (qemu_plugin_insn_size(insn) == 3 &&
            memcmp(qemu_plugin_insn_data(insn), "\x66\x87\xDB", 3) == 0)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void on_character(char c)
{
    struct count now;

    if (line_length == 0 && c != '\r')
        line_start = count_now();
    if (c != '\n') {
        if ((unsigned char)c >= ' ' && line_length < LINE - 1)
            line[line_length++] = c;
        return;
    }
    now = count_now();
    fprintf(out, "line");
    print_count(&line_start);
    print_count(&now);
    fprintf(out, "\t%.*s\n", (int)line_length, line);
    fflush(out);
    line_length = 0;
}

/* The program's memory is the emulator's at the same address; reading it so never faults. */
static bool fetch(void *to, uint64_t from, size_t n)
{
    struct iovec local = { to, n }, remote = { (void *)(uintptr_t)from, n };

    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n;
}

static void on_text(uint64_t address, uint64_t n)
{
    for (char text[256]; n > 0;) {
        size_t part = n < sizeof text ? n : sizeof text;

        if (!fetch(text, address, part))
            return;
        for (size_t i = 0; i < part; i++)
            on_character(text[i]);
        address += part;
        n -= part;
    }
}

static void on_syscall(qemu_plugin_id_t id, unsigned vcpu, int64_t number, uint64_t fd,
                       uint64_t address, uint64_t n, uint64_t a4, uint64_t a5, uint64_t a6,
                       uint64_t a7, uint64_t a8)
{
    uint64_t part[2];                /* a struct iovec */

    (void)id, (void)vcpu, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (fd != STDOUT_FILENO)
        return;
    if (number == SYS_WRITE)
        on_text(address, n);
    for (uint64_t i = 0; number == SYS_WRITEV && i < n; i++) {
        if (fetch(part, address + i * sizeof part, sizeof part))
            on_text(part[0], part[1]);
    }
}

static void on_exit_(qemu_plugin_id_t id, void *arg)
{
    struct count now = count_now();

    (void)id;
    (void)arg;
    fprintf(out, "end");
    print_count(&now);
    fprintf(out, "\n");
    fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out = fopen(argv[i] + 4, "w");
    }
    if (!out) {
        fprintf(stderr, "count: say where the counts go with out=FILE\n");
        return -1;
    }
    is_system = info->system_emulation;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    if (!is_system)
        qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    qemu_plugin_register_atexit_cb(id, on_exit_, NULL);
    return 0;
}
