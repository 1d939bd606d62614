/* ours.h - the same code on godwit's CPU: CPL 3, flat segments, paging like the witness's. */
/* SPDX-License-Identifier: MIT */
#ifndef OURS_H
#define OURS_H
#include "tests/oracle/silicon/native.h"

struct ours;
#define OURS_SUPERVISOR 0xd6540000u  /* where our tables are mapped */
enum { OURS_SUPERVISOR_BYTES = 0x20000 };
struct ours *ours_new(void);
uint8_t *ours_data(struct ours *o);  /* NATIVE_DATA_BYTES bytes */
/* Becomes the LDT; at most 4096 bytes. */
void ours_ldt(struct ours *o, const void *table, unsigned bytes);
void ours_run(struct ours *o, struct witness *s, const uint8_t *code, unsigned n);
#endif
