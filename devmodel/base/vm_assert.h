/* vm_assert.h - checks for our own mistakes; a guest, a file or a host can never reach one. */
/* SPDX-License-Identifier: MIT */
#ifndef VM_ASSERT_H
#define VM_ASSERT_H

void vm_assert_failed(const char *file, int line, const char *what) __attribute__((noreturn, cold));

#define VM_ASSERT(cond) \
    do { if (__builtin_expect(!(cond), 0)) vm_assert_failed(__FILE__, __LINE__, #cond); } while (0)
#endif
