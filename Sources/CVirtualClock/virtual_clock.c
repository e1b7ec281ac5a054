#define _GNU_SOURCE
#include "CVirtualClock.h"

static _Thread_local struct virtual_thread current_thread;

struct virtual_thread virtual_thread_get(void) {
    return current_thread;
}

struct virtual_thread virtual_thread_exchange(struct virtual_thread replacement) {
    struct virtual_thread previous = current_thread;
    current_thread = replacement;
    return previous;
}

#if defined(__linux__)

// The definitions below take precedence over libc's in the whole process, because the executable comes first in the search order of
// the dynamic linker. Apple platforms bind these names to libSystem (two-level namespace), so there the clock stays the real one.

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_gettime_function)(clockid_t, struct timespec *);

// The C library's own function (which reads the vDSO without a system call), looked up once; racing threads store the same value.
static int real_clock_gettime(clockid_t id, struct timespec *result) {
    static _Atomic(clock_gettime_function) resolved;
    clock_gettime_function function = resolved;
    if (function == NULL) {
        function = (clock_gettime_function)dlsym(RTLD_NEXT, "clock_gettime");
        if (function == NULL) {
            return (int)syscall(SYS_clock_gettime, id, result);
        }
        resolved = function;
    }
    return function(id, result);
}

static struct timespec timespec_from_nanoseconds(int64_t nanoseconds) {
    const int64_t second = 1000000000;
    int64_t seconds = nanoseconds / second;
    int64_t remainder = nanoseconds % second;
    if (remainder < 0) {
        seconds -= 1;
        remainder += second;
    }
    struct timespec value = {.tv_sec = seconds, .tv_nsec = remainder};
    return value;
}

int clock_gettime(clockid_t id, struct timespec *result) {
    const struct virtual_clock *clock = current_thread.clock;
    if (clock == NULL) {
        return real_clock_gettime(id, result);
    }
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *result = timespec_from_nanoseconds(clock->elapsed_ns + clock->wall_offset_ns);
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
        *result = timespec_from_nanoseconds(clock->elapsed_ns - clock->slept_ns);
        return 0;
    case CLOCK_BOOTTIME:
        *result = timespec_from_nanoseconds(clock->elapsed_ns);
        return 0;
    default: // processor time and the like stay real: they measure the simulator, not the simulated
        return real_clock_gettime(id, result);
    }
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    (void)zone;
    struct timespec value;
    if (clock_gettime(CLOCK_REALTIME, &value) != 0) {
        return -1;
    }
    result->tv_sec = value.tv_sec;
    result->tv_usec = value.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec value;
    if (clock_gettime(CLOCK_REALTIME, &value) != 0) {
        return (time_t)-1;
    }
    if (result != NULL) {
        *result = value.tv_sec;
    }
    return value.tv_sec;
}

#endif
