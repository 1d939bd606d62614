/* pc.h - the bare PC below the x86 kernels: paging with a window, ports, interrupts. */
/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PERF_KERNELS_PC_H
#define TESTS_PERF_KERNELS_PC_H
#include <stdint.h>

enum { WINDOW_PAGES = 4096 };

#define WINDOW ((volatile uint32_t *)0x40000000)        /* WINDOW_PAGES pages of scattered RAM */

extern uint32_t pc_window_table[WINDOW_PAGES];          /* its page table entries */
extern volatile uint32_t pc_page_faults, pc_int80s;     /* how often the handlers ran */

void pc_tables(void);                /* GDT, IDT */
void pc_paging_on(void);             /* fresh tables: 0 to 32 MiB as it is, and the window */
void pc_paging_off(void);
uint32_t pc_directory(int which);    /* the physical address of one of two equal directories */

static inline void pc_cr3(uint32_t directory)
{
    __asm__ volatile("mov %0, %%cr3" :: "r"(directory) : "memory");
}

static inline void pc_invlpg(volatile uint32_t *p)
{
    __asm__ volatile("invlpg (%0)" :: "r"(p) : "memory");
}

static inline void pc_out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(port));
}

static inline uint8_t pc_in8(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

#endif
