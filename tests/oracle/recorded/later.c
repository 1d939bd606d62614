/* later.c - makes a recorded test into what chips since the 486 do, where the difference is known
 * exactly: another encoding of the same instruction, another value in one place. */
/* SPDX-License-Identifier: MIT */
#include "tests/oracle/recorded/chips.h"

enum { CF = 1 };

static uint32_t linear(const struct subject *s, uint16_t seg, uint16_t offset)
{
    uint32_t at = ((uint32_t)seg << 4) + offset;

    return s->chip == CHIP_8086 ? at & 0xfffff : at;
}

static int find(const struct moo_state *m, uint32_t at)
{
    for (unsigned i = 0; i < m->n_ram; i++)
        if (m->ram[i].at == at)
            return (int)i;
    return -1;
}

static void set_byte(struct moo_state *m, uint32_t at, uint8_t v)
{
    int i = find(m, at);

    if (i < 0 && m->n_ram == MOO_RAM_MAX)
        return;
    if (i < 0)
        i = (int)m->n_ram++;
    m->ram[i].at = at;
    m->ram[i].v = v;
}

/* What is not listed was as before; what was never listed is 0. */
static uint8_t byte_after(const struct moo_test *t, uint32_t at)
{
    int i = find(&t->after, at), k = find(&t->before, at);

    return i >= 0 ? t->after.ram[i].v : k >= 0 ? t->before.ram[k].v : 0;
}

static void set_code(struct moo_test *t, const struct subject *s, unsigned i, uint8_t v)
{
    uint32_t at = linear(s, t->before.reg[MOO_CS], (uint16_t)(t->before.reg[MOO_IP] + i));
    int after = find(&t->after, at);

    if (after >= 0 && t->after.ram[after].v == t->bytes[i])
        t->after.ram[after].v = v;
    t->bytes[i] = v;
    set_byte(&t->before, at, v);
}

/* The word on top of the stack, which an instruction or exception has pushed last. */
static void set_top(struct moo_test *t, const struct subject *s, uint16_t v)
{
    uint16_t sp = t->after.reg[MOO_SP], ss = t->after.reg[MOO_SS];

    set_byte(&t->after, linear(s, ss, sp), (uint8_t)v);
    set_byte(&t->after, linear(s, ss, (uint16_t)(sp + 1)), (uint8_t)(v >> 8));
}

static uint16_t top(const struct moo_test *t, const struct subject *s)
{
    uint16_t sp = t->after.reg[MOO_SP], ss = t->after.reg[MOO_SS];

    return (uint16_t)(byte_after(t, linear(s, ss, sp)) |
                      byte_after(t, linear(s, ss, (uint16_t)(sp + 1))) << 8);
}

/* 60-6F are 70-7F; C0, C1, C8, C9 are C2, C3, CA, CB. */
void later_opcode(struct moo_test *t, const struct subject *s)
{
    set_code(t, s, s->at, s->op | (s->op < 0x70 ? 0x10 : 2));
}

/* FF /7 is FF /6; 8C and 8E look at two bits of reg, 8F, C6 and C7 at none. */
void later_modrm(struct moo_test *t, const struct subject *s)
{
    uint8_t drop = s->op == 0xff ? 0x08 : s->op == 0x8c || s->op == 0x8e ? 0x20 : 0x38;

    set_code(t, s, s->at + 1, s->modrm & (uint8_t)~drop);
}

void later_push_sp(struct moo_test *t, const struct subject *s)
{
    set_top(t, s, t->before.reg[MOO_SP]);
}

void later_adjust(struct moo_test *t, const struct subject *s)
{
    t->after.reg[MOO_AX] = (uint16_t)(t->after.reg[MOO_AX] + (s->op == 0x37 ? 0x100 : -0x100));
}

void later_das(struct moo_test *t, const struct subject *s)
{
    (void)s;
    t->after.reg[MOO_FLAGS] |= CF;
}

/* The same shift with a count of five bits: rotations go round, the rest has long shifted all. */
void later_count(struct moo_test *t, const struct subject *s)
{
    unsigned width = s->op & 1 ? 16 : 8, reg = s->modrm >> 3 & 7, count;
    unsigned round = reg >= 4 ? 0 : reg >= 2 ? width + 1 : width;

    count = t->before.reg[MOO_CX] & 0xff;
    count = round ? count % round + round : 31;
    count = count > 31 ? count - round : count;
    t->before.reg[MOO_CX] = t->after.reg[MOO_CX] =
        (uint16_t)((t->before.reg[MOO_CX] & 0xff00) | count);
}

void later_divide_error(struct moo_test *t, const struct subject *s)
{
    set_top(t, s, t->before.reg[MOO_IP]);
    t->exception = true;             /* the 8086's files do not say so */
    t->vector = 0;
}

void later_idiv(struct moo_test *t, const struct subject *s)
{
    uint16_t ax = t->after.reg[MOO_AX];

    t->after.reg[MOO_AX] = s->op & 1 ? (uint16_t)-ax : (uint16_t)((ax & 0xff00) | (-ax & 0xff));
}

/* LOCK before all other prefixes, and the start behind it. */
void later_lock(struct moo_test *t, const struct subject *s)
{
    uint8_t prefixes[32];
    unsigned locks = 0, others = 0;

    for (unsigned i = 0; i < s->at; i++) {
        locks += t->bytes[i] == 0xf0;
        if (t->bytes[i] != 0xf0)
            prefixes[others++] = t->bytes[i];
    }
    for (unsigned i = 0; i < s->at; i++)
        set_code(t, s, i, i < locks ? 0xf0 : prefixes[i - locks]);
    if (t->exception && top(t, s) == t->before.reg[MOO_IP])
        set_top(t, s, (uint16_t)(t->before.reg[MOO_IP] + locks));
    t->before.reg[MOO_IP] = (uint16_t)(t->before.reg[MOO_IP] + locks);
    for (unsigned i = 0; i + locks < t->n_bytes; i++)
        t->bytes[i] = t->bytes[i + locks];
    t->n_bytes -= locks;
}

/* In its first word: nothing has been done. */
void later_string_fault(struct moo_test *t, const struct subject *s)
{
    (void)s;
    t->after.reg[MOO_SI] = t->before.reg[MOO_SI];
    t->after.reg[MOO_DI] = t->before.reg[MOO_DI];
    t->after.reg[MOO_CX] = t->before.reg[MOO_CX];
}

/* The handler of 12 instead of 13's; recorded IPs are one behind (a HLT). */
void later_stack_fault(struct moo_test *t, const struct subject *s)
{
    (void)s;
    t->after.reg[MOO_IP] = (uint16_t)(1 + (byte_after(t, 0x30) | byte_after(t, 0x31) << 8));
    t->after.reg[MOO_CS] = (uint16_t)(byte_after(t, 0x32) | byte_after(t, 0x33) << 8);
}
