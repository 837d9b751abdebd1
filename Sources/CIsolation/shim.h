// What Swift cannot call to put a process apart: fork, control messages (macros), and the system
// calls of Linux that confine a process, for which the C library has no functions.
#ifndef UNIVERSALITY_CISOLATION_SHIM_H
#define UNIVERSALITY_CISOLATION_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Safe here because the caller has one thread.
static inline pid_t ui_fork(void) { return fork(); }

static inline int ui_was_signalled(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

// Limits whose names have different types on different systems.
static inline void ui_limit(int resource, uint64_t value) {
  struct rlimit limit = {(rlim_t)value, (rlim_t)value};
  setrlimit(resource, &limit);
}
static inline void ui_limit_memory(uint64_t data, uint64_t addresses) {
#if defined(__linux__)
  ui_limit(RLIMIT_DATA, data);
  ui_limit(RLIMIT_AS, addresses);
#else
  (void)data, (void)addresses;
#endif
}
static inline void ui_limit_core_and_files(void) {
  ui_limit(RLIMIT_CORE, 0);
  ui_limit(RLIMIT_FSIZE, 0);
}
static inline void ui_limit_seconds_and_descriptors(uint64_t seconds) {
  ui_limit(RLIMIT_CPU, seconds);
  ui_limit(RLIMIT_NOFILE, 0);
}

// A pair of connected sockets that programs started later do not inherit.
static inline int ui_socket_pair(int pair[2]) {
#if defined(__linux__)
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
#else
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return -1;
  for (int i = 0; i < 2; i += 1) {
    int yes = 1;
    fcntl(pair[i], F_SETFD, FD_CLOEXEC);
    setsockopt(pair[i], SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
  }
  return 0;
#endif
}

// Sends bytes without the signal that a closed socket raises.
static inline ssize_t ui_send(int socket, const void *bytes, size_t count) {
#if defined(__linux__)
  return send(socket, bytes, count, MSG_NOSIGNAL);
#else
  return send(socket, bytes, count, 0);
#endif
}

// Sends a few bytes with two open files.
static inline ssize_t ui_send_files(int socket, const void *bytes, size_t count, int first,
                                    int second) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(2 * sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec vector = {(void *)bytes, count};
  struct msghdr message = {0};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.space;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  int files[2] = {first, second};
  memcpy(CMSG_DATA(header), files, sizeof files);
#if defined(__linux__)
  return sendmsg(socket, &message, MSG_NOSIGNAL);
#else
  return sendmsg(socket, &message, 0);
#endif
}

// Receives exactly `count` bytes and the two open files that came with them, or -1 for each.
static inline ssize_t ui_receive_files(int socket, void *bytes, size_t count, int files[2]) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(2 * sizeof(int))];
  } control;
  struct iovec vector = {bytes, count};
  struct msghdr message = {0};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.space;
  files[0] = files[1] = -1;
  ssize_t received;
  do {
    received = recvmsg(socket, &message, MSG_WAITALL);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return received;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(2 * sizeof(int)))
    memcpy(files, CMSG_DATA(header), 2 * sizeof(int));
  return received;
}

#if defined(__linux__)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

// No new privileges, no tracing by others, no core files.
static inline void ui_renounce_privileges(void) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// Death when the parent dies.
static inline void ui_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

// Forbids the process and its children to open any file or TCP connection (Landlock, from kernel
// 5.13 on). Files that are open stay open. Returns the version of Landlock, or 0 if there is none.
static inline int ui_forbid_files(void) {
  // Numbers that all architectures share: landlock_create_ruleset, landlock_restrict_self.
  long version = syscall(444, NULL, 0, 1);
  if (version < 1) return 0;
  struct {
    uint64_t files, network, scopes;
  } handled;
  // All rights that each version knows (linux/landlock.h); what is handled and not granted is denied.
  int rights = version < 2 ? 13 : version < 3 ? 14 : version < 5 ? 15 : 16;
  handled.files = ((uint64_t)1 << rights) - 1;
  handled.network = 3;
  handled.scopes = 3;
  size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  long rules = syscall(444, &handled, size, 0);
  if (rules < 0) return 0;
  long status = syscall(446, (int)rules, 0);
  close((int)rules);
  return status == 0 ? (int)version : 0;
}

#if defined(__x86_64__)
#define UI_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define UI_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// Whether the kernel can filter system calls and this program knows the machine's numbers.
static inline int ui_can_filter_calls(void) {
#if defined(UI_ARCHITECTURE)
  uint32_t action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#else
  return 0;
#endif
}

// From here on only the calls that computing and reading open files need; all others fail with
// EPERM: no opening, no sockets, no processes, no executable memory. Returns 0 on success.
static inline int ui_filter_calls(void) {
#if defined(UI_ARCHITECTURE)
#define UI_LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UI_RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define UI_ALLOW(call) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), UI_RETURN(SECCOMP_RET_ALLOW)
  struct sock_filter program[] = {
      UI_LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UI_ARCHITECTURE, 1, 0),
      UI_RETURN(SECCOMP_RET_KILL_PROCESS),
      UI_LOAD(nr),
      UI_ALLOW(read), UI_ALLOW(sendto), UI_ALLOW(pread64), UI_ALLOW(close), UI_ALLOW(lseek),
      UI_ALLOW(munmap), UI_ALLOW(brk), UI_ALLOW(mremap), UI_ALLOW(madvise), UI_ALLOW(futex),
      UI_ALLOW(exit), UI_ALLOW(exit_group), UI_ALLOW(rt_sigreturn), UI_ALLOW(rt_sigprocmask),
      UI_ALLOW(getpid), UI_ALLOW(gettid), UI_ALLOW(clock_gettime), UI_ALLOW(gettimeofday),
      UI_ALLOW(getrandom), UI_ALLOW(sched_yield), UI_ALLOW(restart_syscall),
      // Memory that is not executable (the third argument is the protection).
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 4),
      UI_LOAD(args[2]),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4 /* PROT_EXEC */, 1, 0),
      UI_RETURN(SECCOMP_RET_ALLOW),
      UI_RETURN(SECCOMP_RET_ERRNO | EPERM),
      // Signals to itself, for abort().
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
      UI_LOAD(args[0]),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
      UI_RETURN(SECCOMP_RET_ALLOW),
      UI_RETURN(SECCOMP_RET_ERRNO | EPERM),
  };
#undef UI_LOAD
#undef UI_RETURN
#undef UI_ALLOW
  struct sock_fprog filter = {(unsigned short)(sizeof program / sizeof program[0]), program};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
#else
  return -1;
#endif
}
#else
static inline void ui_renounce_privileges(void) {}
static inline void ui_die_with_parent(void) {}
static inline int ui_forbid_files(void) { return 0; }
static inline int ui_can_filter_calls(void) { return 0; }
static inline int ui_filter_calls(void) { return -1; }
#endif

#endif
