/* tty.c - the terminal in raw mode, given back whatever ends the program.
 * Not modelled on anything; it keeps the one pointer a signal handler needs. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/chr.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
    int            fd;
    volatile bool  raw;
    struct termios before, during;
    const char    *farewell;
} tty = { .fd = -1 };

int tty_raw(int fd, struct vm_error *e)
{
    if (!isatty(fd))
        return VM_OK;
    if (tty.raw)
        return vm_fail(e, VM_EBUSY, "the terminal is in use already");
    if (tcgetattr(fd, &tty.before) < 0)
        return vm_fail(e, VM_EIO, "the terminal's mode cannot be read: %s", strerror(errno));
    tty.during = tty.before;
    tty.during.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL |
                                      IXON);
    tty.during.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    tty.during.c_cflag = (tty.during.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    tty.during.c_cc[VMIN] = 1;
    tty.during.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSANOW, &tty.during) < 0)
        return vm_fail(e, VM_EIO, "the terminal's mode cannot be set: %s", strerror(errno));
    if (tty.fd < 0)
        atexit(tty_restore);
    tty.fd = fd;
    tty.raw = true;
    return VM_OK;
}

void tty_restore(void)
{
    if (!tty.raw)
        return;
    tty.raw = false;
    if (tty.farewell && write(STDOUT_FILENO, tty.farewell, strlen(tty.farewell)) < 0)
        tty.farewell = NULL;         /* the terminal has gone: there is nobody to tell */
    tcsetattr(tty.fd, TCSANOW, &tty.before);
}

void tty_farewell(const char *bytes)
{
    tty.farewell = bytes;
}

void tty_again(void)
{
    if (tty.raw)
        tcsetattr(tty.fd, TCSANOW, &tty.during);
}
