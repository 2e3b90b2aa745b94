"""Runs a program as the unit would: under its filters of system calls, made from the unit's own lines.

    under_unit.py UNIT PROGRAM [ARGUMENT…]

As systemd does: what SystemCallFilter= does not list fails with EPERM; address families that are not listed
with EAFNOSUPPORT; so do memory that is writable and executable, setuid and setgid bits, namespaces, real-time
scheduling and other personalities. Debian's own Python with python3-seccomp.
"""

import errno
import os
import re
import socket
import subprocess
import sys

import seccomp
from seccomp import ALLOW, ERRNO, EQ, MASKED_EQ, NE, Arg

CLONE_NEW = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
PROT_WRITE, PROT_EXEC = 2, 4
SET_ID_BITS = (0o4000, 0o2000)


def settings(unit):
    """Each key's values, in order."""
    said = {}
    for line in open(unit, encoding="utf-8"):
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            said.setdefault(key, []).append(value)
    return said


def expand(name):
    """The calls of a set, those of sets in it included."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return set().union(*(expand(line) for line in lines if line and not line.startswith("#")))


def allowed(said):
    calls = set()
    for value in said["SystemCallFilter"]:
        named = set().union(*(expand(name) for name in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls


def rule(filter_, error, call, *arguments):
    try:
        filter_.add_rule(ERRNO(error), call, *arguments)
    except RuntimeError:
        pass  # Not a call of this machine.


def families(filter_, said):
    kept = {getattr(socket, name) for name in " ".join(said["RestrictAddressFamilies"]).split()}
    for family in set(range(socket.AF_MAX if hasattr(socket, "AF_MAX") else 46)) - kept:
        rule(filter_, errno.EAFNOSUPPORT, "socket", Arg(0, EQ, family))


def arguments_filter(said):
    """What is denied by a call's arguments."""
    filter_ = seccomp.SyscallFilter(ALLOW)
    families(filter_, said)
    for call in ("mmap", "mmap2"):
        both = PROT_WRITE | PROT_EXEC
        rule(filter_, errno.EPERM, call, Arg(2, MASKED_EQ, both, both))
    for call in ("mprotect", "pkey_mprotect"):
        rule(filter_, errno.EPERM, call, Arg(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    for bit in SET_ID_BITS:
        for call, mode in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("fchmodat2", 2), ("mkdir", 1), ("mkdirat", 2),
                           ("mknod", 1), ("mknodat", 2), ("creat", 1)):
            rule(filter_, errno.EPERM, call, Arg(mode, MASKED_EQ, bit, bit))
        for call, flags, mode in (("open", 1, 2), ("openat", 2, 3)):
            rule(filter_, errno.EPERM, call, Arg(flags, MASKED_EQ, os.O_CREAT, os.O_CREAT), Arg(mode, MASKED_EQ, bit, bit))
    for bit in (1 << shift for shift in range(32) if CLONE_NEW >> shift & 1):
        for call in ("clone", "unshare"):
            rule(filter_, errno.EPERM, call, Arg(0, MASKED_EQ, bit, bit))
    rule(filter_, errno.EPERM, "setns")
    # Its flags can't be looked at: the C library takes clone instead.
    rule(filter_, errno.ENOSYS, "clone3")
    for policy in (1, 2, 6):
        rule(filter_, errno.EPERM, "sched_setscheduler", Arg(1, EQ, policy))
    rule(filter_, errno.EPERM, "personality", Arg(0, NE, 0))
    return filter_


def calls_filter(said):
    error = getattr(errno, said["SystemCallErrorNumber"][-1])
    filter_ = seccomp.SyscallFilter(ERRNO(error))
    for call in allowed(said):
        try:
            filter_.add_rule(ALLOW, call)
        except RuntimeError:
            pass  # Not a call of this machine.
    return filter_


def main():
    unit, program = sys.argv[1], sys.argv[2:]
    if program == ["--list"]:
        print("\n".join(sorted(allowed(settings(unit)))))
        return
    said = settings(unit)
    # The list last: it forbids nothing that making the other takes.
    filters = [arguments_filter(said), calls_filter(said)]
    for filter_ in filters:
        filter_.load()
    os.execv(program[0], program)


main()
