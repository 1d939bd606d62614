/* monitor_priv.h - what the commands of the monitor share. */
/* SPDX-License-Identifier: MIT */
#ifndef GODWIT_MONITOR_PRIV_H
#define GODWIT_MONITOR_PRIV_H
#include "cmd/godwit/monitor.h"
#include "devmodel/core/input.h"
#include "devmodel/core/loop.h"

enum { MON_LINE = 256, MON_IN = 4096, MON_KEYS = 512, MON_WORDS = 8 };

struct mon_key { uint8_t key; bool down; };

struct monitor {
    struct monitor_env env;
    struct chr *chr;
    struct loop *loop;
    bool     echo, greeted, last_cr;
    char     line[MON_LINE];         /* being typed */
    size_t   n_line;
    uint8_t  in[MON_IN];             /* received while a `wait` holds things up */
    size_t   n_in;
    /* keys on their way to the guest */
    struct mon_key keys[MON_KEYS];
    unsigned key_head, n_keys;
    struct loop_tick key_tick;
    /* wait */
    bool     waiting;
    char     wait_text[MON_LINE];
    int64_t  wait_until;             /* host ns */
    struct loop_tick wait_tick;
};

void mon_printf(struct monitor *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct mon_command {
    const char *name, *args, *help;
    void (*run)(struct monitor *m, int n, char **word);      /* word[0] is the name */
};
extern const struct mon_command mon_info_topics[];           /* name NULL ends */

void mon_info_device(struct monitor *m, struct device *d);   /* its state, field by field */
void mon_digest     (struct monitor *m, int n, char **word);
void mon_screendump (struct monitor *m, int n, char **word);
void mon_screen     (struct monitor *m, int n, char **word);
void mon_sendkey    (struct monitor *m, int n, char **word);
void mon_type       (struct monitor *m, int n, char **word);
void mon_wait       (struct monitor *m, int n, char **word);
void mon_x          (struct monitor *m, int n, char **word);

void mon_resume_input(struct monitor *m);                    /* after a wait */
#endif
