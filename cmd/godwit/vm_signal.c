/* vm_signal.c - signals: ending the program in order, and the terminal's mode around a stop.
 * Those that ask come through a descriptor of the poll loop; those that kill restore the terminal
 * and kill. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "cmd/godwit/vm.h"
#include "devmodel/core/loop.h"
#include "devmodel/host/display.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int asking[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT };
static const int deadly[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

static void on_deadly(int sig)
{
    tty_restore();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void asking_set(sigset_t *set)
{
    sigemptyset(set);
    for (unsigned i = 0; i < sizeof asking / sizeof asking[0]; i++)
        sigaddset(set, asking[i]);
}

static void stop_and_continue(struct vm *v)
{
    if (v->display_text)
        disp_text_show(&v->display, false);
    tty_restore();
    raise(SIGSTOP);
    tty_again();
    if (v->display_text)
        disp_text_show(&v->display, true);
}

static void on_asking(void *opaque, short revents)
{
    struct vm *v = opaque;
    struct signalfd_siginfo s;

    (void)revents;
    if (read(v->signal_fd, &s, sizeof s) != sizeof s)
        return;
    if (s.ssi_signo == SIGTSTP)
        stop_and_continue(v);
    else if (s.ssi_signo == SIGCONT)
        tty_again();
    else
        machine_request(v->machine, MACHINE_QUIT, VM_SIGNALLED + (int)s.ssi_signo);
}

int vm_signals(struct vm *v, struct vm_error *e)
{
    struct sigaction die = { .sa_handler = on_deadly, .sa_flags = (int)SA_RESETHAND };
    sigset_t set;

    asking_set(&set);
    signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        sigaction(deadly[i], &die, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
    v->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (v->signal_fd < 0)
        return vm_fail(e, VM_EIO, "signals cannot be received: %s", strerror(errno));
    return loop_add_fd(v->env.loop, v->signal_fd, POLLIN, on_asking, v, e);
}

void vm_signals_close(struct vm *v)
{
    if (v->signal_fd < 0)
        return;
    loop_del_fd(v->env.loop, v->signal_fd);
    close(v->signal_fd);
    v->signal_fd = -1;
}
