//! Memory that was freed goes back to the system. Not how much is used: that is bounded elsewhere.

/// Gives back what the C library's allocator keeps of freed memory, of all threads: after a load
/// that is more than the idle program needs, and it comes back by itself only from a heap's end.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the C library's own call for this has no safe wrapper")]
pub(super) fn give_back() {
    // SAFETY: it takes no pointer, may be called at any time from any thread, and frees nothing
    // that is in use.
    unsafe { libc::malloc_trim(0) };
}

/// Other C libraries give back by themselves, or not at all.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}
