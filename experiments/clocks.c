/* The clocks of one process, moved by a file: preloaded into it, it takes the place of the kernel's own
 * functions in the process's copy of the vdso. Whoever does not ask libc, like rustix, asks these too.
 *
 * The file is two offsets in nanoseconds, of the wall clock and of the boot clock, and how often each was
 * read. The monotonic clock stays as it is. x86-64 only.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L

static struct { int64_t offset[2], reads[2]; } *moved;

static int read_clock(clockid_t clock, struct timespec *at)
{
    long answer;
    /* libc's syscall() would set errno. */
    __asm__ volatile("syscall" : "=a"(answer) : "0"((long)SYS_clock_gettime), "D"((long)clock), "S"(at)
                     : "rcx", "r11", "memory");
    int wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (answer == 0 && (wall || clock == CLOCK_BOOTTIME)) {
        int which = wall ? 0 : 1;
        __atomic_add_fetch(&moved->reads[which], 1, __ATOMIC_RELAXED);
        int64_t offset = __atomic_load_n(&moved->offset[which], __ATOMIC_RELAXED);
        int64_t nanoseconds = at->tv_sec * SECOND + at->tv_nsec + offset;
        at->tv_sec = nanoseconds / SECOND;
        at->tv_nsec = nanoseconds % SECOND;
    }
    return answer;
}

static int read_timeval(struct timeval *at, struct timezone *zone)
{
    struct timespec now;
    read_clock(CLOCK_REALTIME, &now);
    if (zone)
        *zone = (struct timezone){0};
    if (at)
        *at = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

static time_t read_seconds(time_t *at)
{
    struct timespec now;
    read_clock(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

/* As a debugger sets a breakpoint: through /proc/self/mem the pages need not be writable. */
static void replace(void *vdso, const char *name, void *by)
{
    unsigned char jump[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* mov rax, by; jmp rax */
    void *function = dlsym(vdso, name);
    int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    memcpy(jump + 2, &by, sizeof by);
    if (!function || memory < 0 || pwrite(memory, jump, sizeof jump, (off_t)function) != sizeof jump)
        abort();
    close(memory);
}

__attribute__((constructor)) static void begin(void)
{
    int file = open(getenv("MOVED_CLOCKS"), O_RDWR | O_CLOEXEC);
    void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
    moved = mmap(NULL, sizeof *moved, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (!vdso || moved == MAP_FAILED)
        abort();
    replace(vdso, "__vdso_clock_gettime", read_clock);
    replace(vdso, "__vdso_gettimeofday", read_timeval);
    replace(vdso, "__vdso_time", read_seconds);
}
