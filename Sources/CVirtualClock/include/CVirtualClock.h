#ifndef CVIRTUALCLOCK_H
#define CVIRTUALCLOCK_H

#include <stdbool.h>
#include <stdint.h>

/// The clocks that a thread sees while it runs a simulation. The simulation owns the structure and updates it in place, so that
/// moving virtual time costs one store and reading it one thread-local load.
struct virtual_clock {
    /// Nanoseconds since the start of the simulation: CLOCK_BOOTTIME, which keeps running while a host sleeps.
    int64_t elapsed_ns;
    /// What the running host has slept: CLOCK_MONOTONIC is `elapsed_ns - slept_ns`.
    int64_t slept_ns;
    /// CLOCK_REALTIME is `elapsed_ns + wall_offset_ns`, in Unix nanoseconds.
    int64_t wall_offset_ns;
};

/// What this thread simulates: the clock that `clock_gettime`, `gettimeofday` and `time` answer from, and an opaque reference to the
/// simulation. Both are null on a thread that runs no simulation; time is then the operating system's.
struct virtual_thread {
    struct virtual_clock *clock;
    void *simulation;
};

/// The record of the calling thread. Not cached across suspension points: a Swift task may move to another thread.
struct virtual_thread virtual_thread_get(void);

/// Replaces the record of the calling thread and returns the previous one, to be restored by the caller.
struct virtual_thread virtual_thread_exchange(struct virtual_thread replacement);

#endif
