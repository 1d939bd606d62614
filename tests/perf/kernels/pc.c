/* pc.c - descriptor tables, two handlers, and paging. */
/* SPDX-License-Identifier: MIT */
#include "pc.h"
#include "bench.h"

enum { LOW_PAGES = 8192, PTE = 7, CR0_PG_WP = (int)0x80010000 };

struct gate {
    uint16_t low, selector, type, high;
};

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

static struct gate idt[256];
static const uint64_t gdt[3] = { 0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF };
static uint32_t directory[2][1024] __attribute__((aligned(4096)));
static uint32_t low_table[LOW_PAGES] __attribute__((aligned(4096)));
uint32_t pc_window_table[WINDOW_PAGES] __attribute__((aligned(4096)));
volatile uint32_t pc_page_faults, pc_int80s;

void pc_on_page_fault(void), pc_on_int80(void), pc_on_other(void);      /* start.S */
void pc_map_page(uint32_t cr2);                                         /* called from there */

void pc_map_page(uint32_t cr2)
{
    pc_page_faults++;
    pc_window_table[(cr2 - (uint32_t)WINDOW) >> 12] |= 1;
}

static void set_gate(int vector, void (*handler)(void))
{
    uint32_t a = (uint32_t)handler;

    idt[vector] = (struct gate){ a & 0xFFFF, 8, 0x8E00, a >> 16 };
}

void pc_tables(void)
{
    struct table_register g = { sizeof gdt - 1, (uint32_t)gdt };
    struct table_register i = { sizeof idt - 1, (uint32_t)idt };

    for (int v = 0; v < 256; v++)
        set_gate(v, pc_on_other);
    set_gate(14, pc_on_page_fault);
    set_gate(0x80, pc_on_int80);
    __asm__ volatile("lgdt %0\n ljmp $8, $1f\n"
                     "1: mov $16, %%eax\n mov %%eax, %%ds\n mov %%eax, %%es\n mov %%eax, %%ss\n"
                     "mov %%eax, %%fs\n mov %%eax, %%gs\n lidt %1"
                     :: "m"(g), "m"(i) : "eax", "memory");
}

/* The window's pages lie scattered over 16 to 32 MiB. */
static void fill_tables(void)
{
    for (uint32_t i = 0; i < LOW_PAGES; i++)
        low_table[i] = i << 12 | PTE;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++)
        pc_window_table[i] = (0x1000000 + (i * 1237 + 55) % WINDOW_PAGES * 4096) | PTE;
    for (int d = 0; d < 2; d++) {
        for (uint32_t i = 0; i < LOW_PAGES / 1024; i++)
            directory[d][i] = (uint32_t)(low_table + i * 1024) | PTE;
        for (uint32_t i = 0; i < WINDOW_PAGES / 1024; i++)
            directory[d][256 + i] = (uint32_t)(pc_window_table + i * 1024) | PTE;
    }
}

uint32_t pc_directory(int which)
{
    return (uint32_t)directory[which];
}

void pc_paging_on(void)
{
    fill_tables();
    pc_cr3(pc_directory(0));
    __asm__ volatile("mov %%cr0, %%eax\n or %0, %%eax\n mov %%eax, %%cr0\n jmp 1f\n1:"
                     :: "i"(CR0_PG_WP) : "eax", "memory");
}

void pc_paging_off(void)
{
    __asm__ volatile("mov %%cr0, %%eax\n and %0, %%eax\n mov %%eax, %%cr0\n jmp 1f\n1:"
                     :: "i"(~CR0_PG_WP) : "eax", "memory");
}

/* CR0: no EM, no TS, NE; CR4: OSFXSR, OSXMMEXCPT. */
void bench_fpu(uint16_t control)
{
    __asm__ volatile("mov %%cr0, %%eax\n and $~0xC, %%eax\n or $0x22, %%eax\n mov %%eax, %%cr0\n"
                     "mov %%cr4, %%eax\n or $0x600, %%eax\n mov %%eax, %%cr4\n"
                     "fninit\n fldcw %0" :: "m"(control) : "eax");
}
