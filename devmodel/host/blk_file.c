/* blk_file.c - raw disk images: a file or block device, its bytes the disk's bytes.
 * The last part of a sector that the file does not have reads as zeros; writing it makes the
 * file longer. Leaves out: holes made by discard. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "devmodel/host/host.h"
#include "devmodel/host/image.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct image_file {
    struct image im;
    int fd;
};

static int file_read(struct image *im, uint64_t off, void *buf, size_t len)
{
    int fd = ((struct image_file *)im)->fd;
    uint8_t *p = buf;

    while (len) {
        ssize_t n = pread(fd, p, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return VM_EIO;
        if (n == 0) {                /* behind the file's last byte */
            memset(p, 0, len);
            return VM_OK;
        }
        p += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return VM_OK;
}

static int file_write(struct image *im, uint64_t off, const void *buf, size_t len)
{
    int fd = ((struct image_file *)im)->fd;
    const uint8_t *p = buf;

    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VM_EIO;
        p += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return VM_OK;
}

static int file_flush(struct image *im)
{
    int rc;

    do
        rc = fdatasync(((struct image_file *)im)->fd);
    while (rc < 0 && errno == EINTR);
    return rc < 0 && errno != EINVAL && errno != EROFS ? VM_EIO : VM_OK;
}

static void file_close(struct image *im)
{
    struct image_file *f = (struct image_file *)im;

    close(f->fd);                    /* drops the lock */
    free(f);
}

static const struct image_ops file_ops = { file_read, file_write, file_flush, file_close };

/* One writer and no reader, or any number of readers. A file system without locks is let pass. */
static int lock_file(int fd, const char *path, bool read_only, struct vm_error *e)
{
    struct flock l = { .l_type = read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

    if (fcntl(fd, F_OFD_SETLK, &l) == 0 || (errno != EAGAIN && errno != EACCES))
        return VM_OK;
    if (read_only)
        return vm_fail(e, VM_EBUSY, "disk image '%s' is being written by another process; "
                       "stop that one first", path);
    return vm_fail(e, VM_EBUSY, "disk image '%s' is in use by another process; stop that one, "
                   "or open the image read-only in both (ro, snapshot)", path);
}

static int open_file(const char *path, bool read_only, int *fd, struct vm_error *e)
{
    *fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (*fd >= 0)
        return VM_OK;
    if (errno == ENOENT)
        return vm_fail(e, VM_ENOENT, "disk image '%s' does not exist", path);
    if (!read_only && (errno == EACCES || errno == EROFS || errno == EPERM))
        return vm_fail(e, VM_EIO, "disk image '%s' may not be written: %s; add ',ro' to open it "
                       "read-only", path, strerror(errno));
    return vm_fail(e, VM_EIO, "cannot open disk image '%s': %s", path, strerror(errno));
}

static int measure(int fd, const char *path, uint64_t *size, struct vm_error *e)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return vm_fail(e, VM_EIO, "cannot examine disk image '%s': %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return vm_fail(e, VM_EINVAL, "disk image '%s' is neither a file nor a block device", path);
    off_t end = lseek(fd, 0, SEEK_END);

    if (end < 0)
        return vm_fail(e, VM_EIO, "cannot tell the size of '%s': %s", path, strerror(errno));
    if (end == 0)
        return vm_fail(e, VM_EINVAL, "disk image '%s' is empty; a disk has at least 512 bytes",
                       path);
    *size = ((uint64_t)end + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
    return VM_OK;
}

int image_file(const char *path, bool read_only, struct image **out, struct vm_error *e)
{
    uint64_t size = 0;
    int fd, rc;

    VM_TRY(open_file(path, read_only, &fd, e));
    if ((rc = measure(fd, path, &size, e)) < 0 || (rc = lock_file(fd, path, read_only, e)) < 0)
        goto out;
    struct image_file *f = calloc(1, sizeof *f);

    if (!f) {
        rc = vm_fail(e, VM_ENOMEM, "no memory to open disk image '%s'", path);
        goto out;
    }
    f->im = (struct image){ &file_ops, size, read_only };
    f->fd = fd;
    *out = &f->im;
    return VM_OK;
out:
    close(fd);
    return rc;
}

int blk_file_open(const struct host_env *h, const char *args, struct blk *out, struct vm_error *e)
{
    static const char *const known[] = { "ro", "snapshot", NULL };
    char path[1024], val[8];
    struct image *im, *top;

    VM_TRY(host_args_check("a disk image", args, known, e));
    if (!host_arg(args, NULL, path, sizeof path))
        return vm_fail(e, VM_EINVAL, "a disk image needs a file name: file:PATH");
    bool ro = host_arg(args, "ro", val, sizeof val);
    bool cow = h->snapshot || host_arg(args, "snapshot", val, sizeof val);

    VM_TRY(image_file(path, ro || cow, &im, e));
    top = im;
    int rc = cow && !ro ? image_cow(im, &top, e) : VM_OK;

    if (rc == VM_OK)
        rc = blk_queue_new(top, h->clock, BLK_LATENCY, out, e);
    if (rc < 0)
        top->ops->close(top);
    return rc;
}
