// notify.h: telling whoever started the daemon how it is: systemd's readiness protocol (sd_notify:
// a datagram to NOTIFY_SOCKET) and a line on a descriptor for scripts and tests.
#ifndef OBOL_SERVER_NOTIFY_H
#define OBOL_SERVER_NOTIFY_H

#include "base/slice.h"

// notify_manager sends "READY=1" and the like; nothing happens without NOTIFY_SOCKET.
void notify_manager(const char *state);
// notify_line writes the line to fd and closes it; fd -1: nothing.
void notify_line(int fd, struct slice line);

#endif
