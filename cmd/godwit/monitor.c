/* monitor.c - the monitor's line, its table of commands and the short ones among them. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/monitor_priv.h"
#include "devmodel/board/pc.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prompt[] = "(godwit) ";

/* Newlines become CR LF: the terminal is raw, and a bare LF would step down only. */
static void put(struct monitor *m, const char *s, size_t n)
{
    while (n) {
        size_t k = m->chr->ops->write(m->chr->self, (const uint8_t *)s, n);

        if (!k)
            return;                  /* nobody reads there: a monitor must not stall a machine */
        s += k;
        n -= k;
    }
}

void mon_printf(struct monitor *m, const char *fmt, ...)
{
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (const char *s = text; *s; ) {
        size_t n = strcspn(s, "\n");

        put(m, s, n);
        s += n;
        if (*s == '\n') {
            put(m, m->echo ? "\r\n" : "\n", m->echo ? 2 : 1);
            s++;
        }
    }
}

void monitor_prompt(struct monitor *m)
{
    if (!m->greeted)
        mon_printf(m, "godwit monitor; 'help' lists the commands\n");
    m->greeted = true;
    mon_printf(m, "%s", prompt);
}

/* ---- the short commands --------------------------------------------------------------------- */

static void run_help(struct monitor *m, int n, char **word);

static void run_quit(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    machine_request(m->env.machine, MACHINE_QUIT, 0);
}

static void run_stop(struct monitor *m, int n, char **word)
{
    (void)n;
    machine_pause(m->env.machine, word[0][0] == 's');
}

void monitor_press(struct machine *m, struct pc *pc, enum monitor_button b)
{
    switch (b) {
    case BUTTON_RESET: machine_request(m, MACHINE_RESET, 0); break;
    case BUTTON_POWER: if (pc) pc_power_button(pc); break;
    case BUTTON_NMI: if (pc) pc_nmi(pc); break;
    }
}

static void run_button(struct monitor *m, int n, char **word)
{
    enum monitor_button b = strcmp(word[0], "nmi") == 0 ? BUTTON_NMI :
                            strcmp(word[0], "system_reset") == 0 ? BUTTON_RESET : BUTTON_POWER;

    (void)n;
    if (m->env.press)
        m->env.press(m->env.press_self, b);
    else
        monitor_press(m->env.machine, m->env.pc, b);
}

static void run_info(struct monitor *m, int n, char **word)
{
    const struct mon_command *t = mon_info_topics;
    struct device *d = n > 1 ? machine_device(m->env.machine, word[1]) : NULL;

    while (n > 1 && t->name && strcmp(t->name, word[1]) != 0)
        t++;
    if (n > 1 && t->name) {
        t->run(m, n - 1, word + 1);
        return;
    }
    if (d) {
        mon_info_device(m, d);
        return;
    }
    if (n > 1)
        mon_printf(m, "there is no info about '%s'; there is:\n", word[1]);
    for (t = mon_info_topics; t->name; t++)
        mon_printf(m, "info %-12s %s\n", t->name, t->help);
    mon_printf(m, "info %-12s the state of a device ('info devices' lists them)\n", "DEVICE");
}

static const struct mon_command commands[] = {
    { "help", "", "this list", run_help },
    { "info", "[TOPIC]", "shows the state of something; alone it lists the topics", run_info },
    { "stop", "", "the machine stands still", run_stop },
    { "cont", "", "it goes on", run_stop },
    { "system_reset", "", "presses the reset button", run_button },
    { "system_powerdown", "", "presses the power button", run_button },
    { "nmi", "", "presses the NMI button", run_button },
    { "quit", "", "ends the program", run_quit },
    { "sendkey", "KEY[-KEY...]", "presses keys together, ctrl-alt-delete for instance",
      mon_sendkey },
    { "type", "TEXT", "types a text; \\n is Enter", mon_type },
    { "screendump", "FILE", "a picture of the screen; the name ends in .png or .ppm",
      mon_screendump },
    { "screen", "", "the text on the screen, and a line about its picture", mon_screen },
    { "wait", "SECONDS TEXT", "holds further commands until the text is on the screen", mon_wait },
    { "x", "[/COUNTFORMATSIZE] ADDRESS", "memory at a linear address: formats x u d o c i "
      "(instructions), sizes b h w g", mon_x },
    { "xp", "[/COUNTFORMATSIZE] ADDRESS", "the same at a physical address", mon_x },
    { "digest", "", "a checksum of the whole machine's state", mon_digest },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void run_help(struct monitor *m, int n, char **word)
{
    (void)n;
    (void)word;
    for (unsigned i = 0; i < N_COMMANDS; i++) {
        char head[64];

        snprintf(head, sizeof head, "%s %s", commands[i].name, commands[i].args);
        mon_printf(m, "%-32s %s\n", head, commands[i].help);
    }
}

/* ---- the line ------------------------------------------------------------------------------- */

static const struct mon_command *find(const char *word)
{
    for (unsigned i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, word) == 0)
            return &commands[i];
    }
    if (strncmp(word, "x/", 2) == 0)
        return find("x");
    if (strncmp(word, "xp/", 3) == 0)
        return find("xp");
    return strcmp(word, "q") == 0 ? find("quit") : NULL;
}

/* The last word of `type` and `wait` is the rest of the line. */
static int split(char *line, char **word)
{
    int n = 0, most = MON_WORDS;

    for (char *s = line; n < most; ) {
        s += strspn(s, " \t");
        if (!*s)
            break;
        word[n++] = s;
        if (n == 1)
            most = strncmp(s, "type ", 5) == 0 ? 2 : strncmp(s, "wait ", 5) == 0 ? 3 : most;
        if (n == most && most != MON_WORDS)
            break;
        s += strcspn(s, " \t");
        if (*s)
            *s++ = 0;
    }
    return n;
}

void monitor_line(struct monitor *m, const char *line)
{
    char text[MON_LINE], *word[MON_WORDS];

    snprintf(text, sizeof text, "%s", line);
    int n = split(text, word);

    if (n) {
        const struct mon_command *c = find(word[0]);

        if (c)
            c->run(m, n, word);
        else
            mon_printf(m, "there is no command '%s'; 'help' lists them\n", word[0]);
    }
}

static void erase(struct monitor *m, size_t n)
{
    while (n-- && m->n_line) {
        m->n_line--;
        if (m->echo)
            mon_printf(m, "\b \b");
    }
}

static void end_of_line(struct monitor *m)
{
    m->line[m->n_line] = 0;
    m->n_line = 0;
    if (m->echo)
        mon_printf(m, "\n");
    monitor_line(m, m->line);
    if (!m->waiting)
        monitor_prompt(m);
}

static void typed(struct monitor *m, uint8_t c)
{
    bool lf_of_crlf = c == '\n' && m->last_cr;

    m->last_cr = c == '\r';
    if (lf_of_crlf)
        return;
    if (c == '\r' || c == '\n') {
        end_of_line(m);
    } else if (c == 0x7f || c == '\b') {
        erase(m, 1);
    } else if (c == 0x15 || c == 0x03) {             /* Ctrl-U, Ctrl-C */
        erase(m, m->n_line);
    } else if (c >= ' ' && m->n_line + 1 < MON_LINE) {
        m->line[m->n_line++] = (char)c;
        if (m->echo)
            put(m, (const char *)&c, 1);
    }
}

void mon_resume_input(struct monitor *m)
{
    size_t i = 0;

    while (i < m->n_in && !m->waiting)
        typed(m, m->in[i++]);
    memmove(m->in, m->in + i, m->n_in - i);
    m->n_in -= i;
}

static size_t rx_room(void *dev)
{
    const struct monitor *m = dev;

    return MON_IN - m->n_in;
}

static void rx(void *dev, const uint8_t *p, size_t n)
{
    struct monitor *m = dev;

    if (!m->greeted)
        monitor_prompt(m);
    memcpy(m->in + m->n_in, p, n);
    m->n_in += n;
    mon_resume_input(m);
}

int monitor_new(struct monitor **out, const struct monitor_env *env, struct chr *chr, bool echo,
                struct vm_error *e)
{
    struct monitor *m = calloc(1, sizeof *m);

    if (!m)
        return vm_fail(e, VM_ENOMEM, "no memory for the monitor");
    m->env = *env;
    m->chr = chr;
    m->echo = echo;
    m->loop = machine_loop(env->machine);
    chr->rx_room = rx_room;
    chr->rx = rx;
    chr->dev = m;
    *out = m;
    return VM_OK;
}

void monitor_free(struct monitor *m)
{
    if (!m)
        return;
    loop_stop_tick(m->loop, &m->key_tick);
    loop_stop_tick(m->loop, &m->wait_tick);
    m->chr->rx_room = NULL;
    m->chr->rx = NULL;
    free(m);
}
