/* ours.h - the same code on godwit's CPU: CPL 3, paging, GDT and LDT like the witness's. */
/* SPDX-License-Identifier: MIT */
#ifndef OURS_H
#define OURS_H
#include "tests/oracle/silicon/native.h"

struct ours;
#define OURS_SUPERVISOR 0xd6540000u  /* where our tables are mapped */
enum { OURS_SUPERVISOR_BYTES = 0x20000 };
#define OURS_ENDLESS 0xfffffffeu     /* as a vector: the code did not end within OURS_LIMIT */
enum { OURS_LIMIT = 20000 };         /* instructions */
/* Names of the engines (cmd/godwit/engines.def), NULL behind the last. */
const char *ours_engine(unsigned i);
struct ours *ours_new(const char *engine);   /* NULL: the first; an unknown one ends the program */
uint8_t *ours_data(struct ours *o);  /* NATIVE_DATA_BYTES bytes */
void ours_run(struct ours *o, struct witness *s, const struct fragment *f);
/* The same one instruction at a time: calls each(self, linear address of CS:EIP, ECX) before every
 * one, until each() returns false. */
void ours_trace(struct ours *o, const struct witness *s, const struct fragment *f,
                bool (*each)(void *self, uint32_t at, uint32_t ecx), void *self);
#endif
