/* chr_socket.c - a Unix or TCP socket, as client or as server of one peer at a time.
 * Host names are not looked up: a statically linked program cannot ask the name services. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devmodel/host/chr_priv.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union any_addr { struct sockaddr sa; struct sockaddr_un un; struct sockaddr_in in;
                 struct sockaddr_in6 in6; };

struct chr_socket {
    struct chr_fd fd;                /* in = out = the peer, -1 while there is none */
    int  listener;                   /* -1 as client */
    char path[108];                  /* of a Unix server's socket, removed at the end; or "" */
};

static void drop_peer(struct chr_socket *s)
{
    chr_fd_stop(&s->fd);
    if (s->fd.out >= 0)
        close(s->fd.out);
    s->fd.in = s->fd.out = -1;
}

static void on_hangup(struct chr_fd *f)
{
    drop_peer((struct chr_socket *)f);
}

static int take_peer(struct chr_socket *s, int fd, struct vm_error *e)
{
    int one = 1;

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    s->fd.in = s->fd.out = fd;
    return chr_fd_start(&s->fd, e);
}

static void on_knock(void *opaque, short revents)
{
    struct chr_socket *s = opaque;
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

    (void)revents;
    if (fd < 0)
        return;
    if (s->fd.out >= 0 || take_peer(s, fd, NULL) < 0) {
        close(fd);                   /* one peer at a time */
        if (s->fd.out == fd)
            s->fd.in = s->fd.out = -1;
    }
}

static size_t socket_write(void *self, const uint8_t *p, size_t n)
{
    struct chr_socket *s = self;

    return chr_fd_write(&s->fd, p, n);
}

static void socket_close(void *self)
{
    struct chr_socket *s = self;

    drop_peer(s);
    if (s->listener >= 0) {
        loop_del_fd(s->fd.loop, s->listener);
        close(s->listener);
    }
    if (s->path[0])
        unlink(s->path);
    free(s);
}

static const struct chr_ops socket_ops = { socket_write, socket_close };

static int serve(struct chr_socket *s, int fd, const union any_addr *a, socklen_t len, bool wait,
                 const char *args, struct vm_error *e)
{
    int one = 1;
    struct stat st;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->sa.sa_family == AF_UNIX && stat(a->un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(a->un.sun_path);
    s->listener = fd;
    if (bind(fd, &a->sa, len) < 0 || listen(fd, 1) < 0)
        return vm_fail(e, VM_EIO, "nobody can connect to '%.120s': %s", args, strerror(errno));
    if (a->sa.sa_family == AF_UNIX)
        snprintf(s->path, sizeof s->path, "%s", a->un.sun_path);
    if (wait) {
        fprintf(stderr, "godwit: waiting for a connection to %s\n", args);
        int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (peer < 0)
            return vm_fail(e, VM_EIO, "no connection to '%.120s': %s", args, strerror(errno));
        VM_TRY(take_peer(s, peer, e));
    }
    return loop_add_fd(s->fd.loop, fd, POLLIN, on_knock, s, e);
}

static bool is_on(const char *args, const char *name)
{
    char v[8];

    return host_arg(args, name, v, sizeof v) && strcmp(v, "off") != 0 && strcmp(v, "no") != 0;
}

static int open_at(const struct host_env *h, const char *args, const union any_addr *a,
                   socklen_t len, struct chr *out, struct vm_error *e)
{
    char v[8];
    bool server = is_on(args, "server");
    bool wait = !is_on(args, "nowait") && !(host_arg(args, "wait", v, sizeof v) &&
                                            !is_on(args, "wait"));
    struct chr_socket *s = calloc(1, sizeof *s);
    int rc, fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (!s || fd < 0) {
        if (fd >= 0)
            close(fd);
        free(s);
        return vm_fail(e, VM_EIO, "no socket can be had: %s", strerror(errno));
    }
    s->fd = (struct chr_fd){ .chr = out, .loop = h->loop, .in = -1, .out = -1,
                             .hangup = on_hangup };
    s->listener = -1;
    if (server) {
        rc = serve(s, fd, a, len, wait, args, e);
    } else if (connect(fd, &a->sa, len) < 0) {
        rc = vm_fail(e, VM_EIO, "'%.120s' does not answer: %s (',server' waits for others to "
                     "connect)", args, strerror(errno));
        close(fd);
    } else {
        rc = take_peer(s, fd, e);
    }
    if (rc < 0) {
        socket_close(s);
        return rc;
    }
    out->ops = &socket_ops;
    out->self = s;
    return VM_OK;
}

static const char *const known[] = { "server", "nowait", "wait", NULL };

int chr_unix_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    union any_addr a = { .un.sun_family = AF_UNIX };

    VM_TRY(host_args_check("unix", args, known, e));
    if (!host_arg(args, NULL, a.un.sun_path, sizeof a.un.sun_path))
        return vm_fail(e, VM_EINVAL, "unix: needs a name, unix:PATH[,server][,nowait]");
    if (strlen(a.un.sun_path) == sizeof a.un.sun_path - 1)
        return vm_fail(e, VM_EINVAL, "unix:'%.60s...': a socket's name has at most %zu bytes",
                       a.un.sun_path, sizeof a.un.sun_path - 2);
    return open_at(h, args, &a, sizeof a.un, out, e);
}

static bool read_host(const char *host, unsigned port, union any_addr *a, socklen_t *len)
{
    *a = (union any_addr){ .in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) } };
    *len = sizeof a->in;
    if (!*host) {
        a->in.sin_addr.s_addr = htonl(INADDR_ANY);
        return true;
    }
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1)
        return true;
    *a = (union any_addr){ .in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) } };
    *len = sizeof a->in6;
    return inet_pton(AF_INET6, host, &a->in6.sin6_addr) == 1;
}

int chr_tcp_open(const struct host_env *h, const char *args, struct chr *out, struct vm_error *e)
{
    char text[128], *host = text, *port, *end;
    union any_addr a;
    socklen_t len;

    VM_TRY(host_args_check("tcp", args, known, e));
    if (!host_arg(args, NULL, text, sizeof text) || !(port = strrchr(text, ':')))
        return vm_fail(e, VM_EINVAL, "tcp: needs an address and a port, tcp:HOST:PORT[,server]"
                       "[,nowait]");
    *port++ = 0;
    long n = strtol(port, &end, 10);

    if (end == port || *end || n < 1 || n > 65535)
        return vm_fail(e, VM_EINVAL, "tcp: a port is a number from 1 to 65535, not '%.40s'", port);
    if (*host == '[' && host[strlen(host) - 1] == ']') {
        host[strlen(host) - 1] = 0;
        host++;
    }
    if (!read_host(host, (unsigned)n, &a, &len))
        return vm_fail(e, VM_EINVAL, "tcp: '%.80s' is no address; names other than localhost are "
                       "not looked up, write 192.0.2.1 or [2001:db8::1]", host);
    return open_at(h, args, &a, len, out, e);
}
